import { FgftError } from '../errors.js';

/**
 * - `usage`: the command line asks for what does not exist.
 * - `unreadable-file`, `unwritable-file`: the system refused, see `cause`.
 * - `file-exists`: the output would overwrite a file.
 * - `violations`: a driver's call has happened by half.
 * - `port-taken`, `port-refused`: another program listens there; the system does not let this one listen.
 */
export type CliErrorCode =
  | 'usage'
  | 'unreadable-file'
  | 'unwritable-file'
  | 'file-exists'
  | 'violations'
  | 'port-taken'
  | 'port-refused';

export class CliError extends FgftError<CliErrorCode> {}
