/** What a link fails with, in words. */
import { LinkError, TransportError } from '../errors.js';
import { PROTOCOL_VERSION, type BoardName, type Feature, type StatusName } from './protocol.js';

export const asError = (value: unknown): Error => (value instanceof Error ? value : new Error(String(value)));

/** The request was not sent. */
export const cancelled = (signal: AbortSignal): LinkError =>
  new LinkError('cancelled', 'The request was cancelled before it was sent.', { cause: signal.reason });

export const resetError = (): LinkError =>
  new LinkError(
    'controller-reset',
    'The controller was reset: its registers are no longer what they were. Open the board again and set it up.',
  );

export const sessionError = (): LinkError =>
  new LinkError(
    'session-lost',
    'Another host has opened a session on this board: close it there, then open the board again.',
  );

/** Somebody else holds the board's other interface: nothing was changed. */
export const busyError = (): TransportError =>
  new TransportError(
    'device-busy',
    'Another program has the board, over its serial port or its USB interface: end that one first, then open the board again.',
  );

export const versionError = (version: number): LinkError =>
  new LinkError(
    'version-mismatch',
    `The controller speaks version ${version} of the protocol, this host version ${PROTOCOL_VERSION}: flash the firmware that belongs to this version.`,
  );

export const boardError = (found: BoardName | number, wanted: BoardName): LinkError =>
  new LinkError(
    'board-mismatch',
    `The firmware runs on board '${found}', but the definition is for '${wanted}': open it with the matching definition.`,
  );

/** Why `what` cannot be, on a board whose firmware leaves something out. */
export const missingFeature = (feature: Feature, what: string): LinkError =>
  new LinkError(
    'version-mismatch',
    `${what}: the firmware has no ${feature} on this board, or is older than they are.`,
  );

export const refusedError = (status: StatusName): LinkError =>
  new LinkError(
    'version-mismatch',
    `The controller refused the session (${status}): flash the firmware that belongs to this version.`,
  );
