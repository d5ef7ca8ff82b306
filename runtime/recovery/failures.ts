/** What recovery fails with, in words. */
import { RecoveryError } from '../errors.js';
import { TransportError } from '../../transports/errors.js';

const sentence = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

export const brokenError = (cause: Error, failures: readonly unknown[]): RecoveryError =>
  new RecoveryError(
    'board-broken',
    `The board is broken since this failure: ${cause.message}${failures.length > 0 ? ` Recovery failed: ${sentence(failures.at(-1))}` : ''} Open the board anew.`,
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

/** Two commits were under way when the link was lost, and the controller only tells of the later one. */
export const inDoubtError = (): RecoveryError =>
  new RecoveryError(
    'in-doubt',
    'Whether the commit was made cannot be known: its answer was lost with the link, the controller tells only of the last commit, and not all that the call has changed is recorded.',
    undefined,
  );

/** The controller has rolled back by itself, and does not say that this was what reads back. */
export const notReadBackError = (): RecoveryError =>
  new RecoveryError(
    'in-doubt',
    'The controller rolled back by itself, but not everything read back, or nobody could be told; and not all that the call has changed is recorded.',
    undefined,
  );
