/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { FgftError } from '../errors.js';
import { emulate } from './emulate.js';
import { CliError } from './error.js';
import { inject } from './inject.js';
import { survey } from './survey.js';
import { svd } from './svd.js';
import type { Console, Verb } from './verb.js';

const VERBS: Readonly<Record<string, Verb>> = { emulate, inject, survey, svd };

const HELP = `Usage: fgft VERB …

${Object.entries(VERBS)
  .map(([name, { summary }]) => `  ${name.padEnd(8)}${summary}`)
  .join('\n')}

  fgft VERB --help   what a verb does and takes
  fgft --version     the version of this program
`;

/** Exit codes: what was asked for could not be done; it was asked for wrongly; a call happened by half; 128 + SIGINT. */
const FAILED = 1;
const MISUSED = 2;
const VIOLATED = 3;
const INTERRUPTED = 130;

/** Runs one command line, without the program's name, and resolves with the exit code. */
export async function main(args: readonly string[], console: Console): Promise<number> {
  try {
    await dispatch(args, console);
    return 0;
  } catch (error) {
    if (console.signal.aborted) {
      console.err('fgft: Interrupted; no file was changed. [interrupted]\n');
      return INTERRUPTED;
    }
    const code = error instanceof FgftError ? error.code : 'internal-error';
    const message = error instanceof Error ? error.message : String(error);
    console.err(`fgft: ${message} [${code}]\n`);
    return { usage: MISUSED, violations: VIOLATED }[String(code)] ?? FAILED;
  }
}

async function dispatch([first, ...rest]: readonly string[], console: Console): Promise<void> {
  if (first === '--help' || first === '-h') return console.out(HELP);
  if (first === '--version') return console.out(`${version()}\n`);
  if (first === undefined) throw new CliError('usage', 'No verb is given. fgft --help lists them.');
  const verb = Object.hasOwn(VERBS, first) ? VERBS[first] : undefined;
  const kind = first.startsWith('-') ? 'option' : 'verb';
  if (!verb) throw new CliError('usage', `There is no ${kind} ${first}. fgft --help lists what there is.`);
  if (rest.includes('--help') || rest.includes('-h')) return console.out(verb.help);
  await verb.run(rest, console);
}

/** From the package around this file: one folder further out where it is compiled. */
function version(): string {
  for (const folder of ['../../', '../../../']) {
    try {
      const text = readFileSync(new URL(`${folder}package.json`, import.meta.url), 'utf8');
      const { name, version: found } = JSON.parse(text) as { name?: string; version?: string };
      if (name === 'fgft' && found) return found;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return 'unknown';
}
