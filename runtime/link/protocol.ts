/**
 * The protocol between host and controller, as tables: the one source of both sides. `npm run protocol` writes
 * firmware/core/protocol.h from this file, and CI fails when the two differ. docs/protocol.md explains the semantics.
 * All integers are little-endian.
 */

/** The version in byte 1 of every frame. A controller that speaks another one refuses the frame with `bad-version`. */
export const PROTOCOL_VERSION = 1;

/** Byte 0 of a request and of an answer: a link that slipped by a byte is noticed at once. */
export const REQUEST_MAGIC = 0xf6;
export const ANSWER_MAGIC = 0x6f;
/** Byte 0 of a poke, which nobody has asked for: events are waiting. */
export const POKE_MAGIC = 0x9d;

/** Sizes of the fixed parts, in bytes. */
export const SIZES = {
  requestHeader: 10,
  answerHeader: 14,
  crc: 4,
  failure: 12,
  rollbackReport: 4,
  mismatch: 10,
  block: 12,
  save: 8,
  step: 16,
  helloResult: 48,
  eventsHead: 3,
  event: 12,
  poke: 10,
} as const;

/**
 * Features both sides must agree on (must-understand bits of HELLO): `savepoints` are nested calls, `snapshots` the registers
 * of a peripheral as a record and their way back, `journals` blocks without a save list.
 */
export const FEATURES = {
  transactions: 1 << 0,
  events: 1 << 1,
  savepoints: 1 << 2,
  snapshots: 1 << 3,
  journals: 1 << 4,
} as const;

/**
 * Operations. `operands` are what the request carries after the op byte; `result` is what the answer carries.
 * `ref` is u8 peripheral, u8 block, u16 offset; `w` is a value of the op's width, which stands in bits 6-7 of the
 * op byte (0: 8 bit, 1: 16 bit, 2: 32 bit).
 */
export const OPS = {
  hello: { code: 0x01, operands: 'u16 required-features, u16 lease-ms', result: 'hello record' },
  echo: { code: 0x02, operands: 'u8 count, count bytes', result: 'count bytes' },
  status: { code: 0x03, operands: 'u16 seq', result: 'u8 kept, u8 status, u16 next-seq' },
  define: { code: 0x04, operands: 'definition', result: 'u32 crc of the definition' },
  digest: { code: 0x05, operands: 'u8 peripheral', result: 'u32 digest' },
  begin: { code: 0x06, operands: '', result: '' },
  commit: { code: 0x07, operands: '', result: '' },
  rollback: { code: 0x08, operands: '', result: 'rollback report' },
  savepoint: { code: 0x09, operands: '', result: '' },
  release: { code: 0x0a, operands: '', result: '' },
  revert: { code: 0x0b, operands: '', result: 'rollback report' },
  snapshot: { code: 0x0c, operands: 'u8 peripheral', result: 'u8 count, record' },
  restore: { code: 0x0d, operands: 'u8 peripheral, u8 count, record', result: 'rollback report' },
  read: { code: 0x10, operands: 'ref', result: 'w' },
  write: { code: 0x11, operands: 'ref, w value', result: '' },
  masked: { code: 0x12, operands: 'ref, w mask, w value', result: '' },
  readBlock: { code: 0x13, operands: 'ref, u8 count', result: 'count w' },
  writeBlock: { code: 0x14, operands: 'ref, u8 count, count w', result: '' },
  readFifo: { code: 0x15, operands: 'ref, u8 count', result: 'count w' },
  writeFifo: { code: 0x16, operands: 'ref, u8 count, count w', result: '' },
  poll: { code: 0x17, operands: 'ref, w mask, w value, u32 timeout-us', result: 'w last value' },
  delay: { code: 0x18, operands: 'u32 us', result: '' },
  transfer: { code: 0x19, operands: 'ref, u8 count, count bytes, u8 count to read', result: 'count bytes' },
  query: { code: 0x1a, operands: 'as transfer', result: 'as transfer' },
  watch: { code: 0x1b, operands: 'ref, w mask', result: '' },
  events: { code: 0x1c, operands: 'u8 most', result: 'u16 next number, u8 count, count events' },
} as const;

/** Status of an answer. 0 is success; the others stop the frame at the op numbered `ran`. */
export const STATUS = {
  ok: 0,
  'bad-frame': 1,
  'bad-version': 2,
  'no-session': 3,
  'sequence-gap': 4,
  'unknown-op': 5,
  'malformed-op': 6,
  'undefined-peripheral': 7,
  'out-of-bounds': 8,
  'access-denied': 9,
  'not-allowed': 10,
  'no-transaction': 11,
  'transaction-open': 12,
  'too-many-transactions': 13,
  'peripheral-busy': 14,
  'arena-full': 15,
  'definitions-full': 16,
  'poll-timeout': 17,
  'bus-fault': 18,
  'restore-mismatch': 19,
  'answer-too-long': 20,
  interrupted: 21,
  'unsupported-feature': 22,
  irrevocable: 23,
  'savepoint-failed': 24,
  'watches-full': 25,
  'board-busy': 26,
} as const;

/** Why a transaction ended, as the controller remembers it. */
export const END_REASONS = {
  none: 0,
  committed: 1,
  'rolled-back': 2,
  'op-failed': 3,
  'lease-expired': 4,
  'link-lost': 5,
  'new-session': 6,
} as const;

/** How the controller came to run. */
export const RESET_CAUSES = { 'power-on': 0, pin: 1, watchdog: 2, software: 3, debugger: 4, fault: 5 } as const;

/** Boards known to this version. */
export const BOARDS = { host: 0, rp2040: 1, atmega328p: 2 } as const;

/** Address spaces of a block. What `base` holds in the last two: docs/protocol.md. */
export const SPACES = { mmio: 0, i2c: 1, spi: 2 } as const;

/** Why a bus failed: `found` in the failure record of a `bus-fault`. docs/protocol.md says what each means. */
export const BUS_FAULTS = { 'no-address': 1, 'no-data': 2, stuck: 3, 'arbitration-lost': 4 } as const;

/** Flags of an address block in a definition. The width (log2 of its bytes) stands in bits 4-5, between them. */
export const BLOCK_FLAGS = {
  read: 1 << 0,
  write: 1 << 1,
  ones: 1 << 2,
  fifo: 1 << 3,
  journal: 1 << 6,
  sideEffects: 1 << 7,
} as const;
export const BLOCK_WIDTH_SHIFT = 4;

/** Flags of a save entry. */
export const SAVE_FLAGS = { shadow: 1 << 0, volatile: 1 << 1, zeros: 1 << 2 } as const;

/** Kinds of restore step. */
export const STEPS = { saved: 1, write: 2, poll: 3, delay: 4 } as const;

/** Peripheral number in a failure that names no peripheral. Numbers of peripherals start at 1. */
export const NO_PERIPHERAL = 0xff;

/** How long a controller waits before it pokes again a host that has not fetched its events, in microseconds. */
export const POKE_AGAIN_US = 100_000;

/** The longest delay or poll time-out that one op may ask for, in microseconds. */
export const WAIT_MAX_US = 1_000_000;

export type OpName = keyof typeof OPS;
export type Feature = keyof typeof FEATURES;
export type StatusName = keyof typeof STATUS;
export type EndReason = keyof typeof END_REASONS;
export type ResetCause = keyof typeof RESET_CAUSES;
export type BoardName = keyof typeof BOARDS;
