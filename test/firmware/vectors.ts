/** The shape of vectors.json. Numbers are numbers; bytes are hexadecimal strings; addresses and values begin with 0x. */
import type { Failure, RawRestoreReport } from '../../runtime/link/frame.js';
import type { Hello } from '../../runtime/link/hello.js';
import type { Op } from '../../runtime/link/ops.js';
import type { StatusName } from '../../runtime/link/protocol.js';

export interface Vectors {
  /** The epoch that the controller was given when it started. */
  readonly epoch: string;
  readonly conversations: readonly Conversation[];
}

/** Begins with a controller that was just switched on and with all registers 0. */
export interface Conversation {
  readonly name: string;
  readonly about: string;
  readonly steps: readonly Step[];
}

/** What happens in turn: something is said, or something happens to the simulated board (firmware/boards/host/bus.h). */
export type Step =
  | Exchange
  /** A register is given a value, or must hold one, behind the firmware's back. */
  | { readonly do: 'poke' | 'expect'; readonly address: string; readonly value: string }
  | {
      readonly do: 'behave';
      readonly address: string;
      readonly behaviour: 'memory' | 'ignores' | 'clears' | 'write-only' | 'fifo' | 'ready' | 'faults';
      readonly bits: string;
      readonly after: number;
    }
  /** From now on the clock goes on by so much at each look; or it goes on once. */
  | { readonly do: 'clock' | 'pass'; readonly us: number }
  /** After so many rounds of waiting, a resync ends a running delay or poll. */
  | { readonly do: 'interrupt'; readonly waits: number }
  | { readonly do: 'check-lease' | 'link-lost' };

export interface Exchange {
  readonly do: 'exchange';
  readonly name: string;
  /** Over another link than that of the session, whose host is still there. */
  readonly elsewhere?: true;
  /** What `requestHex` says; left out where the frame is damaged or malformed, so that no encoder would make it. */
  readonly request?: VectorRequest;
  readonly malformed?: true;
  readonly requestHex: string;
  readonly answer: VectorAnswer;
  readonly answerHex: string;
}

export interface VectorRequest {
  readonly session: number;
  readonly sequence: number;
  readonly transaction: number;
  readonly ops: readonly VectorOp[];
}

/** An `Op` whose bytes are hexadecimal strings. */
export type VectorOp = Op extends infer Each ? { readonly [Key in keyof Each]: Plain<Each[Key]> } : never;
type Plain<Value> = Value extends Uint8Array
  ? string
  : Value extends ArrayLike<number>
    ? Exclude<Value, string>
    : Value;

export interface VectorAnswer {
  readonly session: number;
  readonly sequence: number;
  readonly epoch: number;
  readonly status: StatusName;
  readonly ran: number;
  /** One for each op that ran: null for nothing, a number, numbers, or bytes (echo, status, rollback, hello). */
  readonly results: readonly (null | number | readonly number[] | string)[];
  /** The record in the result of `hello`, decoded; what would be undefined is left out. */
  readonly hello?: Hello;
  /** Both are there when the status is not `ok`. */
  readonly failure?: Failure;
  readonly restore?: RawRestoreReport;
}

/** `serial-vectors.json`: what stands on a serial line. */
export interface SerialVectors {
  /** A packet, and what every encoder makes of it, the zero at the end included. */
  readonly encodings: readonly { readonly name: string; readonly packetHex: string; readonly lineHex: string }[];
  /** What a receiver of packets of 512 bytes at most makes of a line. */
  readonly lines: readonly {
    readonly name: string;
    readonly lineHex: string;
    readonly packetsHex: readonly string[];
    readonly dropped: number;
  }[];
  readonly resyncs: readonly ResyncVector[];
}

/** A resync request and its answer, as packets and as they stand on the line. */
export interface ResyncVector {
  readonly name: string;
  /** A frame that the controller has run before, right after it was switched on. */
  readonly beforeHex?: string;
  readonly nonce: number;
  readonly epoch: number;
  readonly session: number;
  readonly sequence: number;
  readonly requestHex: string;
  readonly requestLineHex: string;
  readonly answerHex: string;
  readonly answerLineHex: string;
}
