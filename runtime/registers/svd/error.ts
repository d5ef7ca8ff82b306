import { FgftError } from '../../errors.js';

/** Where something stands in an SVD file. */
export interface SvdPlace {
  /** Line of the element, from 1. */
  readonly line: number;
  /** Names from the peripheral inwards, `UART0.UARTDR.DATA`; empty for the device itself. */
  readonly path: string;
}

/** An SVD file cannot be read, or contradicts itself. */
export class SvdError extends FgftError<'bad-svd'> implements SvdPlace {
  readonly line: number;
  readonly path: string;

  /** `what` says in sentences what is wrong and what to do about it. */
  constructor({ line, path }: SvdPlace, what: string, options?: { cause?: unknown }) {
    super('bad-svd', `Line ${line}, ${path || 'device'}: ${what}`, options);
    this.line = line;
    this.path = path;
  }
}

/** A file of corrections is malformed, or corrects what is not there. */
export class OverlayError extends FgftError<'bad-overlay'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('bad-overlay', message, options);
  }
}
