/**
 * `npm run bench:usb`, inside of the test kernel: what a call costs over Linux's USB, as a multiple of a raw round trip of
 * the same library in the same run. `-- --json` prints the rows as one array.
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import * as usb3 from 'usb';
import * as usb2 from 'usb2';
import { pico } from '../../peripherals/rp2040/index.js';
import { open } from '../../runtime/index.js';
import { systemEnvironment } from '../../transports/environment.js';
import { nodeUsb, type UsbLibrary } from '../../transports/node-usb/index.js';
import { encodeCobs } from '../../transports/serial/cobs.js';
import { serial } from '../../transports/serial/index.js';
import { streamPort } from '../../transports/serial/stream-port.js';
import type { Transport } from '../../transports/transport.js';
import { webUsb } from '../../transports/webusb.js';
import { picoBoard } from '../emulated.js';
import { echo, hello, IN, OUT } from '../transports/real-board.js';
import { KernelBoard } from '../usb/kernel-board.js';
import { Calls, PlainCalls, type Kind } from './calls.js';
import { printTable, row, type Row } from './report.js';

const ROUNDS = 25;
const TURNS = 21;
const WARM_UP = 5;
/** Calls in this process, of each kind: so many that what is measured after them is the link and not the compiler. */
const COLD_CALLS = 1000;
/** The payload of an echo whose frame, of 64 bytes with its header, is a full packet no more. */
const ECHO_BYTES = 40;
const SESSION = 0x4711;
const SERIAL_PORT = '/dev/ttyACM0';

type Turn = (index: number) => Promise<unknown>;

/** The median of so many turns: now and then one meets another process. */
async function msPerTurn(turn: Turn, from: number, turns = TURNS): Promise<number> {
  const taken: number[] = [];
  for (let index = 0; index < turns; index++) {
    const start = performance.now();
    await turn(from + index);
    taken.push(performance.now() - start);
  }
  return median(taken);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Answers to a question, one at a time, over what only carries bytes. */
interface Raw {
  ask(bytes: Uint8Array<ArrayBuffer>): Promise<unknown>;
  close(): Promise<void>;
}

/** The library alone: its own device, the IN posted before the OUT. */
async function rawUsb({ WebUSB }: UsbLibrary): Promise<Raw> {
  const [device] = await new WebUSB({ allowedDevices: [{ vendorId: 0x1209, productId: 1 }] }).getDevices();
  await device!.open();
  await device!.claimInterface(0);
  return {
    ask: (bytes) => Promise.all([device!.transferIn(IN, 1088), device!.transferOut(OUT, bytes)]),
    async close() {
      await device!.releaseInterface(0);
      await device!.close();
    },
  };
}

/** The serial port alone: a packet there, bytes back until the zero at their end. */
async function rawSerial(): Promise<Raw> {
  let answered = (): void => {};
  const port = await streamPort(
    { path: SERIAL_PORT },
    systemEnvironment,
  )({
    bytes: (bytes) => bytes.at(-1) === 0 && answered(),
    lost: () => {},
  });
  return {
    async ask(bytes) {
      const answer = new Promise<void>((resolve) => (answered = resolve));
      await port.write(encodeCobs(bytes));
      await answer;
    },
    close: () => port.close(),
  };
}

async function measureRaw(open_: () => Promise<Raw>): Promise<number> {
  const raw = await open_();
  await raw.ask(hello(SESSION));
  const turn: Turn = (index) => raw.ask(echo(SESSION, index + 1, ECHO_BYTES));
  await msPerTurn(turn, 0, WARM_UP);
  const ms = await msPerTurn(turn, WARM_UP);
  await raw.close();
  return ms;
}

const KINDS: readonly Kind[] = ['read-only', 'write-only', 'read-modify-write', 'many-write'];

/** Runs what the calls run in this process on a board that is in it, too; a raw round trip has no code of its own to warm. */
async function warmUp(): Promise<void> {
  const bench = await picoBoard();
  for (const kind of KINDS)
    for (const driver of [new Calls(bench.board), new PlainCalls(bench.board)])
      await msPerTurn(() => driver[kind](), 0, COLD_CALLS);
  await bench.dispose();
}

interface Sample {
  readonly raw: number;
  readonly read: number;
  readonly transaction: Readonly<Record<string, number>>;
  readonly plain: Readonly<Record<string, number>>;
}

async function sample(raw: () => Promise<Raw>, transport: () => Promise<Transport>): Promise<Sample> {
  const rawMs = await measureRaw(raw);
  const board = await open(await transport(), pico);
  const transactional = new Calls(board);
  const native = new PlainCalls(board);
  const transaction: Record<string, number> = {};
  const plain: Record<string, number> = {};
  for (const kind of KINDS) {
    for (const [driver, into] of [
      [transactional, transaction],
      [native, plain],
    ] as const) {
      await msPerTurn(() => driver[kind](), 0, WARM_UP);
      into[kind] = await msPerTurn(() => driver[kind](), 0);
    }
  }
  await board.close();
  return { raw: rawMs, read: plain['read-only']!, transaction, plain };
}

/** Ratios are of one round, where the machine was the same for both; their median is over the rounds. */
async function measure(name: string, raw: () => Promise<Raw>, transport: () => Promise<Transport>) {
  const samples: Sample[] = [];
  for (let round = 0; round < ROUNDS; round++) samples.push(await sample(raw, transport));
  const ratio = (of: (each: Sample) => number): number => median(samples.map(of));
  const over = (kind: Kind) => ratio(({ raw: ms, transaction }) => transaction[kind]! / ms);
  return {
    over,
    read: ratio(({ read, raw: ms }) => read / ms),
    many: ratio(({ plain, transaction }) => transaction['many-write']! / plain['many-write']!),
    ms: row(`${name}/raw`, median(samples.map(({ raw: ms }) => ms)), 'ms'),
  };
}

const TARGET = 1.1;

function usbRows(name: string, measured: Awaited<ReturnType<typeof measure>>, target: number | null): Row[] {
  return [
    measured.ms,
    row(`${name}/read-over-raw`, measured.read, 'ratio'),
    row(`${name}/write-only-over-raw`, measured.over('write-only'), 'ratio', target),
    row(`${name}/read-only-over-raw`, measured.over('read-only'), 'ratio', target),
    row(`${name}/read-modify-write-over-raw`, measured.over('read-modify-write'), 'ratio'),
    row(`${name}/many-write-over-plain`, measured.many, 'ratio', target === null ? null : 0.5),
  ];
}

const { values } = parseArgs({ options: { json: { type: 'boolean' } } });
await warmUp();
const board = new KernelBoard();
await board.plug();
const overUsb = (library: UsbLibrary) => async () => webUsb(await nodeUsb({ library }).board());
const newer = await measure('usb', () => rawUsb(usb3), overUsb(usb3));
const older = await measure('usb-2.18', () => rawUsb(usb2), overUsb(usb2));
const line = await measure('serial', rawSerial, async () => serial({ path: SERIAL_PORT }));
await board.close();
const rows = [
  ...usbRows('usb', newer, TARGET),
  ...usbRows('usb-2.18', older, null),
  line.ms,
  row('serial/read-over-raw', line.read, 'ratio'),
];
if (values.json) console.log(JSON.stringify(rows, undefined, 2));
else printTable(rows);
process.exit(rows.every(({ ok }) => ok) ? 0 : 1);
