/**
 * Frames made by hand from docs/protocol.md, with nothing of the client but the names of its numbers, so that both can be
 * wrong only by themselves.
 */
export { BUS_FAULTS, END_REASONS as END, RESET_CAUSES as CAUSE, STATUS } from '../../../runtime/link/protocol.js';

const HEADER = { request: 10, answer: 14 } as const;

/** CRC-32/ISO-HDLC, bit by bit. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

export const u16 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff];
export const u32 = (value: number): number[] => [...u16(value), ...u16(value >>> 16)];

export interface Request {
  readonly session: number;
  readonly sequence: number;
  readonly transaction?: number;
  /** Each with its op byte. */
  readonly ops: readonly (readonly number[])[];
}

export function request({ session, sequence, transaction = 0, ops }: Request): Uint8Array {
  const body = ops.flat();
  const length = HEADER.request + body.length + 4;
  const head = [0xf6, 1, ...u16(length), ...u16(session), ...u16(sequence), transaction, ops.length, ...body];
  return Uint8Array.from([...head, ...u32(crc32(Uint8Array.from(head)))]);
}

export interface Answer {
  readonly session: number;
  readonly sequence: number;
  readonly epoch: number;
  readonly status: number;
  readonly ran: number;
  /** Results, then failure record and rollback report if there are any. */
  readonly body: DataView;
}

/** Throws when the answer is not what the page says an answer is. */
export function answer(bytes: Uint8Array): Answer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - 4;
  if (end < HEADER.answer || view.getUint8(0) !== 0x6f || view.getUint8(1) !== 1) throw new Error('not an answer');
  if (view.getUint16(2, true) !== bytes.length) throw new Error('the length of the answer is wrong');
  if (view.getUint32(end, true) !== crc32(bytes.subarray(0, end))) throw new Error('the CRC of the answer is wrong');
  return {
    session: view.getUint16(4, true),
    sequence: view.getUint16(6, true),
    epoch: view.getUint32(8, true),
    status: view.getUint8(12),
    ran: view.getUint8(13),
    body: new DataView(bytes.buffer, bytes.byteOffset + HEADER.answer, end - HEADER.answer),
  };
}

/** All results, where a frame ran to its end. */
export const bytesOf = ({ body }: Answer): number[] => [
  ...new Uint8Array(body.buffer, body.byteOffset, body.byteLength),
];

/** `expected` and `found` in the failure record, where no op gave a result before the one that failed. */
export const failedBy = ({ body }: Answer): [expected: number, found: number] => [
  body.getUint32(4, true),
  body.getUint32(8, true),
];

/** PWM slice 0 counter compare: a register that nothing but a write changes. */
export const PWM_CH0_CC = 0x4005000c;
export const PERIPHERAL = 1;

/** A register of peripheral 1. */
export const ref = (block: number, offset: number): number[] => [PERIPHERAL, block, ...u16(offset)];

export const op = {
  hello: (leaseMs: number) => [0x01, ...u16(1), ...u16(leaseMs)],
  echo: (bytes: readonly number[]) => [0x02, bytes.length, ...bytes],
  /** Peripheral 1: one readable and writable register, which a checkpoint keeps. */
  define(address: number, mask = 0xffffffff) {
    const block = [0, 3 | (2 << 4), ...u16(4), ...u32(address), ...u32(mask)];
    const save = [0, 0, ...u16(0), ...u32(mask)];
    return [0x04, PERIPHERAL, 1, 1, 0, ...block, ...save];
  },
  begin: () => [0x06],
  commit: () => [0x07],
  read: () => [0x90, ...ref(0, 0)],
  write: (value: number) => [0x91, ...ref(0, 0), ...u32(value)],
  delay: (us: number) => [0x18, ...u32(us)],
} as const;

/** The hello record, as far as the board fills it in. */
export function helloRecord({ body }: Answer) {
  return {
    board: body.getUint8(2),
    cause: body.getUint8(3),
    frameMax: body.getUint16(8, true),
    window: body.getUint8(10),
    lease: body.getUint16(18, true),
    exception: body.getUint8(20),
    pc: body.getUint32(24, true),
    lr: body.getUint32(28, true),
    abandoned: body.getUint8(38),
    reason: body.getUint8(39),
    restored: body.getUint16(40, true),
  };
}
