import { OPS, SIZES, type OpName } from './protocol.js';

/** Where a register is, in the controller's terms: a defined peripheral, one of its blocks, and bytes from its base. */
export interface Place {
  readonly peripheral: number;
  readonly block: number;
  readonly offset: number;
  /** log2 of the width in bytes. */
  readonly width: 0 | 1 | 2;
}

/** One operation of a frame. Values are unsigned integers of the register's width. */
export type Op =
  | { readonly op: 'hello'; readonly features: number; readonly leaseMs: number }
  | { readonly op: 'echo'; readonly bytes: Uint8Array }
  | { readonly op: 'status'; readonly sequence: number }
  | { readonly op: 'define'; readonly peripheral: number; readonly definition: Uint8Array }
  | { readonly op: 'digest'; readonly peripheral: number }
  | { readonly op: 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'revert' }
  | { readonly op: 'snapshot'; readonly peripheral: number; readonly saves: number }
  | { readonly op: 'restore'; readonly peripheral: number; readonly saves: number; readonly record: Uint8Array }
  | { readonly op: 'read'; readonly at: Place }
  | { readonly op: 'write'; readonly at: Place; readonly value: number }
  | { readonly op: 'masked'; readonly at: Place; readonly mask: number; readonly value: number }
  | { readonly op: 'readBlock' | 'readFifo'; readonly at: Place; readonly count: number }
  | { readonly op: 'writeBlock' | 'writeFifo'; readonly at: Place; readonly values: ArrayLike<number> }
  | PollOp
  | { readonly op: 'delay'; readonly us: number }
  | TransferOp
  | { readonly op: 'watch'; readonly at: Place; readonly mask: number }
  | { readonly op: 'events'; readonly most: number };

export interface PollOp {
  readonly op: 'poll';
  readonly at: Place;
  readonly mask: number;
  readonly value: number;
  readonly timeoutUs: number;
}

/** Raw bytes to a chip behind a bus, then `count` bytes from it. A `query` changes nothing that a checkpoint keeps. */
export interface TransferOp {
  readonly op: 'transfer' | 'query';
  readonly at: Place;
  readonly bytes: Uint8Array;
  readonly count: number;
}

const CHANGING: ReadonlySet<OpName> = new Set(['write', 'masked', 'writeBlock', 'writeFifo', 'transfer']);

/** The ops that change registers, and so make a transaction begin. */
export function changesRegisters(op: Op): boolean {
  return CHANGING.has(op.op);
}

/** The result of an op: a value, values, bytes, or nothing. Reports, events and a hello record stay as bytes here. */
export type OpResult = number | Uint32Array | Uint8Array | undefined;

/** The members of `Op` that a name selects; `Extract` would lose those that share one member. */
type OpOf<Name extends OpName> = Op extends infer Each
  ? Each extends { readonly op: OpName }
    ? Name extends Each['op']
      ? Each
      : never
    : never
  : never;

interface Codec<Name extends OpName> {
  /** Bytes of the operands. */
  size(op: OpOf<Name>): number;
  encode(op: OpOf<Name>, view: DataView, at: number): void;
  /** Bytes of the result; at most so many where it varies. */
  resultSize(op: OpOf<Name>): number;
  decode(op: OpOf<Name>, view: DataView, at: number): { result: OpResult; size: number };
}

const REF = 4;

function putRef(view: DataView, at: number, { peripheral, block, offset }: Place): void {
  view.setUint8(at, peripheral);
  view.setUint8(at + 1, block);
  view.setUint16(at + 2, offset, true);
}

function putValue(view: DataView, at: number, width: number, value: number): void {
  if (width === 0) view.setUint8(at, value);
  else if (width === 1) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
}

function getValue(view: DataView, at: number, width: number): number {
  if (width === 0) return view.getUint8(at);
  return width === 1 ? view.getUint16(at, true) : view.getUint32(at, true);
}

const bytesAt = (view: DataView, at: number, size: number): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + at, size).slice();

/** Bytes of a record: a u32 for each entry of the save list, and a bit for each that says whether its value is known. */
export const recordBytes = (saves: number): number => 4 * saves + Math.ceil(saves / 8);

const NOTHING = { result: undefined, size: 0 };

const bare: Codec<'begin' | 'commit' | 'savepoint' | 'release'> = {
  size: () => 0,
  encode: () => {},
  resultSize: () => 0,
  decode: () => NOTHING,
};

const readMany: Codec<'readBlock' | 'readFifo'> = {
  size: () => REF + 1,
  encode(op, view, at) {
    putRef(view, at, op.at);
    view.setUint8(at + REF, op.count);
  },
  resultSize: (op) => op.count << op.at.width,
  decode(op, view, at) {
    const result = Uint32Array.from({ length: op.count }, (_, i) =>
      getValue(view, at + (i << op.at.width), op.at.width),
    );
    return { result, size: op.count << op.at.width };
  },
};

const writeMany: Codec<'writeBlock' | 'writeFifo'> = {
  size: (op) => REF + 1 + (op.values.length << op.at.width),
  encode(op, view, at) {
    putRef(view, at, op.at);
    view.setUint8(at + REF, op.values.length);
    for (let i = 0; i < op.values.length; i++)
      putValue(view, at + REF + 1 + (i << op.at.width), op.at.width, op.values[i]!);
  },
  resultSize: () => 0,
  decode: () => NOTHING,
};

const report: Codec<'rollback' | 'revert' | 'restore'> = {
  size: (op) => (op.op === 'restore' ? 2 + op.record.length : 0),
  encode(op, view, at) {
    if (op.op !== 'restore') return;
    view.setUint8(at, op.peripheral);
    view.setUint8(at + 1, op.saves);
    new Uint8Array(view.buffer, view.byteOffset + at + 2).set(op.record);
  },
  // The controller reserves this room in every answer, so it does not count against the frame.
  resultSize: () => SIZES.rollbackReport,
  decode(_, view, at) {
    const size = rollbackReportSize(view, at);
    return { result: bytesAt(view, at, size), size };
  },
};

const transfer: Codec<'transfer' | 'query'> = {
  size: (op) => REF + 2 + op.bytes.length,
  encode(op, view, at) {
    putRef(view, at, op.at);
    view.setUint8(at + REF, op.bytes.length);
    new Uint8Array(view.buffer, view.byteOffset + at + REF + 1).set(op.bytes);
    view.setUint8(at + REF + 1 + op.bytes.length, op.count);
  },
  resultSize: (op) => op.count,
  decode: (op, view, at) => ({ result: bytesAt(view, at, op.count), size: op.count }),
};

const CODECS: { readonly [Name in OpName]: Codec<Name> } = {
  hello: {
    size: () => 4,
    encode(op, view, at) {
      view.setUint16(at, op.features, true);
      view.setUint16(at + 2, op.leaseMs, true);
    },
    resultSize: () => SIZES.helloResult,
    decode: (_, view, at) => ({ result: bytesAt(view, at, SIZES.helloResult), size: SIZES.helloResult }),
  },
  echo: {
    size: (op) => 1 + op.bytes.length,
    encode(op, view, at) {
      view.setUint8(at, op.bytes.length);
      new Uint8Array(view.buffer, view.byteOffset + at + 1).set(op.bytes);
    },
    resultSize: (op) => op.bytes.length,
    decode: (op, view, at) => ({ result: bytesAt(view, at, op.bytes.length), size: op.bytes.length }),
  },
  status: {
    size: () => 2,
    encode: (op, view, at) => view.setUint16(at, op.sequence, true),
    resultSize: () => 4,
    decode: (_, view, at) => ({ result: bytesAt(view, at, 4), size: 4 }),
  },
  define: {
    size: (op) => 1 + op.definition.length,
    encode(op, view, at) {
      view.setUint8(at, op.peripheral);
      new Uint8Array(view.buffer, view.byteOffset + at + 1).set(op.definition);
    },
    resultSize: () => 4,
    decode: (_, view, at) => ({ result: view.getUint32(at, true), size: 4 }),
  },
  digest: {
    size: () => 1,
    encode: (op, view, at) => view.setUint8(at, op.peripheral),
    resultSize: () => 4,
    decode: (_, view, at) => ({ result: view.getUint32(at, true), size: 4 }),
  },
  begin: bare,
  commit: bare,
  rollback: report,
  savepoint: bare,
  release: bare,
  revert: report,
  snapshot: {
    size: () => 1,
    encode: (op, view, at) => view.setUint8(at, op.peripheral),
    resultSize: (op) => 1 + recordBytes(op.saves),
    decode(_, view, at) {
      const size = recordBytes(view.getUint8(at));
      return { result: bytesAt(view, at + 1, size), size: 1 + size };
    },
  },
  restore: report,
  read: {
    size: () => REF,
    encode: (op, view, at) => putRef(view, at, op.at),
    resultSize: (op) => 1 << op.at.width,
    decode: (op, view, at) => ({ result: getValue(view, at, op.at.width), size: 1 << op.at.width }),
  },
  write: {
    size: (op) => REF + (1 << op.at.width),
    encode(op, view, at) {
      putRef(view, at, op.at);
      putValue(view, at + REF, op.at.width, op.value);
    },
    resultSize: () => 0,
    decode: () => NOTHING,
  },
  masked: {
    size: (op) => REF + (2 << op.at.width),
    encode(op, view, at) {
      putRef(view, at, op.at);
      putValue(view, at + REF, op.at.width, op.mask);
      putValue(view, at + REF + (1 << op.at.width), op.at.width, op.value);
    },
    resultSize: () => 0,
    decode: () => NOTHING,
  },
  readBlock: readMany,
  readFifo: readMany,
  writeBlock: writeMany,
  writeFifo: writeMany,
  poll: {
    size: (op) => REF + (2 << op.at.width) + 4,
    encode(op, view, at) {
      const bytes = 1 << op.at.width;
      putRef(view, at, op.at);
      putValue(view, at + REF, op.at.width, op.mask);
      putValue(view, at + REF + bytes, op.at.width, op.value);
      view.setUint32(at + REF + 2 * bytes, op.timeoutUs, true);
    },
    resultSize: (op) => 1 << op.at.width,
    decode: (op, view, at) => ({ result: getValue(view, at, op.at.width), size: 1 << op.at.width }),
  },
  delay: {
    size: () => 4,
    encode: (op, view, at) => view.setUint32(at, op.us, true),
    resultSize: () => 0,
    decode: () => NOTHING,
  },
  transfer,
  query: transfer,
  watch: {
    size: (op) => REF + (1 << op.at.width),
    encode(op, view, at) {
      putRef(view, at, op.at);
      putValue(view, at + REF, op.at.width, op.mask);
    },
    resultSize: () => 0,
    decode: () => NOTHING,
  },
  events: {
    size: () => 1,
    encode: (op, view, at) => view.setUint8(at, op.most),
    resultSize: (op) => SIZES.eventsHead + op.most * SIZES.event,
    decode(_, view, at) {
      const size = SIZES.eventsHead + view.getUint8(at + 2) * SIZES.event;
      return { result: bytesAt(view, at, size), size };
    },
  },
};

const codecOf = (op: Op): Codec<OpName> => CODECS[op.op];

/** Bytes of the op in a request. */
export const opSize = (op: Op): number => 1 + codecOf(op).size(op);

/** Bytes that its result takes in the answer. */
export const resultSize = (op: Op): number => codecOf(op).resultSize(op);

/** Writes the op at `at` and returns where the next one goes. */
export function encodeOp(op: Op, view: DataView, at: number): number {
  const width = 'at' in op ? op.at.width : 0;
  view.setUint8(at, OPS[op.op].code | (width << 6));
  codecOf(op).encode(op, view, at + 1);
  return at + opSize(op);
}

/** Reads the result of the op at `at`. Throws RangeError when the answer ends before it. */
export const decodeResult = (op: Op, view: DataView, at: number): { result: OpResult; size: number } =>
  codecOf(op).decode(op, view, at);

/** Bytes of the rollback report at `at`: its head and as many mismatches as it says. */
export const rollbackReportSize = (view: DataView, at: number): number =>
  SIZES.rollbackReport + view.getUint8(at + 1) * SIZES.mismatch;
