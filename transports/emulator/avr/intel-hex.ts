/** Record types (Intel Hexadecimal Object File Format Specification, 1988). */
const DATA = 0;
const END_OF_FILE = 1;
const START_ADDRESSES: readonly number[] = [3, 5];
const EXTENDED_SEGMENT = 2;
const EXTENDED_LINEAR = 4;
const ERASED = 0xff;
/** Count, address, type and checksum. */
const FRAME_BYTES = 5;

/** The bytes of a `.hex` file from address 0 on; what it leaves out is erased flash. Throws a RangeError where it is damaged. */
export function readIntelHex(text: string): Uint8Array {
  const pieces: { at: number; bytes: Uint8Array }[] = [];
  let base = 0;
  let isEnded = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || isEnded) continue;
    const { type, address, bytes } = record(line, index + 1);
    if (type === DATA) pieces.push({ at: base + address, bytes });
    else if (type === EXTENDED_SEGMENT) base = wordOf(bytes) * 0x10;
    else if (type === EXTENDED_LINEAR) base = wordOf(bytes) * 0x10000;
    else if (type === END_OF_FILE) isEnded = true;
    else if (!START_ADDRESSES.includes(type)) throw bad(index + 1, `is of type ${type}, which there is not`);
  }
  if (!isEnded) throw new RangeError('The HEX file has no end: it was cut off.');
  const image = new Uint8Array(Math.max(0, ...pieces.map(({ at, bytes }) => at + bytes.length))).fill(ERASED);
  for (const { at, bytes } of pieces) image.set(bytes, at);
  return image;
}

function record(line: string, number: number): { type: number; address: number; bytes: Uint8Array } {
  if (!/^:([0-9a-f]{2})+$/i.test(line)) throw bad(number, 'is not made of hexadecimal bytes');
  const all = Uint8Array.from(line.slice(1).match(/../g)!, (pair) => Number.parseInt(pair, 16));
  if (all.length !== all[0]! + FRAME_BYTES) throw bad(number, 'is not as long as it says');
  if (all.reduce((sum, byte) => sum + byte) & 0xff) throw bad(number, 'does not add up to its checksum');
  return { address: (all[1]! << 8) | all[2]!, type: all[3]!, bytes: all.subarray(4, -1) };
}

const wordOf = (bytes: Uint8Array): number => (bytes[0]! << 8) | bytes[1]!;

const bad = (line: number, what: string): RangeError => new RangeError(`Line ${line} of the HEX file ${what}.`);
