/** What a link fails with, in words. */
import { LinkError } from '../errors.js';
import { PROTOCOL_VERSION } from './protocol.js';

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

export const versionError = (version: number): LinkError =>
  new LinkError(
    'version-mismatch',
    `The controller speaks version ${version} of the protocol, this host version ${PROTOCOL_VERSION}: flash the firmware that belongs to this version.`,
  );
