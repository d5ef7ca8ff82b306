/** What the two sides of a worker thread say to each other. Every message of a call carries the call's number. */
import type { Op, OpResult } from '../link/ops.js';
import type { PeripheralSpec } from '../registers/definition.js';
import type { SentError } from './failures.js';

/** Definitions in the shape that a driver holds its handles in; a number stands for one in a list. */
export type Shape = number | readonly Shape[] | { readonly [name: string]: Shape };

/** A driver's fields by name, or why one could not be sent. */
export interface Fields {
  readonly values: readonly (readonly [name: string, value: unknown])[];
  readonly withheld: readonly (readonly [name: string, reason: string])[];
}

/** What a thread has to know before the first call on it. */
export interface Setup {
  readonly specs: readonly PeripheralSpec[];
  readonly peripherals: Readonly<Record<string, Shape>>;
  readonly invariants: readonly string[];
}

export type ToWorker =
  | { readonly type: 'load'; readonly module: string; readonly className: string; readonly setup: Setup }
  | {
      readonly type: 'call';
      readonly call: number;
      readonly method: string;
      readonly args: readonly unknown[];
      /** Where the thread was made ready for another driver of the class. */
      readonly setup?: Setup;
      /** What has changed since the last call: `@state` fields, and the driver's other own properties. */
      readonly state: Fields;
      readonly plain: Fields;
    }
  | { readonly type: 'answers'; readonly call: number; readonly answers: readonly Answer[] }
  | { readonly type: 'hook'; readonly call: number; readonly hook: number }
  /** The call has failed on this side, or only the nested one of this level. */
  | { readonly type: 'abort'; readonly call: number; readonly level: number; readonly error: SentError };

export interface Answer {
  readonly ask: number;
  readonly result?: OpResult;
  readonly error?: SentError;
}

/** What a call asks for, in order. Nested calls are levels with numbers of their own; 0, or none, is the call itself. */
export type Asked = AskedOp | AskedBegin | AskedEnd | AskedHook | AskedFailure;

export interface AskedOp {
  /** Its `at.peripheral` is an index of `Setup.specs`. */
  readonly op: Op;
  readonly level?: number;
  /** It may wait for the commit. */
  readonly final?: true;
  /** The number of the answer that the driver waits for. */
  readonly ask?: number;
}

/** A nested call wants to begin; answered when it may. */
export interface AskedBegin {
  readonly begin: string;
  readonly level: number;
  readonly parent: number;
  readonly ask: number;
}

/** A nested call has returned, or failed; answered when it has been released or undone. */
export interface AskedEnd {
  readonly end: number;
  readonly error?: SentError;
  readonly ask: number;
}

/** There is something to do at the end of the transaction. */
export interface AskedHook {
  readonly hook: number;
  readonly when: 'commit' | 'rollback';
  readonly level: number;
}

/** The call has failed in the worker, where its code goes on nevertheless. */
export interface AskedFailure {
  readonly failure: SentError;
}

export type FromWorker =
  | { readonly type: 'unusable'; readonly error: SentError }
  | { readonly type: 'ops'; readonly call: number; readonly ops: readonly Asked[] }
  | { readonly type: 'hooked'; readonly call: number; readonly hook: number; readonly error?: SentError }
  | {
      readonly type: 'done';
      readonly call: number;
      readonly ops: readonly Asked[];
      readonly result: unknown;
      /** `@state` fields that the call has changed, and those that share objects with them. */
      readonly state: readonly (readonly [name: string, value: unknown])[];
    }
  | {
      readonly type: 'failed';
      readonly call: number;
      readonly error: SentError;
      /** Fields of which the worker no longer has the committed value. */
      readonly lost: readonly string[];
    };
