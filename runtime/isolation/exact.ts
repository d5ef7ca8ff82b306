/**
 * Which values a structured clone carries exactly. Everything else would arrive as something else: a class instance as
 * a plain object, a Buffer as a Uint8Array, a frozen object thawed, a getter as its value.
 */
import { isRegular } from '../state/properties.js';
import * as slots from '../state/slots.js';

/** What a value leads to, and the first thing in it, if any, that cannot be carried. */
export interface Survey {
  readonly objects: ReadonlySet<object>;
  readonly obstacle: { readonly path: string; readonly what: string } | undefined;
}

/** A structured clone recurses, and may run out of stack; so do those that read it. */
const DEEPEST = 1000;

interface Step {
  readonly value: unknown;
  readonly depth: number;
  readonly from: Step | undefined;
  readonly name: string;
}

/** Looks through everything that a value leads to; `where` is its name in messages. */
export function survey(where: string, value: unknown): Survey {
  const objects = new Set<object>();
  let obstacle: Survey['obstacle'];
  const queue: Step[] = [{ value, depth: 0, from: undefined, name: where }];
  // A queue instead of recursion: state may be a list of any length.
  for (const step of queue) {
    const what = primitiveObstacle(step.value);
    if (what !== undefined) obstacle ??= { path: pathOf(step), what };
    if (typeof step.value !== 'object' || step.value === null || objects.has(step.value)) continue;
    objects.add(step.value);
    const unlike = step.depth < DEEPEST ? objectObstacle(step.value) : `more than ${DEEPEST} levels deep`;
    if (unlike !== undefined) obstacle ??= { path: pathOf(step), what: unlike };
    forEachChild(step.value, (child, name) => {
      // Numbers and the like lead nowhere: most of what state holds is of that kind.
      if (typeof child === 'object' ? child !== null : typeof child === 'function' || typeof child === 'symbol')
        queue.push({ value: child, depth: step.depth + 1, from: step, name });
    });
  }
  return { objects, obstacle };
}

function pathOf(last: Step): string {
  const names: string[] = [];
  for (let step: Step | undefined = last; step; step = step.from) names.push(step.name);
  return names.toReversed().join('');
}

function primitiveObstacle(value: unknown): string | undefined {
  if (typeof value === 'function') return 'a function';
  return typeof value === 'symbol' ? 'a symbol' : undefined;
}

/** The kinds whose instances have no own properties, and how to know them. */
const BARE: readonly (readonly [object, (value: object) => boolean])[] = [
  [Map.prototype, slots.isMap],
  [Set.prototype, slots.isSet],
  [Date.prototype, slots.isDate],
  [ArrayBuffer.prototype, slots.isArrayBuffer],
];

function objectObstacle(value: object): string | undefined {
  const prototype = Reflect.getPrototypeOf(value);
  if (Array.isArray(value)) {
    return prototype === Array.prototype && isRegular(value)
      ? undefined
      : 'an array of a class of its own, frozen, with holes or with other properties';
  }
  if (ArrayBuffer.isView(value)) return viewObstacle(value, prototype);
  if (prototype === Object.prototype)
    return isPlain(value) ? undefined : 'an object with accessors, symbols or frozen properties';
  for (const [bare, owns] of BARE) {
    if (prototype !== bare || !owns(value)) continue;
    if ('resizable' in value && value.resizable) return 'a resizable ArrayBuffer';
    return Object.isExtensible(value) && Reflect.ownKeys(value).length === 0
      ? undefined
      : `a ${slots.nameOfBrand(value)} that is frozen or has properties of its own`;
  }
  if (prototype === RegExp.prototype && slots.isRegExp(value)) {
    const unused =
      Reflect.ownKeys(value).length === 1 && (value as RegExp).lastIndex === 0 && Object.isExtensible(value);
    return unused ? undefined : 'a RegExp that is in use, frozen or has properties of its own';
  }
  const { name } = (prototype === null ? undefined : (prototype.constructor as { name?: unknown })) ?? {};
  return prototype === null ? 'an object without a prototype' : `an object of the class ${String(name)}`;
}

function viewObstacle(view: ArrayBufferView, prototype: object | null): string | undefined {
  const name = slots.typedArrayName(view) ?? 'DataView';
  const known = (globalThis as unknown as Record<string, { prototype?: object } | undefined>)[name]?.prototype;
  if (prototype !== known) return `a ${(prototype?.constructor as { name?: string } | undefined)?.name ?? name}`;
  const buffer = slots.bufferOf(view);
  return slots.isArrayBuffer(buffer) ? undefined : `a ${name} of bytes that are shared or detached`;
}

/** Every property is as an assignment creates it, and named by a string. */
function isPlain(value: object): boolean {
  if (!Object.isExtensible(value)) return false;
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') return false;
    const property = Reflect.getOwnPropertyDescriptor(value, key)!;
    if (property.writable !== true || property.enumerable !== true || property.configurable !== true) return false;
  }
  return true;
}

/** Shows what an object refers to, with the name of the way there. */
function forEachChild(value: object, see: (child: unknown, name: string) => void): void {
  if (ArrayBuffer.isView(value)) {
    see(slots.bufferOf(value), '.buffer');
    return;
  }
  if (slots.isArrayBuffer(value)) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) see(value[index], `[${index}]`);
    return;
  }
  const prototype = Reflect.getPrototypeOf(value);
  if (prototype === Object.prototype) {
    for (const key in value) see((Reflect.getOwnPropertyDescriptor(value, key) as PropertyDescriptor).value, `.${key}`);
    return;
  }
  if (slots.isMap(value)) {
    slots.mapEach(value as Map<unknown, unknown>, (entry, key) => {
      const name = typeof key === 'string' || typeof key === 'number' ? key : '…';
      see(key, `.keys(${name})`);
      see(entry, `.get(${name})`);
    });
  } else if (slots.isSet(value)) {
    slots.setEach(value as Set<unknown>, (member) => see(member, '.values()'));
  }
  for (const key of Reflect.ownKeys(value)) see(Reflect.getOwnPropertyDescriptor(value, key)?.value, `.${String(key)}`);
}
