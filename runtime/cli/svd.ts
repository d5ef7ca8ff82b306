/// <reference types="node" />
import { basename } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { applyOverlay, readOverlay, readSvd, selectPeripherals, writeModule } from '../registers/svd/index.js';
import { CliError } from './error.js';
import { readText, writeText } from './files.js';
import type { Console, Verb } from './verb.js';

const OPTIONS = {
  peripheral: { type: 'string', multiple: true },
  overlay: { type: 'string' },
  output: { type: 'string' },
  force: { type: 'boolean' },
} as const;

const HELP = `Usage: fgft svd IN.svd [--peripheral P]… [--overlay FIX.json] [--output FILE [--force]]

Writes TypeScript definitions of the peripherals that a CMSIS-SVD file describes.

  --peripheral P       only this one; may be given several times
  --overlay FIX.json   corrections of what the file gets wrong
  --output FILE        where to write; standard output if left out
  --force              overwrite FILE if it exists

Definitions made from an SVD file have no restore sequence: see docs/import-svd.md.
`;

export const svd: Verb = { summary: 'definitions from a CMSIS-SVD file', help: HELP, run };

async function run(args: readonly string[], { out, signal }: Console): Promise<void> {
  const { input, options } = parse(args);
  const read = readSvd(await readText(input));
  const overlay = options.overlay === undefined ? undefined : readOverlay(await readText(options.overlay));
  const corrected = overlay ? applyOverlay(read, overlay) : read;
  const device = options.peripheral ? selectPeripherals(corrected, options.peripheral) : corrected;
  const sources = { file: basename(input), ...(options.overlay ? { overlay: basename(options.overlay) } : {}) };
  const text = writeModule(device, sources);
  // A large file keeps the event loop busy: this lets a Ctrl-C that came meanwhile arrive.
  await turn();
  signal.throwIfAborted();
  if (options.output === undefined) out(text);
  else await writeText(options.output, text, { force: options.force ?? false, signal });
}

function parse(args: readonly string[]) {
  const usage = (what: string): never => {
    throw new CliError('usage', `${what} fgft svd --help says what it takes.`);
  };
  try {
    const { values: options, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [input, ...more] = positionals;
    if (input === undefined) return usage('No SVD file is given.');
    if (more.length > 0) return usage(`One SVD file at a time, not also ${more.join(', ')}.`);
    if (options.force && options.output === undefined) return usage('--force needs --output.');
    return { input, options };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code.startsWith('ERR_PARSE_ARGS')) return usage(`${(error as Error).message.split('. ')[0]}.`);
    throw error;
  }
}
