/**
 * The kinds of objects that exist twice while a view is open. A kind says what one object is made of besides its own
 * properties, its prototype and its extensibility, which all kinds share (properties.ts): its internal slots.
 */
import * as slots from './slots.js';

export type Settle = (value: unknown) => unknown;

/** Where the references of an object lead once it has been transcribed. */
export interface Translation {
  value: Settle;
  /** The counterpart of a buffer of which a view uses the bytes from `start` to `end`. */
  buffer(buffer: ArrayBuffer, start: number, end: number): ArrayBuffer;
}

export interface Kind<T extends object = object> {
  /** Asks for the internal slots, never for the prototype alone. */
  owns(value: object): boolean;
  /** The keys of the own properties that are not a face of the slots, in order. */
  keys(value: T): PropertyKey[];
  /** A new object of the kind and with the prototype of `source`; what can only be set at birth is set. */
  shell(source: T, translation: Translation): T;
  /** Transcribes the references in the slots; a step of its own, because they may lead back to the object. */
  fill?(source: T, target: T, translate: Settle): void;
  /** Shows every reference in the slots, except the buffer of a view. */
  references?(source: T, see: (value: unknown) => void): void;
  /** What to do to the slots of `target` to make them those of `source`; undefined when they already are. */
  changes?(target: T, source: T, settle: Settle): (() => void) | undefined;
}

export function withPrototypeOf<T extends object>(source: object, target: T): T {
  const prototype = Reflect.getPrototypeOf(source);
  if (Reflect.getPrototypeOf(target) !== prototype) Reflect.setPrototypeOf(target, prototype);
  return target;
}

export const ordinary: Kind = {
  owns: () => true,
  keys: Reflect.ownKeys,
  shell: (source) => Object.create(Reflect.getPrototypeOf(source)) as object,
};

export const array: Kind<unknown[]> = {
  owns: Array.isArray,
  keys: Reflect.ownKeys,
  shell: (source) => withPrototypeOf(source, []),
};

export const map: Kind<Map<unknown, unknown>> = {
  owns: slots.isMap,
  keys: Reflect.ownKeys,
  shell: (source) => withPrototypeOf(source, new Map()),
  fill(source, target, translate) {
    slots.mapEach(source, (value, key) => slots.mapSet(target, translate(key), translate(value)));
  },
  references(source, see) {
    slots.mapEach(source, (value, key) => {
      see(key);
      see(value);
    });
  },
  changes(target, source, settle) {
    const entries: [unknown, unknown][] = [];
    slots.mapEach(source, (value, key) => entries.push([key, value]));
    let at = 0;
    let same = true;
    slots.mapEach(target, (value, key) => {
      const entry = entries[at++];
      same &&= entry !== undefined && Object.is(key, settle(entry[0])) && Object.is(value, settle(entry[1]));
    });
    if (same && at === entries.length) return undefined;
    return () => {
      slots.mapClear(target);
      for (const [key, value] of entries) slots.mapSet(target, settle(key), settle(value));
    };
  },
};

export const set: Kind<Set<unknown>> = {
  owns: slots.isSet,
  keys: Reflect.ownKeys,
  shell: (source) => withPrototypeOf(source, new Set()),
  fill(source, target, translate) {
    slots.setEach(source, (member) => slots.setAdd(target, translate(member)));
  },
  references(source, see) {
    slots.setEach(source, (member) => see(member));
  },
  changes(target, source, settle) {
    const members: unknown[] = [];
    slots.setEach(source, (member) => members.push(member));
    let at = 0;
    let same = true;
    slots.setEach(target, (member) => {
      same &&= at < members.length && Object.is(member, settle(members[at]));
      at++;
    });
    if (same && at === members.length) return undefined;
    return () => {
      slots.setClear(target);
      for (const member of members) slots.setAdd(target, settle(member));
    };
  },
};

export const date: Kind<Date> = {
  owns: slots.isDate,
  keys: Reflect.ownKeys,
  shell: (source) => withPrototypeOf(source, new Date(slots.getTime(source))),
  changes(target, source) {
    const time = slots.getTime(source);
    return Object.is(time, slots.getTime(target)) ? undefined : () => slots.setTime(target, time);
  },
};

/** Pattern and flags, read past any getter of a subclass: the constructor takes them from the slots. */
const pattern = (expression: RegExp): string => String(new RegExp(expression));

export const regExp: Kind<RegExp> = {
  owns: slots.isRegExp,
  keys: Reflect.ownKeys,
  shell: (source) => withPrototypeOf(source, new RegExp(source)),
  changes: (target, source) =>
    pattern(target) === pattern(source) ? undefined : () => slots.recompile(target, new RegExp(source)),
};

function bare<T extends object>(error: T): T {
  for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key);
  return error;
}

export const error: Kind = {
  owns: slots.isError,
  keys: Reflect.ownKeys,
  shell: (source) => withPrototypeOf(source, bare(new Error())),
  fill(source, target, translate) {
    const hidden = slots.hiddenStack(source);
    hidden?.write(target, translate(hidden.stack));
  },
  references(source, see) {
    see(slots.hiddenStack(source)?.stack);
  },
  changes(target, source, settle) {
    const hidden = slots.hiddenStack(source);
    if (hidden === undefined || Object.is(slots.hiddenStack(target)?.stack, settle(hidden.stack))) return undefined;
    return () => hidden.write(target, settle(hidden.stack));
  },
};

/** The reason of an AbortSignal is one: drivers keep it as their last error. */
export const domException: Kind = {
  ...error,
  owns: slots.isDomException,
  shell: (source) => withPrototypeOf(source, bare(slots.domExceptionLike(source))),
};

/** `new Number(1)` and its like: the primitive never changes. */
export const boxed: Kind = {
  owns: (value) => slots.boxedPrimitive(value) !== undefined,
  keys: Reflect.ownKeys,
  shell: (source) => withPrototypeOf(source, Object(slots.boxedPrimitive(source)) as object),
};
