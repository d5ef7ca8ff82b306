/** The project's firmware on an emulated Pico, and just enough of its protocol to have something to say to it. */
import { readFileSync } from 'node:fs';
import { emulatedBoard, type EmulatedBoard, type EmulatedBoardOptions } from '../../transports/emulator/index.js';
import type { Environment } from '../../transports/environment.js';

export const image = readFileSync(new URL('../../firmware/images/fgft-rp2040.bin', import.meta.url));
export const FLASH_ID = 0xe6614103e7452a2fn;
export const SERIAL = 'E6614103E7452A2F';
export const [OUT, IN] = [1, 2];
/** The setting of the vendor interface that has these endpoints. */
export const FRAMES = 1;

const OP = { hello: 0x01, echo: 0x02 } as const;
const HEADER = 10;
const CRC = 4;

/** Real turns, no clock, and random numbers that are the same in every run. */
export function seededEnvironment(seed = 1): Environment & { turns: number } {
  let state = seed;
  return {
    turns: 0,
    now: () => 0,
    after: () => () => {},
    turn(run) {
      this.turns += 1;
      setImmediate(run);
    },
    random() {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>>= 0);
    },
  };
}

export function board(options: Partial<EmulatedBoardOptions> = {}): EmulatedBoard {
  return emulatedBoard({ image, environment: seededEnvironment(), flashId: FLASH_ID, ...options });
}

/** The device, opened, configured and claimed, with the endpoints of frames. */
export async function claimed(emulated: EmulatedBoard): Promise<USBDevice> {
  const device = emulated.device ?? (await emulated.plug());
  await device.open();
  await device.selectConfiguration(1);
  await device.claimInterface(0);
  await device.selectAlternateInterface(0, FRAMES);
  return device;
}

export function hello(session: number): Uint8Array<ArrayBuffer> {
  return frame(session, 0, Uint8Array.of(OP.hello, 1, 0, 0xe8, 3));
}

/** An echo of so many bytes; the frame has 16 bytes more, its answer 18. */
export function echo(session: number, sequence: number, count: number): Uint8Array<ArrayBuffer> {
  return frame(
    session,
    sequence,
    Uint8Array.from([OP.echo, count, ...Array.from({ length: count }, (_, index) => index)]),
  );
}

/** The fields of an answer that matter here. */
export function parseAnswer(data: DataView | Uint8Array | undefined) {
  if (data === undefined) throw new Error('There is no answer.');
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return {
    length: view.byteLength,
    session: view.getUint16(4, true),
    sequence: view.getUint16(6, true),
    epoch: view.getUint32(8, true),
    status: view.getUint8(12),
    results: new Uint8Array(view.buffer, view.byteOffset + 14, view.byteLength - 14 - CRC),
  };
}

function frame(session: number, sequence: number, op: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER + op.length + CRC);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0xf6);
  view.setUint8(1, 1);
  view.setUint16(2, bytes.length, true);
  view.setUint16(4, session, true);
  view.setUint16(6, sequence, true);
  view.setUint8(9, 1);
  bytes.set(op, HEADER);
  view.setUint32(bytes.length - CRC, crc32(bytes.subarray(0, -CRC)), true);
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
