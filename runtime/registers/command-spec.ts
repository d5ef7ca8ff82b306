import { RegisterError } from '../errors.js';
import type { PeripheralSpec } from './definition.js';
import { hex } from '../hex.js';

/** One byte of a message: bits that are always the same, and bits that the caller gives. */
export interface BytePattern {
  readonly fixed: number;
  readonly free: number;
}

/** A byte that the caller gives. */
export const ANY: BytePattern = { fixed: 0, free: 0xff };

/** A message to a chip that takes messages rather than registers: its bytes, and what it means for a rollback. */
export interface CommandSpec {
  /** The whole message, as the chip gets it; none for a mere read. At most 255. */
  readonly bytes: readonly (number | BytePattern)[];
  /** How many bytes the chip answers with. */
  readonly reply?: number;
  /**
   * The setting that this message sets. Messages of one setting are of one length; the controller keeps the last of them,
   * and a rollback sends the one from before the call again.
   */
  readonly sets?: string;
  /** Marks the message that stands for its setting after power-on: the caller's bytes of it. */
  readonly initial?: readonly number[];
  /** It changes nothing that lasts (a measurement): a transaction sends it at once. Others without `sets` wait for the commit. */
  readonly harmless?: true;
}

/** By which op a command is sent: what is harmless needs no checkpoint. */
export interface Sending {
  readonly op: 'query' | 'transfer';
  /** It cannot be undone, so it waits for the commit, or is refused where an answer is wanted. */
  readonly irrevocable: boolean;
}

/** How a command is sent. */
export const sendingOf = ({ sets, harmless }: CommandSpec): Sending => ({
  op: harmless ? 'query' : 'transfer',
  irrevocable: !sets && !harmless,
});

const patternOf = (byte: number | BytePattern): BytePattern =>
  typeof byte === 'number' ? { fixed: byte, free: 0 } : byte;

const freePatterns = ({ bytes }: CommandSpec): BytePattern[] => bytes.map(patternOf).filter(({ free }) => free !== 0);

/** The message with the caller's bytes in their places, or RegisterError. `where` is for messages. */
export function encodeCommand(where: string, spec: CommandSpec, values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const wanted = freePatterns(spec).length;
  if (values.length !== wanted)
    throw new RegisterError('value-out-of-range', `${where} takes ${wanted} bytes, not ${values.length}.`);
  let next = 0;
  return Uint8Array.from(spec.bytes.map(patternOf), ({ fixed, free }) => {
    if (free === 0) return fixed;
    const value = values[next++]!;
    if (Number.isInteger(value) && value >= 0 && value <= 0xff && (value & ~free) === 0) return fixed | value;
    throw new RegisterError(
      'value-out-of-range',
      `Byte ${next - 1} of ${where} takes bits of ${hex(free)}, not ${String(value)}.`,
    );
  });
}

/** Whether the bytes are this message, with whatever values. */
export function matchesCommand({ bytes }: CommandSpec, message: ArrayLike<number>): boolean {
  return (
    bytes.length === message.length &&
    bytes.map(patternOf).every(({ fixed, free }, index) => (message[index]! & ~free) === fixed)
  );
}

/** The largest message and the largest answer: each length is one byte on the wire. */
const MOST = 0xff;

/** Calls `fail` where the commands of a definition contradict it or each other. */
export function checkCommands(spec: PeripheralSpec, fail: (what: string) => never): void {
  const settings = new Map<string, { length: number; initial: boolean }>();
  for (const [name, command] of Object.entries(spec.commands ?? {})) {
    const { bytes, reply = 0, sets, initial, harmless } = command;
    if (!spec.space) fail(`${name} is a command, but the peripheral is not behind a bus`);
    if (spec.registers[name]) fail(`${name} is both a register and a command`);
    if (bytes.length > MOST || reply > MOST || bytes.length + reply === 0)
      fail(`${name} has ${bytes.length} bytes and an answer of ${reply}; 1 to ${MOST} can be sent at once`);
    for (const { fixed, free } of bytes.map(patternOf))
      if (fixed & free || (fixed | free) & ~0xff) fail(`${name} has a byte whose fixed and free bits do not fit`);
    if (sets === undefined) {
      if (initial) fail(`${name} is initial but sets nothing`);
      continue;
    }
    if (harmless) fail(`${name} sets ${sets}, so it is not harmless`);
    if (bytes.length === 0) fail(`${name} sets ${sets} without a byte`);
    if (initial) checkInitial(name, command, initial, fail);
    const setting = settings.get(sets) ?? { length: bytes.length, initial: false };
    if (setting.length !== bytes.length)
      fail(`${name} sets ${sets} by ${bytes.length} bytes, another by ${setting.length}`);
    if (setting.initial && initial) fail(`${sets} has two initial commands`);
    settings.set(sets, { length: setting.length, initial: setting.initial || initial !== undefined });
  }
  for (const [setting, { initial }] of settings) if (!initial) fail(`${setting} has no initial command`);
}

function checkInitial(
  name: string,
  command: CommandSpec,
  initial: readonly number[],
  fail: (what: string) => never,
): void {
  try {
    encodeCommand(name, command, initial);
  } catch (error) {
    fail(`the initial ${(error as Error).message.replace(/\.$/, '')}`);
  }
}
