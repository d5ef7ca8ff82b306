/** What recovery fails with, in words. */
import { RecoveryError } from '../errors.js';
import { TransportError } from '../../transports/errors.js';
import { sentence } from '../sentence.js';

export const brokenError = (cause: Error, failures: readonly unknown[]): RecoveryError =>
  new RecoveryError(
    'board-broken',
    `The board is broken since this failure: ${sentence(cause)}${failures.length > 0 ? ` Recovery failed: ${sentence(failures.at(-1))}` : ''} Open the board anew.`,
    cause,
    failures,
  );

export const timeoutError = (ms: number): TransportError =>
  new TransportError('device-lost', `The board was not back within ${ms} ms.`);

export const goneError = (): TransportError =>
  new TransportError('link-closed', 'The board came back when nobody waited for it any more.');

export const otherBoardError = (expected: string, found: string): TransportError =>
  new TransportError(
    'device-mismatch',
    `The board that came back is ${found}, not ${expected}: nothing was sent to it.`,
  );

/** A peripheral that the controller does not hold any more and the host has no record of. */
export const notRecordedError = (name: string): RecoveryError =>
  new RecoveryError(
    'not-restored',
    `${name} cannot be brought back: it was changed, but its registers are not recorded. Set it up again with native operations after board.adopt(), or open the board anew.`,
    undefined,
  );

export const notRestoredError = (name: string, cause: unknown): RecoveryError =>
  new RecoveryError(
    'not-restored',
    `${name} could not be brought back: ${sentence(cause)} It is tried again before the next call; board.adopt() takes it as it is.`,
    cause,
  );

/** The controller tells of the last commit only, and not even of that where what it said was lost, too. */
export const inDoubtError = (): RecoveryError =>
  new RecoveryError(
    'in-doubt',
    'Whether the commit was made cannot be known: its answer was lost with the link, the controller did not tell of it afterwards, and not all that the call has changed is recorded. All of it was made, or nothing. Read the registers before the next call.',
    undefined,
  );

/** The controller has rolled back by itself, and has not said that all of it reads back. */
export const notReadBackError = (): RecoveryError =>
  new RecoveryError(
    'in-doubt',
    'The controller rolled back by itself, but not everything read back, or nobody could be told; and not all that the call has changed is recorded. Read the registers before the next call.',
    undefined,
  );
