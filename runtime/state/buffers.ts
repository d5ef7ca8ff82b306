/**
 * Bytes. A buffer may be shared with strangers (Node cuts small Buffers out of a pool), so only the ranges that the
 * state covers are copied and written back: those of its views, and the whole only when the state holds the buffer
 * itself. The copy has the full length all the same, because `byteOffset` of its views must not change.
 */
import { withPrototypeOf } from './kinds.js';
import type { Kind } from './kinds.js';
import { isArrayBuffer } from './slots.js';

interface Range {
  readonly start: number;
  /** Infinity: as far as the buffer reaches, however it is resized. */
  readonly end: number;
}

export interface BufferCopy {
  readonly original: ArrayBuffer;
  readonly copy: ArrayBuffer;
  /** Disjoint and in order. */
  readonly covered: Range[];
}

/** The part of ES2024 that the `lib` of this project lacks. */
interface ResizableBuffer extends ArrayBuffer {
  readonly maxByteLength: number;
  resize(byteLength: number): void;
}

export function isResizable(buffer: ArrayBuffer): buffer is ResizableBuffer {
  return (buffer as { resizable?: boolean }).resizable === true;
}

function emptyLike(source: ArrayBuffer): ArrayBuffer {
  const options = isResizable(source) ? { maxByteLength: source.maxByteLength } : undefined;
  const create = ArrayBuffer as new (byteLength: number, options?: { maxByteLength: number }) => ArrayBuffer;
  return withPrototypeOf(source, new create(source.byteLength, options));
}

export const arrayBuffer: Kind<ArrayBuffer> = {
  owns: isArrayBuffer,
  keys: Reflect.ownKeys,
  shell(source) {
    const target = emptyLike(source);
    new Uint8Array(target).set(new Uint8Array(source));
    return target;
  },
};

export function startBufferCopy(original: ArrayBuffer): BufferCopy {
  const begun: BufferCopy = { original, copy: emptyLike(original), covered: [] };
  // Nobody pools resizable buffers; and after a resize there would be no telling which bytes were still to be copied.
  if (isResizable(original)) cover(begun, 0, Infinity);
  return begun;
}

function gapsIn(covered: readonly Range[], start: number, end: number): Range[] {
  const gaps: Range[] = [];
  let at = start;
  for (const range of covered) {
    if (range.start >= end) break;
    if (range.start > at) gaps.push({ start: at, end: range.start });
    at = Math.max(at, range.end);
  }
  if (at < end) gaps.push({ start: at, end });
  return gaps;
}

export function isCovered(buffer: BufferCopy, start: number, end: number): boolean {
  return gapsIn(buffer.covered, start, Math.min(end, buffer.copy.byteLength)).length === 0;
}

function bytesOf(buffer: ArrayBuffer, range: Range): Uint8Array {
  return new Uint8Array(buffer, range.start, Math.min(range.end, buffer.byteLength) - range.start);
}

/** Copies the bytes from `start` to `end`, except those copied before: the entry point may have changed them since. */
export function cover(buffer: BufferCopy, start: number, end: number): void {
  const gaps = gapsIn(buffer.covered, start, end);
  if (gaps.length === 0) return;
  for (const gap of gaps) bytesOf(buffer.copy, gap).set(bytesOf(buffer.original, gap));
  buffer.covered.push(...gaps);
  buffer.covered.sort((a, b) => a.start - b.start);
}

/** Writes the covered bytes of the copy, and its size, to the original. */
export function writeBytes({ original, copy, covered }: BufferCopy): void {
  // A transfer took the memory of one of them away since the commit was planned: there is nothing left to do.
  if (!isArrayBuffer(original) || !isArrayBuffer(copy)) return;
  if (isResizable(original) && original.byteLength !== copy.byteLength) original.resize(copy.byteLength);
  for (const range of covered) bytesOf(original, range).set(bytesOf(copy, range));
}
