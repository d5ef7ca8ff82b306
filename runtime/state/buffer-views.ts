/**
 * Typed arrays, DataViews and Buffers. A view is a window on a buffer and holds no bytes itself: its copy is the same
 * window on the copied buffer, so that views which share bytes share them in the copy too.
 */
import { isResizable } from './buffers.js';
import { withPrototypeOf } from './kinds.js';
import type { Kind } from './kinds.js';
import { bufferOf, byteLengthOf, byteOffsetOf, isArrayBuffer, isInBounds, isNative, typedArrayName } from './slots.js';

interface Window {
  readonly offset: number;
  readonly byteLength: number;
  /** The view has no length of its own and follows the end of its resizable buffer. */
  readonly tracking: boolean;
}

interface ViewConstructor {
  readonly prototype: object;
  readonly BYTES_PER_ELEMENT?: number;
  new (buffer: ArrayBuffer, byteOffset: number, length?: number): object;
}

function constructorOf(view: object): ViewConstructor {
  const name = typedArrayName(view) ?? 'DataView';
  return (globalThis as unknown as Record<string, ViewConstructor>)[name] as ViewConstructor;
}

/** Views outside of their resized buffer neither show their window nor can be created: look at the largest size. */
function atFullSize<Result>(buffer: ArrayBuffer, act: () => Result): Result {
  if (!isResizable(buffer)) return act();
  const content = new Uint8Array(buffer).slice();
  buffer.resize(buffer.maxByteLength);
  try {
    return act();
  } finally {
    buffer.resize(content.byteLength);
    new Uint8Array(buffer).set(content);
  }
}

function windowOf(view: object, buffer: ArrayBuffer): Window {
  return atFullSize(buffer, () => {
    const offset = byteOffsetOf(view);
    const byteLength = byteLengthOf(view);
    if (!isResizable(buffer) || byteLength === 0) return { offset, byteLength, tracking: false };
    // Nothing tells a tracking view from one that ends where the buffer ends, except how it takes a smaller buffer.
    buffer.resize(offset + byteLength - 1);
    return { offset, byteLength, tracking: isInBounds(view) };
  });
}

function createWindow(create: ViewConstructor, buffer: ArrayBuffer, { offset, byteLength, tracking }: Window): object {
  if (tracking) return new create(buffer, offset);
  return new create(buffer, offset, byteLength / (create.BYTES_PER_ELEMENT ?? 1));
}

/**
 * Listing the properties of a typed array lists its elements, one string each: 6 ms for 64 KB. The platform's own
 * classes have no other properties, so only instances of a user's subclass are asked for theirs.
 */
function hasOnlyElements(view: object): boolean {
  if (typedArrayName(view) === undefined) return false;
  const prototype = Reflect.getPrototypeOf(view);
  if (prototype === null || prototype === constructorOf(view).prototype) return true;
  // Node's Buffer is written in JavaScript.
  const { Buffer: buffer } = globalThis as { Buffer?: { prototype: object } };
  return prototype === buffer?.prototype || isNative(Reflect.getOwnPropertyDescriptor(prototype, 'constructor')?.value);
}

function elementCount(view: object): number {
  if (typedArrayName(view) === undefined) return 0;
  return byteLengthOf(view) / (constructorOf(view).BYTES_PER_ELEMENT ?? 1);
}

export const bufferView: Kind = {
  owns: (value) => ArrayBuffer.isView(value) && isArrayBuffer(bufferOf(value)),
  keys: (view) => (hasOnlyElements(view) ? [] : Reflect.ownKeys(view).slice(elementCount(view))),
  shell(source, translation) {
    const buffer = bufferOf(source) as ArrayBuffer;
    const window = windowOf(source, buffer);
    const { start, end } = bytesSeenBy(window);
    const target = translation.buffer(buffer, start, end);
    return withPrototypeOf(
      source,
      atFullSize(target, () => createWindow(constructorOf(source), target, window)),
    );
  },
};

const bytesSeenBy = ({ offset, byteLength, tracking }: Window): { start: number; end: number } => ({
  start: offset,
  end: tracking ? Infinity : offset + byteLength,
});
