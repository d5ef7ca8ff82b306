import type { Layout, Values } from './messages.js';

const NUMBER_BYTES = { u8: 1, u16: 2, u32: 4, i32: 4 } as const;
const READ = { u8: 'getUint8', u16: 'getUint16', u32: 'getUint32', i32: 'getInt32' } as const;
const WRITE = { u8: 'setUint8', u16: 'setUint16', u32: 'setUint32', i32: 'setInt32' } as const;

type NumberKind = keyof typeof NUMBER_BYTES;
const isNumber = (kind: string): kind is NumberKind => Object.hasOwn(NUMBER_BYTES, kind);

const bytesOf = (kind: string): number => (isNumber(kind) ? NUMBER_BYTES[kind] : Number(/\d+$/.exec(kind)![0]));

export function sizeOf(layout: Layout): number {
  return layout.reduce((sum, [, kind]) => sum + bytesOf(kind), 0);
}

/** Numbers are cut to their bytes, text and bytes to their length. */
export function encode<L extends Layout>(layout: L, values: Values<L>): Uint8Array {
  const bytes = new Uint8Array(sizeOf(layout));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [name, kind] of layout) {
    const value = values[name as keyof Values<L>] as unknown;
    const length = bytesOf(kind);
    if (isNumber(kind)) view[WRITE[kind]](at, value as number);
    // The last byte of a text is its end, always.
    else if (typeof value === 'string') bytes.set(new TextEncoder().encode(value).subarray(0, length - 1), at);
    else if (value instanceof Uint8Array) bytes.set(value.subarray(0, length), at);
    at += length;
  }
  return bytes;
}

/** `bytes` has at least the size of the layout. */
export function decode<L extends Layout>(layout: L, bytes: Uint8Array): Values<L> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values: Record<string, unknown> = {};
  let at = 0;
  for (const [name, kind] of layout) {
    const length = bytesOf(kind);
    const field = bytes.subarray(at, at + length);
    if (isNumber(kind)) values[name] = view[READ[kind]](at);
    else if (kind.startsWith('text')) values[name] = textOf(field);
    else if (kind.startsWith('bytes')) values[name] = field.slice();
    at += length;
  }
  return values as Values<L>;
}

function textOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Collects what comes in until it is as much as is asked for. */
export class Inbox {
  #bytes: Uint8Array = new Uint8Array(0);

  put(bytes: Uint8Array): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : joined(this.#bytes, bytes);
  }

  /** So many bytes from the first on, which stay; undefined while there are fewer. */
  peek(count: number): Uint8Array | undefined {
    return this.#bytes.length < count ? undefined : this.#bytes.subarray(0, count);
  }

  /** The same, which do not stay. */
  take(count: number): Uint8Array | undefined {
    const bytes = this.peek(count);
    if (bytes !== undefined) this.#bytes = this.#bytes.subarray(count);
    return bytes;
  }

  /** All that has come in and was not taken. */
  rest(): Uint8Array {
    const bytes = this.#bytes;
    this.#bytes = new Uint8Array(0);
    return bytes;
  }
}
