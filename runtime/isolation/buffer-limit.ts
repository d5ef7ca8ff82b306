/**
 * V8 limits the heap of a thread, but not its ArrayBuffers. Here those who make them ask first how much there is: past
 * the limit they throw the RangeError that they throw when the machine has no memory left.
 */
const MIB = 1024 * 1024;
/** So much is made between two looks, because a look takes microseconds. */
const UNSEEN = MIB;

const TYPED_ARRAYS = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;

type Constructor = abstract new (...args: never[]) => object;

/** Limits what code that is loaded later makes by `new ArrayBuffer`, `new Uint8Array` and the like, and by `Buffer`. */
export function limitBuffers(limitMb: number): void {
  let unseen = 0;
  const count = (bytes: number): void => {
    unseen += bytes;
    if (!(unseen > UNSEEN)) return;
    unseen = bytes > UNSEEN ? UNSEEN : 0;
    const { arrayBuffers } = process.memoryUsage();
    if (arrayBuffers + bytes <= limitMb * MIB) return;
    throw new RangeError(`Array buffer allocation failed: this worker thread may have ${limitMb} MiB of them`);
  };
  const guard = (name: string, bytesOf: (args: readonly unknown[]) => number): void => {
    const original = Reflect.get(globalThis, name) as Constructor;
    const guarded: Constructor = new Proxy(original, {
      construct(target, args: unknown[], newTarget): object {
        count(bytesOf(args));
        return Reflect.construct(target as never, args, newTarget === guarded ? target : newTarget) as object;
      },
    });
    Reflect.defineProperty(globalThis, name, { value: guarded, writable: true, configurable: true });
  };
  guard('ArrayBuffer', ([size]) => sizeOf(size));
  for (const name of TYPED_ARRAYS) {
    const { BYTES_PER_ELEMENT } = globalThis[name];
    // A view of a buffer that exists takes nothing.
    guard(name, ([source]) => (source instanceof ArrayBuffer ? 0 : sizeOf(source) * BYTES_PER_ELEMENT));
  }
}

function sizeOf(source: unknown): number {
  if (typeof source === 'number') return source;
  return typeof source === 'object' && source !== null && 'length' in source ? Number(source.length) : 0;
}
