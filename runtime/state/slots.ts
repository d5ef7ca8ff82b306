/**
 * Built-in methods and getters as functions of their object. State is what stands in the internal slots, so they are
 * read with the built-ins themselves: a subclass may override `size` or `set`, and its code must not run here.
 */

type Method<Self, Args extends unknown[], Result> = (self: Self, ...args: Args) => Result;

function method<Self extends object, Args extends unknown[] = [], Result = unknown>(
  prototype: object,
  key: PropertyKey,
): Method<Self, Args, Result> {
  const code = Reflect.get(prototype, key) as (...args: Args) => Result;
  return (self, ...args) => Reflect.apply(code, self, args);
}

function getter<Self extends object, Result>(prototype: object, key: PropertyKey): Method<Self, [], Result> {
  const code = Reflect.getOwnPropertyDescriptor(prototype, key)?.get as () => Result;
  return (self) => Reflect.apply(code, self, []);
}

/** Turns a slot reader, which throws for objects without the slot, into a question. */
function has(read: (value: never) => unknown): (value: object) => boolean {
  return (value) => {
    try {
      read(value as never);
      return true;
    } catch {
      return false;
    }
  };
}

type AnyMap = Map<unknown, unknown>;
type AnySet = Set<unknown>;

export const mapEach = method<AnyMap, [(value: unknown, key: unknown) => void]>(Map.prototype, 'forEach');
export const mapSet = method<AnyMap, [unknown, unknown]>(Map.prototype, 'set');
export const mapClear = method<AnyMap>(Map.prototype, 'clear');
export const isMap = has(getter<AnyMap, number>(Map.prototype, 'size'));

export const setEach = method<AnySet, [(value: unknown) => void]>(Set.prototype, 'forEach');
export const setAdd = method<AnySet, [unknown]>(Set.prototype, 'add');
export const setClear = method<AnySet>(Set.prototype, 'clear');
export const isSet = has(getter<AnySet, number>(Set.prototype, 'size'));

export const getTime = method<Date, [], number>(Date.prototype, 'getTime');
export const setTime = method<Date, [number]>(Date.prototype, 'setTime');
export const isDate = has(getTime);

export const isRegExp = has(getter<RegExp, string>(RegExp.prototype, 'source'));
const compile = method<RegExp, [RegExp]>(RegExp.prototype, 'compile');
/** Gives a regular expression another pattern in place. `lastIndex`, a property like any other, stays. */
export function recompile(expression: RegExp, like: RegExp): void {
  const { lastIndex } = expression;
  try {
    compile(expression, like);
  } catch {
    // The pattern is set by then: `compile` fails afterwards, when it sets a constant `lastIndex` to 0.
  }
  Reflect.set(expression, 'lastIndex', lastIndex);
}

const primitiveReaders = [Number, String, Boolean, Symbol, BigInt].map((wrapper) =>
  method<object>(wrapper.prototype, 'valueOf'),
);
/** The primitive in a wrapper object such as `new Number(1)`, or undefined when it is none. */
export function boxedPrimitive(value: object): unknown {
  const read = primitiveReaders.find((reader) => has(reader)(value));
  return read?.(value);
}

const hasDomException = typeof DOMException === 'function';
const readDomName = hasDomException ? getter<object, string>(DOMException.prototype, 'name') : undefined;
const readDomMessage = hasDomException ? getter<object, string>(DOMException.prototype, 'message') : undefined;
export const isDomException = readDomName === undefined ? () => false : has(readDomName);
/** A new DOMException with the name and the message of another one. */
export const domExceptionLike = (source: object): object =>
  new DOMException(readDomMessage?.(source), readDomName?.(source));

const brandOf = method<object, [], string>(Object.prototype, 'toString');
const askIsError = (Error as { isError?: (value: unknown) => boolean }).isError;
export function isError(value: object): boolean {
  return askIsError?.(value) ?? (value instanceof Error || brandOf(value) === '[object Error]');
}

const sourceOf = method<object, [], string>(Function.prototype, 'toString');
/** Whether a function is code of the platform, of whatever realm. */
export function isNative(code: unknown): boolean {
  return typeof code === 'function' && /\{\s*\[native code\]\s*\}\s*$/.test(sourceOf(code));
}

/** The stack of an error that keeps it out of its properties. */
interface HiddenStack {
  readonly stack: unknown;
  /** Sets the stack of any error. */
  write(error: object, stack: unknown): void;
}
/** V8 since 2024 has an own accessor of the platform for `stack`; elsewhere it is a value, and the result undefined. */
export function hiddenStack(error: object): HiddenStack | undefined {
  const { get, set } = Reflect.getOwnPropertyDescriptor(error, 'stack') ?? {};
  if (get === undefined || set === undefined || !isNative(get)) return undefined;
  return {
    stack: Reflect.apply(get, error, []),
    write: (target, stack) => Reflect.apply(set, target, [stack]),
  };
}

/** What an object calls itself, for messages: `Promise`, `Array Iterator`. */
export function nameOfBrand(value: object): string {
  return brandOf(value).slice(8, -1);
}

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
/** `Uint8Array` and the like; undefined for a DataView. */
export const typedArrayName = getter<object, string | undefined>(typedArrayPrototype, Symbol.toStringTag);

function viewGetter<Result>(key: string): Method<object, [], Result> {
  const ofTypedArray = getter<object, Result>(typedArrayPrototype, key);
  const ofDataView = getter<object, Result>(DataView.prototype, key);
  return (view) => (typedArrayName(view) === undefined ? ofDataView(view) : ofTypedArray(view));
}
export const bufferOf = viewGetter<ArrayBufferLike>('buffer');
export const byteOffsetOf = viewGetter<number>('byteOffset');
export const byteLengthOf = viewGetter<number>('byteLength');

const iterateTypedArray = method<object>(typedArrayPrototype, 'values');
/** Whether a view lies inside its buffer as large as the buffer is now; resizing can leave a view outside. */
export const isInBounds = has((view: object) =>
  typedArrayName(view) === undefined ? byteLengthOf(view) : iterateTypedArray(view),
);

const sizeOfBuffer = getter<ArrayBuffer, number>(ArrayBuffer.prototype, 'byteLength');
const isAnyArrayBuffer = has(sizeOfBuffer);
/** An ArrayBuffer that is not shared and whose memory was not taken away by a transfer. */
export function isArrayBuffer(value: object): value is ArrayBuffer {
  if (!isAnyArrayBuffer(value)) return false;
  const buffer = value as ArrayBuffer;
  return sizeOfBuffer(buffer) > 0 || has(() => new Uint8Array(buffer))(buffer);
}
