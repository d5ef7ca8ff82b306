/// <reference types="node" />
import { parseArgs } from 'node:util';
import { systemEnvironment } from '../../transports/environment.js';
import { emulatedBoard } from '../../transports/emulator/index.js';
import { webUsb } from '../../transports/webusb.js';
// The command line is where runtime and peripherals meet; nothing else in runtime knows a peripheral.
import { pico } from '../../peripherals/rp2040/index.js';
import { shelf, startBuses } from '../../peripherals/shelf.js';
import { open, type Board } from '../open.js';
import type { PeripheralSpec } from '../registers/definition.js';
import { everySpec, surveyOf, verifyRestore, type SurveyRow } from '../registers/survey.js';
import { CliError } from './error.js';
import { firmwareImage } from './image.js';
import type { Console, Verb } from './verb.js';

type Pico = (typeof pico)['peripherals'];

const HELP = `Usage: fgft survey [--json]

Lists every peripheral that has a definition: its registers, how many a checkpoint saves, how it is protected, how long
its definition is (in lines of one register, field, entry or step each), what a rollback cannot undo, and whether a
rollback on the emulated board has brought every saved register back just now.

  --json   print an array of {peripheral, registers, saved, method, lines, irrevocable, verified}
`;

export const survey: Verb = { summary: 'which peripherals are protected, and how', help: HELP, run };

async function run(args: readonly string[], { out, signal }: Console): Promise<void> {
  const json = parse(args);
  const rows = await rowsOf(signal);
  out(json ? `${JSON.stringify(rows, undefined, 2)}\n` : table(rows));
}

function parse(args: readonly string[]): boolean {
  try {
    return parseArgs({ args: [...args], options: { json: { type: 'boolean' } } }).values.json ?? false;
  } catch (cause) {
    throw new CliError('usage', `${(cause as Error).message.split('. ')[0]}. fgft survey --help says what it takes.`, {
      cause,
    });
  }
}

async function rowsOf(signal: AbortSignal): Promise<SurveyRow[]> {
  const emulated = emulatedBoard({ image: await firmwareImage(), environment: systemEnvironment });
  for (const chip of shelf) chip.connect(emulated);
  const rows: SurveyRow[] = [];
  // A session each, because a controller holds so many definitions and no more.
  const look = async (specs: readonly PeripheralSpec[], prepare?: (board: Board<Pico>) => Promise<void>) => {
    const board = await open(webUsb(emulated.device ?? (await emulated.plug())), pico);
    try {
      await prepare?.(board);
      for (const spec of specs) {
        signal.throwIfAborted();
        const row = surveyOf(spec);
        rows.push({ ...row, verified: row.saved > 0 ? await verifyRestore(board, spec) : null });
      }
    } finally {
      await board.close();
    }
  };
  try {
    await look(everySpec(pico.peripherals));
    await look(
      shelf.flatMap(({ specs }) => specs),
      startBuses,
    );
    return rows;
  } finally {
    emulated.dispose();
  }
}

const VERIFIED = new Map([
  [true, 'yes'],
  [false, 'NO'],
  [null, '-'],
]);

function table(rows: readonly SurveyRow[]): string {
  const head = ['peripheral', 'registers', 'saved', 'method', 'lines', 'verified', 'irrevocable'];
  const cells = rows.map(({ peripheral, registers, saved, method, lines, verified, irrevocable }) => [
    peripheral,
    String(registers),
    String(saved),
    method,
    String(lines),
    VERIFIED.get(verified)!,
    irrevocable.join('; '),
  ]);
  const widths = head.map((title, column) =>
    Math.max(...[head, ...cells].map((line) => (column === head.length - 1 ? 0 : line[column]!.length)), title.length),
  );
  return (
    [head, ...cells]
      .map((line) =>
        line
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd(),
      )
      .join('\n') + '\n'
  );
}
