/**
 * `npm start`: boots the firmware on an emulated Pico and calls a servo's `angle()` three times: well, so that it fails
 * half-way unprotected, and so that it fails half-way as a transaction. `--json` prints the same for programs.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs, styleText } from 'node:util';
import { pico } from '../peripherals/rp2040/index.js';
import { EntryPointError, open, systemEnvironment } from '../runtime/index.js';
import { emulatedBoard } from '../transports/emulator/index.js';
import { webUsb } from '../transports/webusb.js';
import { PlainServo, Servo } from './servo-driver.js';

const GPIO = 2;
const IMPOSSIBLE = 12_345;

const USAGE = `Usage: npm start -- [--json]

Drives a servo on an emulated Pico and shows what a failing call leaves behind, unprotected and as a transaction.

  --json   print one JSON object instead of the table
  --help   print this`;

type Registers = Record<string, number>;
interface Change {
  readonly register: string;
  readonly before: number;
  readonly after: number;
}

/** Every register of the servo's pin and slice that is not read-only, by name. */
async function readRegisters(servo: PlainServo): Promise<Registers> {
  const { pin, slice } = servo;
  const registers = { CTRL: pin.CTRL, PAD: pin.PAD, OUT: pin.OUT, OE: pin.OE };
  const counters = { CSR: slice.CSR, DIV: slice.DIV, CC: slice.CC, TOP: slice.TOP };
  const values: Registers = {};
  for (const [name, register] of Object.entries(registers)) values[`pin${GPIO}.${name}`] = await register.readBits();
  for (const [name, register] of Object.entries(counters)) values[`pwm1.${name}`] = await register.readBits();
  return values;
}

const changes = (before: Registers, after: Registers): Change[] =>
  Object.keys(before)
    .filter((register) => before[register] !== after[register])
    .map((register) => ({ register, before: before[register]!, after: after[register]! }));

const stateOf = (servo: PlainServo) => ({ degrees: servo.degrees, moves: servo.moves.map((move) => ({ ...move })) });

/** Calls `angle` with an impossible angle and reports what that left behind. */
async function failHalfWay(servo: PlainServo) {
  const registers = await readRegisters(servo);
  const state = stateOf(servo);
  const frames = servo.board.link.framesSent;
  const start = performance.now();
  const error: unknown = await servo.angle(IMPOSSIBLE, 100).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('The impossible angle was accepted.');
  const ms = performance.now() - start;
  const roundTrips = error instanceof EntryPointError ? error.roundTrips : servo.board.link.framesSent - frames;
  return {
    changed: changes(registers, await readRegisters(servo)),
    stateRestored: JSON.stringify(stateOf(servo)) === JSON.stringify(state),
    state: stateOf(servo),
    error: { code: 'code' in error ? String(error.code) : error.name, message: error.message },
    ...(error instanceof EntryPointError && { rollback: error.rollback }),
    roundTrips,
    ms,
  };
}

async function run() {
  const image = await readFile(new URL('../firmware/images/fgft-rp2040.bin', import.meta.url));
  const emulated = emulatedBoard({ image, environment: systemEnvironment });
  const board = await open(webUsb(await emulated.plug()), pico);
  try {
    const plainServo = new PlainServo(board, GPIO);
    await plainServo.angle(90);
    const plain = await failHalfWay(plainServo);
    await plainServo.angle(90);

    const servo = new Servo(board, GPIO);
    await servo.angle(90);
    const registers = await readRegisters(servo);
    const transaction = await failHalfWay(servo);
    return { board: pico.name, firmware: board.hello.firmware, registers, plain, transaction };
  } finally {
    await board.close();
    emulated.dispose();
  }
}

type Report = Awaited<ReturnType<typeof run>>;

const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;
/** Colours only on a terminal: `styleText` itself does not look. */
const colour = (name: 'red' | 'green' | 'bold' | 'dim', text: string) =>
  process.stdout.isTTY && !process.env['NO_COLOR'] ? styleText(name, text) : text;

function table({ board, firmware, registers, plain, transaction }: Report): string {
  const afterOf = (report: typeof plain, register: string, before: number) => {
    const change = report.changed.find((each) => each.register === register);
    return change ? colour('red', `${hex(change.after)} changed`) : colour('green', `${hex(before)}        `);
  };
  const rows = Object.entries(registers).map(
    ([register, before]) =>
      `  ${register.padEnd(12)} ${hex(before)}   ${afterOf(plain, register, before)}   ${afterOf(transaction, register, before)}`,
  );
  const stateRow = (report: typeof plain) =>
    report.stateRestored
      ? colour('green', `degrees ${report.state.degrees}`)
      : colour('red', `degrees ${report.state.degrees}`);
  const gap = ' '.repeat(19 - `degrees ${plain.state.degrees}`.length);
  return [
    colour('bold', `Servo on GPIO ${GPIO} of an emulated ${board}, firmware ${firmware}`),
    '',
    `angle(90) went well. Then angle(${IMPOSSIBLE}, 100) failed half-way:`,
    '',
    colour('dim', `  register     before       unprotected           as a transaction`),
    ...rows,
    `  ${'state'.padEnd(12)} degrees 90   ${stateRow(plain)}${gap}  ${stateRow(transaction)}`,
    '',
    `Unprotected:      ${plain.error.message}`,
    `                  ${plain.changed.length} registers left changed, ${plain.roundTrips} round trips, ${plain.ms.toFixed(2)} ms`,
    `As a transaction: ${transaction.error.message}`,
    `                  code '${transaction.error.code}', ${transaction.changed.length} registers left changed, ${transaction.roundTrips} round trips, ${transaction.ms.toFixed(2)} ms`,
  ].join('\n');
}

const { values } = parseArgs({ options: { json: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help) {
  console.log(USAGE);
} else {
  const report = await run();
  console.log(values.json ? JSON.stringify(report, undefined, 2) : table(report));
  process.exitCode = report.transaction.changed.length === 0 && report.transaction.stateRestored ? 0 : 1;
}
