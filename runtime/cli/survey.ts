/// <reference types="node" />
import { parseArgs } from 'node:util';
import { systemEnvironment } from '../../transports/environment.js';
import { emulatedBoard, emulatedUno } from '../../transports/emulator/index.js';
// Not from the index, which needs @serialport/stream.
import { serialLink } from '../../transports/serial/link.js';
import type { OpenPort } from '../../transports/serial/port.js';
import { webUsb } from '../../transports/webusb.js';
// The command line is where runtime and peripherals meet; nothing else in runtime knows a peripheral.
import { uno } from '../../peripherals/atmega328p/index.js';
import { pico } from '../../peripherals/rp2040/index.js';
import { shelf, startBuses } from '../../peripherals/shelf.js';
import type { BoardSession } from '../board.js';
import { open, type Board } from '../open.js';
import type { PeripheralSpec } from '../registers/definition.js';
import { everySpec, surveyOf, verifyRestore, type SurveyRow } from '../registers/survey.js';
import { CliError } from './error.js';
import { firmwareImage } from './image.js';
import type { Console, Verb } from './verb.js';

type Pico = (typeof pico)['peripherals'];

const HELP = `Usage: fgft survey [--board BOARD] [--json]

Lists every peripheral that has a definition: its registers, how many a checkpoint saves, how it is protected, how long
its definition is (in lines of one register, field, entry or step each), what a rollback cannot undo, and whether a
rollback on the emulated board has brought every saved register back just now.

  --board BOARD   pico, with the chips behind its buses, which is the default, or uno
  --json          print an array of {peripheral, registers, saved, method, lines, irrevocable, verified}
`;

const OPTIONS = { board: { type: 'string', default: 'pico' }, json: { type: 'boolean', default: false } } as const;

export const survey: Verb = { summary: 'which peripherals are protected, and how', help: HELP, run };

async function run(args: readonly string[], { out, signal }: Console): Promise<void> {
  const { board, json } = parse(args);
  const rows = await (board === 'uno' ? rowsOfUno(signal) : rowsOfPico(signal));
  out(json ? `${JSON.stringify(rows, undefined, 2)}\n` : table(rows));
}

function parse(args: readonly string[]): { board: 'pico' | 'uno'; json: boolean } {
  const usage = (what: string, cause?: unknown): never => {
    throw new CliError('usage', `${what}. fgft survey --help says what it takes.`, { cause });
  };
  try {
    const { board, json } = parseArgs({ args: [...args], options: OPTIONS }).values;
    if (board !== 'pico' && board !== 'uno') return usage(`There is no board ${board}, only pico and uno`);
    return { board, json };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code.startsWith('ERR_PARSE_ARGS')) return usage((error as Error).message.split('. ')[0]!, error);
    throw error;
  }
}

/** What is known of each definition, and whether a rollback brings its registers back. */
async function rowsOn(
  board: BoardSession,
  specs: readonly PeripheralSpec[],
  signal: AbortSignal,
): Promise<SurveyRow[]> {
  const rows: SurveyRow[] = [];
  for (const spec of specs) {
    signal.throwIfAborted();
    const row = surveyOf(spec);
    rows.push({ ...row, verified: row.saved > 0 ? await verifyRestore(board, spec) : null });
  }
  return rows;
}

async function rowsOfPico(signal: AbortSignal): Promise<SurveyRow[]> {
  const emulated = emulatedBoard({ image: await firmwareImage(), environment: systemEnvironment });
  for (const chip of shelf) chip.connect(emulated);
  // A session each, because a controller holds so many definitions and no more.
  const look = async (specs: readonly PeripheralSpec[], prepare?: (board: Board<Pico>) => Promise<void>) => {
    const board = await open(webUsb(emulated.device ?? (await emulated.plug())), pico);
    try {
      await prepare?.(board);
      return await rowsOn(board, specs, signal);
    } finally {
      await board.close();
    }
  };
  try {
    const own = await look(everySpec(pico.peripherals));
    const chips = shelf.flatMap(({ specs }) => specs);
    return [...own, ...(await look(chips, startBuses))];
  } finally {
    emulated.dispose();
  }
}

/** A controller of this size holds a few definitions: a session for each. */
async function rowsOfUno(signal: AbortSignal): Promise<SurveyRow[]> {
  const image = await firmwareImage('atmega328p');
  const emulated = emulatedUno({ image, environment: systemEnvironment, resetOnOpen: false });
  emulated.plug();
  const rows: SurveyRow[] = [];
  try {
    for (const spec of everySpec(uno.peripherals)) {
      const openPort: OpenPort = (listener) => emulated.serialPort(listener);
      const board = await open(serialLink('the emulated Uno', openPort, systemEnvironment), uno);
      try {
        rows.push(...(await rowsOn(board, [spec], signal)));
      } finally {
        await board.close();
      }
    }
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
