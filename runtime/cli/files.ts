/// <reference types="node" />
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { CliError } from './error.js';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const reasonOf = (error: unknown): string => {
  const code = codeOf(error);
  return code === 'ENOENT' ? 'there is no such file or folder' : (code ?? String(error));
};

export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('unreadable-file', `${file} cannot be read: ${reasonOf(cause)}.`, { cause });
  }
}

/** Writes a whole file or none: under another name first, so that no interruption leaves half of it. */
export async function writeText(
  file: string,
  text: string,
  { force, signal }: { force: boolean; signal: AbortSignal },
): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(draft, text, { flag: 'wx', signal });
    signal.throwIfAborted();
    // A link, unlike a rename, fails where the name is taken, even by somebody who was faster.
    await (force ? rename(draft, file) : link(draft, file));
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST')
      throw new CliError('file-exists', `${file} exists. Choose another name, or overwrite it with --force.`, {
        cause,
      });
    throw new CliError('unwritable-file', `${file} cannot be written: ${reasonOf(cause)}.`, { cause });
  } finally {
    await rm(draft, { force: true });
  }
}
