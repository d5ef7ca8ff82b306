/** The committed image on an emulated Uno, and a host that talks frames made by hand to it. */
import { readFileSync } from 'node:fs';
import { emulatedUno, type EmulatedUno } from '../../../transports/emulator/index.js';
import { virtualEnvironment } from '../../../transports/virtual-environment.js';
import { PERIPHERAL, ref, u16, u32, type Answer } from '../rp2040/frame.js';
import { openLine, type Line } from '../rp2040/line.js';

export const image = readFileSync(new URL('../../../firmware/images/fgft-atmega328p.bin', import.meta.url));

export const SESSION = 0x2222;

export interface Powered {
  readonly uno: EmulatedUno;
  readonly line: Line<Awaited<ReturnType<EmulatedUno['serialPort']>>>;
  /** The answer to the hello of the session that is open. */
  readonly hello: Answer;
  /** Runs a frame of the session. */
  run(ops: readonly (readonly number[])[], transaction?: number): Promise<Answer>;
  /** Sends one, without waiting for its answer. */
  send(ops: readonly (readonly number[])[]): Promise<void>;
}

/** Plugs a board in, and opens a session. Opening the port does not restart it. */
export async function powered(seed = 1): Promise<Powered> {
  const uno = emulatedUno({ image, environment: virtualEnvironment(seed), resetOnOpen: false });
  uno.plug();
  const line = await openLine(uno);
  const hello = await line.hello(SESSION);
  let sequence = 0;
  return {
    uno,
    line,
    hello,
    run: (ops, transaction = 0) => line.exchange({ session: SESSION, sequence: ++sequence, transaction, ops }),
    send: (ops) => line.send({ session: SESSION, sequence: ++sequence, ops }),
  };
}

export interface Block {
  readonly address: number;
  readonly size?: number;
  readonly mask?: number;
  /** READ, WRITE, ONES … of a block. */
  readonly flags?: number;
  /** log2 of the bytes of a register. */
  readonly width?: number;
}

export const FLAGS = { read: 1, both: 3, ones: 4, journal: 64 } as const;

/** Peripheral 1: one block of registers. `saved`: the mask under which its first register is saved. */
export function define({ address, size = 1, mask = 0xff, flags = FLAGS.both, width = 0 }: Block, saved = 0): number[] {
  const block = [0, flags | (width << 4), ...u16(size), ...u32(address), ...u32(mask)];
  const save = saved === 0 ? [] : [0, 0, ...u16(0), ...u32(saved)];
  return [0x04, PERIPHERAL, 1, saved === 0 ? 0 : 1, 0, ...block, ...save];
}

export const ops = {
  begin: [0x06],
  rollback: [0x08],
  savepoint: [0x09],
  release: [0x0a],
  revert: [0x0b],
  snapshot: [0x0c, PERIPHERAL],
  restore: [0x0d, PERIPHERAL, 0],
  read: [0x10, ...ref(0, 0)],
  masked: (mask: number, value: number) => [0x12, ...ref(0, 0), mask, value],
  poll: (mask: number, value: number, us: number) => [0x17, ...ref(0, 0), mask, value, ...u32(us)],
  delay: (us: number) => [0x18, ...u32(us)],
  transfer: [0x19, ...ref(0, 0), 0, 0],
  query: [0x1a, ...ref(0, 0), 0, 0],
  watch: [0x1b, ...ref(0, 0), 1],
  events: [0x1c, 1],
  /** `width`: log2 of bytes. */
  readWide: (width: number) => [0x10 | (width << 6), ...ref(0, 0)],
} as const;
