import { refusedError } from './link-errors.js';
import type { Answer } from './link.js';
import {
  BOARDS,
  END_REASONS,
  FEATURES,
  RESET_CAUSES,
  type BoardName,
  type EndReason,
  type Feature,
  type ResetCause,
} from './protocol.js';

/** What a controller says of itself when a session opens. */
export interface Hello {
  readonly features: number;
  readonly board: BoardName | number;
  /** `major.minor.patch` of the firmware. */
  readonly firmware: string;
  readonly resetCause: ResetCause | number;
  /** The fault that caused the last reset; addresses are code addresses of the firmware. */
  readonly fault: { readonly exception: number; readonly pc: number; readonly lr: number } | undefined;
  readonly limits: Limits;
  readonly leaseMs: number;
  readonly definitionsCrc: number;
  /** What became of the session before this one, or undefined when there was none since the boot. */
  readonly previous: PreviousSession | undefined;
}

export interface Limits {
  readonly frameBytes: number;
  /** Frames that may be in flight. */
  readonly window: number;
  readonly transactions: number;
  readonly arenaBytes: number;
  readonly definitionBytes: number;
  readonly peripherals: number;
  /** Mismatches that a rollback report can hold. */
  readonly mismatches: number;
}

export interface PreviousSession {
  readonly session: number;
  /** Transactions that the controller rolled back by itself, and why. */
  readonly rolledBack: number;
  readonly reason: EndReason | number;
  readonly registers: number;
  readonly mismatches: number;
  readonly lastSequence: number;
  readonly lastCommitted: number;
}

const nameOf = <Name extends string>(table: Readonly<Record<Name, number>>, code: number): Name | number =>
  (Object.keys(table) as Name[]).find((name) => table[name] === code) ?? code;

/** Whether the firmware has what it may leave out. */
export const hasFeature = ({ features }: Hello, feature: Feature): boolean => (features & FEATURES[feature]) !== 0;

/** The record in the answer to `hello`; throws where the controller refused the session. */
export function acceptHello({ status, results: [record] }: Answer): Hello {
  if (status === 'ok' && record instanceof Uint8Array) return decodeHello(record);
  throw refusedError(status);
}

/** Decodes the 48 bytes of a hello record (docs/protocol.md). */
export function decodeHello(record: Uint8Array): Hello {
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const u8 = (at: number) => view.getUint8(at);
  const u16 = (at: number) => view.getUint16(at, true);
  const u32 = (at: number) => view.getUint32(at, true);
  return {
    features: u16(0),
    board: nameOf(BOARDS, u8(2)),
    resetCause: nameOf(RESET_CAUSES, u8(3)),
    firmware: `${u32(4) >>> 16}.${(u32(4) >>> 8) & 0xff}.${u32(4) & 0xff}`,
    limits: {
      frameBytes: u16(8),
      window: u8(10),
      transactions: u8(11),
      arenaBytes: u16(12),
      definitionBytes: u16(14),
      peripherals: u8(16),
      mismatches: u8(17),
    },
    leaseMs: u16(18),
    fault: u8(20) === 0 ? undefined : { exception: u8(20), pc: u32(24), lr: u32(28) },
    definitionsCrc: u32(32),
    previous:
      u16(36) === 0
        ? undefined
        : {
            session: u16(36),
            rolledBack: u8(38),
            reason: nameOf(END_REASONS, u8(39)),
            registers: u16(40),
            mismatches: u16(42),
            lastSequence: u16(44),
            lastCommitted: u8(46),
          },
  };
}
