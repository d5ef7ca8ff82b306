import { FgftError } from '../errors.js';

/**
 * - `usage`: the command line asks for what does not exist.
 * - `unreadable-file`, `unwritable-file`: the system refused, see `cause`.
 * - `file-exists`: the output would overwrite a file.
 */
export type CliErrorCode = 'usage' | 'unreadable-file' | 'unwritable-file' | 'file-exists';

export class CliError extends FgftError<CliErrorCode> {}
