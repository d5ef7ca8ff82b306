/**
 * What JavaScript lets a program undo on an object, from the rules of the language alone: nothing can be made
 * extensible, configurable or writable again, and a property can only be moved to the end, by deleting it.
 */
type Key = string | symbol;

/** An object as it was. */
export interface Portrait {
  readonly object: object;
  readonly extensible: boolean;
  readonly properties: ReadonlyMap<Key, PropertyDescriptor>;
}

function propertiesOf(object: object): Map<Key, PropertyDescriptor> {
  // The elements of a typed array are its bytes; they come and go with the size of the buffer.
  const keys = Reflect.ownKeys(object).filter((key) => !ArrayBuffer.isView(object) || !isIndex(key));
  return new Map(keys.map((key) => [key, Object.getOwnPropertyDescriptor(object, key)!]));
}

const isIndex = (key: Key): boolean => typeof key === 'string' && /^(0|[1-9]\d*)$/.test(key);

export function portrait(object: object): Portrait {
  return { object, extensible: Object.isExtensible(object), properties: propertiesOf(object) };
}

/** Whether the object could be made what it was. */
export function isRevertible({ object, extensible, properties: before }: Portrait): boolean {
  const now = propertiesOf(object);
  const fixed = [...now].filter(([, property]) => property.configurable !== true);
  if (extensible && !Object.isExtensible(object)) return false;
  if (!Object.isExtensible(object) && [...before.keys()].some((key) => !now.has(key))) return false;
  for (const [key, property] of fixed) {
    const was = before.get(key);
    if (was === undefined || was.configurable === true || (was.writable === true && property.writable !== true)) {
      return false;
    }
  }
  return ['string', 'symbol'].every((type) => {
    const ordered = (keys: Iterable<Key>): Key[] => [...keys].filter((key) => typeof key === type && !isIndex(key));
    const wanted = ordered(before.keys());
    const last = Math.max(-1, ...ordered(fixed.map(([key]) => key)).map((key) => wanted.indexOf(key)));
    return isPart(wanted.slice(0, last + 1), ordered(now.keys()));
  });
}

/** Whether all keys are in the list, in this order. */
function isPart(keys: readonly Key[], list: readonly Key[]): boolean {
  let at = 0;
  for (const key of list) if (key === keys[at]) at++;
  return at === keys.length;
}
