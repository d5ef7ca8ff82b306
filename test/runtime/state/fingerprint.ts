/**
 * The canonical form of an object graph, written without a look at the implementation: objects are numbered in the
 * order of a depth-first walk, and each is described by brand, prototype, extensibility, keys in order, descriptors
 * and slots. Two graphs are isomorphic, aliasing included, exactly if their fingerprints are equal. A label given to
 * an object is part of the fingerprint, so that identity can be compared too.
 */
import { types } from 'node:util';

type Bytes = ArrayBuffer & { resizable?: boolean; maxByteLength?: number; resize?(size: number): void };

export type Labels = ReadonlyMap<object, string>;

export function fingerprint(roots: readonly unknown[], labels: Labels = new Map()): string[] {
  const numbers = new Map<object, number>();
  const lines: string[] = [];

  const name = (value: unknown): string => {
    if (typeof value === 'symbol') return labelOfIdentity(value);
    if (typeof value === 'function') return labelOfIdentity(value);
    if (typeof value !== 'object' || value === null) return `${typeof value} ${show(value)}`;
    const known = numbers.get(value);
    if (known !== undefined) return `#${known}`;
    const number = numbers.size;
    numbers.set(value, number);
    const at = lines.push('') - 1;
    const label = labels.get(value);
    lines[at] = [`#${number}${label === undefined ? '' : ` (${label})`}`, ...describeObject(value)].join('\n  ');
    return `#${number}`;
  };

  const describeObject = (value: object): string[] => [
    `prototype ${labelOfIdentity(Object.getPrototypeOf(value))}, ${Object.isExtensible(value) ? 'open' : 'closed'}`,
    ...describeSlots(value),
    ...ownKeys(value).map((key) => describeProperty(value, key)),
  ];

  const describeProperty = (value: object, key: string | symbol): string => {
    const property: Record<string, unknown> = { ...Object.getOwnPropertyDescriptor(value, key)! };
    const flags = ['writable', 'enumerable', 'configurable'].filter((flag) => property[flag]).join(' ');
    if ('value' in property) return `${String(key)}: ${name(property['value'])} ${flags}`;
    // Recent V8: the accessor of the engine, one for all errors, stands for a value.
    const hidden = types.isNativeError(value) && key === 'stack' ? name(value.stack) : '';
    const code = `get ${labelOfIdentity(property['get'])} set ${labelOfIdentity(property['set'])}`;
    return `${String(key)}: ${code} ${flags}${hidden}`;
  };

  const describeSlots = (value: object): string[] => {
    if (types.isMap(value)) {
      return ['Map', ...[...Map.prototype.entries.call(value)].map(([k, v]) => `${name(k)} => ${name(v)}`)];
    }
    if (types.isSet(value)) return ['Set', ...[...Set.prototype.values.call(value)].map((member) => name(member))];
    if (types.isDate(value)) return [`Date ${Date.prototype.getTime.call(value)}`];
    if (types.isRegExp(value)) return [`RegExp ${String(new RegExp(value))}`];
    if (value instanceof DOMException) {
      const inner = ['name', 'message', 'code'].map((key) => String(Reflect.get(DOMException.prototype, key, value)));
      return [`DOMException ${inner.join(' ')}`];
    }
    if (types.isNativeError(value)) return ['Error'];
    if (types.isBoxedPrimitive(value)) return [`boxed ${name(value.valueOf())}`];
    if (types.isAnyArrayBuffer(value)) return describeBytes(value);
    if (ArrayBuffer.isView(value)) return describeView(value);
    return [Array.isArray(value) ? 'Array' : 'Object'];
  };

  const describeView = (view: ArrayBufferView): string[] => {
    const brand = types.isDataView(view) ? 'DataView' : Reflect.get(view, Symbol.toStringTag);
    return [`${String(brand)} on ${name(view.buffer)}`, ...windows(view)];
  };

  const listed = roots.map(name);
  return [`roots ${listed.join(', ')}`, ...lines];
}

function show(value: unknown): string {
  if (Object.is(value, -0)) return '-0';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function ownKeys(value: object): (string | symbol)[] {
  const keys = Reflect.ownKeys(value);
  return types.isTypedArray(value) ? keys.filter((key) => typeof key === 'symbol' || !/^\d+$/.test(key)) : keys;
}

function describeBytes(buffer: ArrayBufferLike): string[] {
  const bytes = buffer as Bytes;
  const limit = bytes.resizable === true ? ` of at most ${bytes.maxByteLength}` : '';
  return [`ArrayBuffer ${bytes.byteLength}${limit}: ${Buffer.from(bytes).toString('hex')}`];
}

/** Where a view begins and ends, for every size that its buffer can have: that tells fixed views from tracking ones. */
function windows(view: ArrayBufferView): string[] {
  const buffer = view.buffer as Bytes;
  const look = (): string => {
    try {
      return `${buffer.byteLength}: ${view.byteOffset}+${view.byteLength}`;
    } catch {
      return `${buffer.byteLength}: outside`;
    }
  };
  if (buffer.resizable !== true) return [look()];
  const content = new Uint8Array(buffer).slice();
  const looks: string[] = [];
  for (let size = 0; size <= buffer.maxByteLength!; size++) {
    buffer.resize!(size);
    looks.push(look());
  }
  buffer.resize!(content.length);
  new Uint8Array(buffer).set(content);
  return looks;
}

/** Functions, symbols and prototypes are compared by identity. */
const identities = new Map<unknown, string>();
function labelOfIdentity(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (!identities.has(value)) identities.set(value, `${typeof value} ${identities.size}`);
  return identities.get(value)!;
}
