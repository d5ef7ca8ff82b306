import { ControllerError, type Mismatch, type RestoreReport } from '../errors.js';
import { hex } from '../hex.js';
import type { RawRestoreReport } from './frame.js';
import type { Answer } from './link.js';
import type { Op, Place } from './ops.js';
import { BUS_FAULTS, END_REASONS, NO_PERIPHERAL, type StatusName } from './protocol.js';

type FailureCode = Exclude<StatusName, 'ok'>;

/** Names of what the controller knows by number; undefined where the number is unknown. */
export interface Names {
  register(at: Pick<Place, 'peripheral' | 'block' | 'offset'>): string | undefined;
  saved(peripheral: number, save: number): { peripheral: string; register: string };
}

const endReason = (code: number): string =>
  Object.entries(END_REASONS).find(([, c]) => c === code)?.[0] ?? String(code);

const BUS_FAULT_SENTENCES = new Map<number, string>([
  [BUS_FAULTS['no-address'], 'no chip acknowledges that address'],
  [BUS_FAULTS['no-data'], 'the chip did not acknowledge a byte'],
  [BUS_FAULTS.stuck, 'it is stuck, or the bus is not set up'],
  [BUS_FAULTS['arbitration-lost'], 'another controller took it'],
]);

/** What each status means, and what to do; `where` is the register or the operation. */
const SENTENCES: Readonly<Record<FailureCode, (where: string, expected: number, found: number) => string>> = {
  'bad-frame': () => 'The frame arrived damaged.',
  'bad-version': (_, spoken) => `The controller speaks version ${spoken} of the protocol.`,
  'no-session': () => 'The controller knows no such session: open the board again.',
  'sequence-gap': (_, next, found) => `The controller expects frame ${next}, not ${found}.`,
  'unknown-op': (where) => `The firmware does not know the operation ${where}: flash the current firmware.`,
  'malformed-op': (where) => `The controller refused ${where}: its operands are not valid.`,
  'undefined-peripheral': (where) => `The controller knows no definition for ${where}.`,
  'out-of-bounds': (where, owned, asked) =>
    `${where} lies outside of what its definition owns (${hex(owned)}, asked for ${hex(asked)}).`,
  'access-denied': (where) => `${where} is not declared for access in that direction or width.`,
  'not-allowed': (where) => `The firmware does not let drivers reach ${where}: it is outside of its allow-list.`,
  'no-transaction': (_, reason) => `The transaction is not open on the controller any more (${endReason(reason)}).`,
  'transaction-open': () => 'The transaction has begun already.',
  'too-many-transactions': () => 'The controller holds as many open transactions as it can: let some end first.',
  'peripheral-busy': (where, _, holder) => `${where} belongs to transaction ${holder}, which has not ended.`,
  'arena-full': (where, free, needed) =>
    `No room for a checkpoint of ${where}: ${needed} bytes needed, ${free} free. Change fewer peripherals in one call.`,
  'definitions-full': (where, free, needed) =>
    `No room for the definition of ${where}: ${needed} bytes needed, ${free} free.`,
  'poll-timeout': (where, expected, found) =>
    `${where} did not become ${hex(expected)} in time: it reads ${hex(found)}.`,
  'bus-fault': (where, _, reason) =>
    `The bus failed at ${where}: ${BUS_FAULT_SENTENCES.get(reason) ?? 'it did not answer'}.`,
  'restore-mismatch': (where, expected, found) => `${where} was restored to ${hex(expected)} but reads ${hex(found)}.`,
  'answer-too-long': (where) => `The results up to ${where} do not fit into one answer: ask for less at once.`,
  interrupted: (where) => `${where} was interrupted by a resynchronisation of the link.`,
  irrevocable: (where) =>
    `A rollback could not bring ${where} back, because reading it acts: write it in a native method, outside of the entry point.`,
  'savepoint-failed': () => 'An earlier operation of this nested call has failed.',
  'watches-full': (where, most) => `${where} cannot be watched: the controller watches ${most} registers already.`,
  'board-busy': () => 'Another program has the board over its other interface: end that one first.',
  'unsupported-feature': () => 'The firmware lacks a feature that this host needs: flash the current firmware.',
};

/** The error for a failed answer to `ops`. */
export function controllerError(answer: Answer, ops: readonly Op[], names: Names): ControllerError {
  const code = answer.status as FailureCode;
  const failure = answer.failure ?? { peripheral: NO_PERIPHERAL, block: 0, offset: 0, expected: 0, found: 0 };
  const op = ops[answer.ran];
  const register = failure.peripheral === NO_PERIPHERAL ? undefined : names.register(failure);
  const where = register ?? op?.op ?? 'the frame';
  return new ControllerError(code, SENTENCES[code](where, failure.expected, failure.found), {
    operation: { index: answer.ran, name: op?.op ?? 'none' },
    register,
    expected: failure.expected,
    found: failure.found,
    restore: restoreReport(answer.restore, names),
  });
}

/** A rollback report with names instead of numbers. */
export function restoreReport(raw: RawRestoreReport, names: Names): RestoreReport {
  const mismatches = raw.mismatches.map(({ peripheral, save, expected, found }): Mismatch => ({
    ...names.saved(peripheral, save),
    expected,
    found,
  }));
  return { outcome: raw.outcome, registers: raw.registers, mismatches };
}
