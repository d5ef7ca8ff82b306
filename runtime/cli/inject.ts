/// <reference types="node" />
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { sweep, tableOf, type Workload } from '../inject/index.js';
import { CliError } from './error.js';
import { firmwareImage } from './image.js';
import type { Console, Verb } from './verb.js';

const HELP = `Usage: fgft inject sweep WORKLOAD [--json]

Fails a driver's call at each of its operations, frames and bytes on I2C, with every kind of fault, each time on an
emulated board of its own, and looks whether registers and state are as before the call, or, where it succeeded, as
after it, and whether the next call works.

  WORKLOAD   a JavaScript module whose default export was made by defineWorkload of 'fgft/inject': the driver, the call
  --json     print an array of {fault, trials, undone, unknown, done, detectors, violations}

Exits with 3 where a call has happened by half, with 1 where the workload could not be run.
`;

export const inject: Verb = { summary: 'what is left of a call that fails, fault by fault', help: HELP, run };

async function run(args: readonly string[], { out, err, signal }: Console): Promise<void> {
  const { file, json } = parse(args);
  const workload = await load(file);
  const progress = (text: string): void => {
    if (process.stderr.isTTY) err(`\r\x1b[K${text}`);
  };
  const rows = await sweep(workload, {
    image: await firmwareImage(),
    signal,
    progress: (fault, trial, trials) => progress(`${fault} ${trial}/${trials}`),
  }).finally(() => progress(''));
  out(json ? `${JSON.stringify(rows, undefined, 2)}\n` : tableOf(workload.name, rows));
  const violations = rows.flatMap((row) => row.violations);
  if (violations.length > 0)
    throw new CliError('violations', `${workload.name} has happened by half ${violations.length} times.`);
}

function parse(args: readonly string[]): { file: string; json: boolean } {
  const wrong = (what: string, cause?: unknown): CliError =>
    new CliError('usage', `${what} fgft inject --help says what it takes.`, cause ? { cause } : {});
  let parsed: { values: { json?: boolean }; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options: { json: { type: 'boolean' } }, allowPositionals: true });
  } catch (cause) {
    throw wrong(`${(cause as Error).message.split('. ')[0]}.`, cause);
  }
  const [what, file, ...more] = parsed.positionals;
  if (what !== 'sweep') throw wrong(what === undefined ? 'Say what to do: sweep.' : `There is no inject ${what}.`);
  if (file === undefined || more.length > 0) throw wrong('Give one module with a workload.');
  return { file, json: parsed.values.json ?? false };
}

async function load(file: string): Promise<Workload> {
  const module = (await import(pathToFileURL(resolve(file)).href).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('unreadable-file', `${file} cannot be loaded: ${why}`, { cause });
  })) as { default?: Partial<Workload> };
  const { name, board, prepare, call, state } = module.default ?? {};
  if (name && board && prepare && call && state) return module.default as Workload;
  throw new CliError(
    'unreadable-file',
    `${file} has no workload as its default export: make one with defineWorkload of 'fgft/inject'.`,
  );
}
