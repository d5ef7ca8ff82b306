/**
 * The root of the error tree and its branch for links. Every error of this project is an `FgftError` with a stable
 * `code`; `message` says what happened and what to do about it; `cause` keeps what led to it.
 */
export class FgftError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/**
 * - `device-not-found`: no board is there, or none with that serial number or at that path.
 * - `device-mismatch`: the device is not one of ours, or its firmware is another; nothing was sent to it.
 * - `device-busy`: somebody else has it open.
 * - `access-denied`: the operating system does not let this user open it.
 * - `device-lost`: it was unplugged, or the link to it ended.
 * - `no-bus`: this system has no USB to look at, or the library for it does not load.
 * - `link-closed`: this side has closed the link.
 * - `link-halted`: no transfer works (a stall, babble) until the link is resynchronised.
 * - `link-failed`: a transfer failed, or a resync was not answered, while the device is still there.
 * - `transfer-timeout`: a transfer was not done within its time; how much of it was is not known.
 */
export type TransportErrorCode =
  | 'device-not-found'
  | 'device-mismatch'
  | 'device-busy'
  | 'access-denied'
  | 'device-lost'
  | 'no-bus'
  | 'link-closed'
  | 'link-halted'
  | 'link-failed'
  | 'transfer-timeout';

export class TransportError extends FgftError<TransportErrorCode> {}
