/** Where in a driver's state an object is, for messages. Slow and only run when something has to be refused. */
import { kindOf } from './kind-of.js';
import { map, set } from './kinds.js';
import { isObject } from './properties.js';
import { bufferOf, mapEach, setEach } from './slots.js';

function property(key: string | symbol): string {
  if (typeof key === 'symbol') return `[${String(key)}]`;
  if (/^[A-Za-z_$][\w$]*$/.test(key)) return `.${key}`;
  return /^\d+$/.test(key) ? `[${key}]` : `[${JSON.stringify(key)}]`;
}

function mapKey(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return isObject(key) ? '{…}' : String(key);
}

function branches(value: object): [string, unknown][] {
  const found: [string, unknown][] = [];
  // Asked before the kind: a view of a detached buffer has none.
  if (ArrayBuffer.isView(value)) found.push(['.buffer', bufferOf(value)]);
  const kind = kindOf(value);
  if (kind === undefined) return found;
  if (kind === map) {
    mapEach(value as Map<unknown, unknown>, (entry, key) => {
      found.push([`.get(${mapKey(key)})`, entry], [`.keys(${mapKey(key)})`, key]);
    });
  }
  if (kind === set) {
    let at = 0;
    setEach(value as Set<unknown>, (member) => found.push([`.values()[${at++}]`, member]));
  }
  for (const key of kind.keys(value)) {
    found.push([property(key as string | symbol), Reflect.getOwnPropertyDescriptor(value, key)?.value]);
  }
  return found;
}

/** The shortest path from one of the named roots; `follow` replaces every object on the way, as a view does. */
export function pathTo(
  roots: readonly [string, unknown][],
  target: object,
  follow: (value: object) => object,
): string | undefined {
  const seen = new Set<object>();
  const queue = [...roots];
  for (const [path, value] of queue) {
    if (!isObject(value)) continue;
    if (value === target) return path;
    const object = follow(value);
    if (object === target) return path;
    if (seen.has(object)) continue;
    seen.add(object);
    for (const [branch, child] of branches(object)) queue.push([path + branch, child]);
  }
  return undefined;
}
