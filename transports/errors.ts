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
 * - `device-mismatch`: the device is not one of ours, or its firmware is another; nothing was sent to it.
 * - `device-busy`: somebody else has it open.
 * - `device-lost`: it was unplugged, or the link to it ended.
 * - `link-closed`: this side has closed the link.
 * - `link-failed`: a transfer failed (stall, time-out, babble) while the device is still there.
 */
export type TransportErrorCode = 'device-mismatch' | 'device-busy' | 'device-lost' | 'link-closed' | 'link-failed';

export class TransportError extends FgftError<TransportErrorCode> {}
