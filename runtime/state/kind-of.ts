/** Which kind an object is of, or that no exact copy of it can be made. */
import { bufferView } from './buffer-views.js';
import { arrayBuffer } from './buffers.js';
import { array, boxed, date, domException, error, map, ordinary, regExp, set } from './kinds.js';
import type { Kind } from './kinds.js';
import { isNative, nameOfBrand } from './slots.js';
import { isDriver } from './storage.js';

const kindsWithSlots: readonly Kind[] = [map, set, date, domException, error, regExp, arrayBuffer, boxed];

/** The kind last met with a prototype: asked first, because every wrong question costs an exception. */
const kindOfPrototype = new WeakMap<object, Kind>();

/**
 * Whether a class of the platform, of whatever realm, is among the ancestors. Its instances may have internal slots
 * that nothing shows (a Promise, a generator, `Intl.NumberFormat`), so only those of a known kind are copied.
 * Prototypes of iterators name no constructor: their `next` gives them away.
 */
function inheritsFromPlatform(start: object): boolean {
  for (let prototype: object | null = start; prototype !== null;) {
    const parent: object | null = Reflect.getPrototypeOf(prototype);
    // The last one is Object.prototype: it is native, but its instances have no slots.
    if (parent === null) return false;
    for (const key of ['constructor', 'next']) {
      const property = Reflect.getOwnPropertyDescriptor(prototype, key);
      // Node's --frozen-intrinsics makes an accessor of it, and leaves the value on its getter.
      if (isNative(property?.value ?? (property?.get as { value?: unknown } | undefined)?.value)) return true;
    }
    prototype = parent;
  }
  return false;
}

/** Undefined: not copyable. */
export function kindOf(value: object): Kind | undefined {
  if (Array.isArray(value)) return array;
  if (ArrayBuffer.isView(value)) return bufferView.owns(value) ? bufferView : undefined;
  if (isDriver(value)) return undefined;
  const prototype = Reflect.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return ordinary;
  const likely = kindOfPrototype.get(prototype);
  if (likely?.owns(value) === true) return likely;
  const kind = inheritsFromPlatform(prototype) ? kindsWithSlots.find((candidate) => candidate.owns(value)) : ordinary;
  if (kind !== undefined) kindOfPrototype.set(prototype, kind);
  return kind;
}

/** Whether all that an object keeps is in its own properties: it has no slots of the platform's, as a Map has. */
export const isPlainObject = (value: object): boolean => kindOf(value) === ordinary;

/** What stands in the way of a copy, for messages. */
export function nameOfObstacle(value: object): string {
  if (isDriver(value)) return 'another driver';
  if (ArrayBuffer.isView(value)) return 'a view of bytes that are shared, detached or not part of the state';
  if (value instanceof ArrayBuffer) return 'an ArrayBuffer that is detached or only partly in the state';
  return `an object of the kind ${nameOfBrand(value)}`;
}
