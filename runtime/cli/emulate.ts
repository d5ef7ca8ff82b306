/// <reference types="node" />
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { systemEnvironment } from '../../transports/environment.js';
import { emulatedBoard, inRealTime } from '../../transports/emulator/index.js';
import { lend, serve, type LentBoard, type Line } from '../../transports/usbip/index.js';
import { CliError } from './error.js';
import { emulateUno, type UnoOptions } from './emulate-uno.js';
import { firmwareImage } from './image.js';
import { close, listen } from './tcp.js';
import type { Console, Verb } from './verb.js';

const LOOPBACK = '127.0.0.1';
/** Registered for USB/IP (IANA). */
const USBIP_PORT = 3240;
const LAST_PORT = 0xffff;
/** As many as one controller of Linux's vhci_hcd has ports, as Debian builds it. */
const MOST_BOARDS = 8;
/** The boards have the same serial numbers in every run; this is the first one's. */
const FIRST_FLASH_ID = 0xf6f7_0000_0000_0001n;

const TAKEN = 'Another program listens there, perhaps usbipd. Choose another port with --usbip; 0 finds a free one.';

const HELP = `Usage: fgft emulate [--board pico] [--usbip PORT] [--host ADDRESS] [--count N] [--json]
       fgft emulate --board uno [--tcp PORT] [--host ADDRESS] [--json]

Emulates boards with this project's firmware, and lends them to other programs. Runs until Ctrl-C, which unplugs them.

A Pico is lent over USB/IP: a Linux kernel, here or elsewhere, has it on USB after \`usbip attach -r ADDRESS -b 1-1\`.
The serial line of an Arduino Uno is lent over TCP: it is a serial port of this computer after
\`socat PTY,link=/tmp/uno,raw,echo=0,ignoreeof TCP:ADDRESS:PORT\`.

  --board BOARD    pico, which is the default, or uno
  --usbip PORT     the TCP port to listen on for a Pico, ${USBIP_PORT} by default, 0 for a free one
  --tcp PORT       the TCP port to listen on for an Uno, a free one by default
  --host ADDRESS   the address to listen on, ${LOOPBACK} by default. There are no passwords: whoever reaches it has the boards
  --count N        how many Picos, 1 by default: 1-1, 1-2 and so on
  --json           a line of JSON for each event: {event: 'listening', host, port}, with {boards} of Picos, and
                   {event: 'attached' | 'detached'}, with {busId} of a Pico

See docs/usbip.md and docs/emulator.md.
`;

export const emulate: Verb = {
  summary: 'lends emulated boards to Linux, as if they were on USB or a serial port',
  help: HELP,
  run,
};

const OPTIONS = {
  board: { type: 'string', default: 'pico' },
  usbip: { type: 'string' },
  tcp: { type: 'string' },
  host: { type: 'string', default: LOOPBACK },
  count: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

interface PicoOptions {
  readonly port: number;
  readonly host: string;
  readonly count: number;
  readonly json: boolean;
}

async function run(args: readonly string[], console: Console): Promise<void> {
  const { board, options } = parse(args);
  await (board === 'uno' ? emulateUno(options, console) : emulatePicos(options, console));
}

async function emulatePicos({ port, host, count, json }: PicoOptions, { out, signal }: Console): Promise<void> {
  const image = await firmwareImage();
  const boards = Array.from({ length: count }, (_, index) => {
    const flashId = FIRST_FLASH_ID + BigInt(index);
    return emulatedBoard({ image, environment: systemEnvironment, power: 'kept', flashId });
  });
  const clocks: (() => void)[] = [];
  try {
    const lent = await lend(boards);
    clocks.push(...boards.map(inRealTime));
    const tell = (event: 'attached' | 'detached', { busId }: LentBoard): void =>
      out(json ? `${JSON.stringify({ event, busId })}\n` : `${busId} ${event}\n`);
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.once('close', () => sockets.delete(socket)));
      connect(socket, lent, {
        attached: (board) => tell('attached', board),
        detached: (board) => tell('detached', board),
      });
    });
    const at = await listen(server, port, host, TAKEN);
    out(json ? `${JSON.stringify(listening(lent, at))}\n` : greeting(lent, at));
    if (!signal.aborted) await once(signal, 'abort');
    // The kernels at the other end see their boards unplugged.
    await close(server, sockets);
  } finally {
    for (const stop of clocks) stop();
    for (const board of boards) board.dispose();
  }
}

/** Joins one TCP connection to the server of the boards. */
function connect(socket: Socket, lent: readonly LentBoard[], listener: Parameters<typeof serve>[2]): void {
  socket.setNoDelay();
  const line: Line = { write: (bytes) => void socket.write(bytes), end: () => void socket.end() };
  const end = serve(line, lent, listener);
  // An error is followed by a close.
  socket.on('error', () => {});
  socket.on('data', (bytes) => end.bytes(bytes));
  socket.on('close', () => end.ended());
}

const listening = (lent: readonly LentBoard[], { address, port }: AddressInfo) => ({
  event: 'listening',
  host: address,
  port,
  boards: lent.map(({ busId, serialNumber }) => ({ busId, serialNumber })),
});

function greeting(lent: readonly LentBoard[], { address, port }: AddressInfo): string {
  const option = port === USBIP_PORT ? '' : `--tcp-port ${port} `;
  const lines = lent.map(({ busId, serialNumber }) => `  ${busId}  Raspberry Pi Pico, serial number ${serialNumber}\n`);
  return `Lending at ${address}, port ${port}:\n${lines.join('')}
Take one, as root (modprobe vhci-hcd once before):
  usbip ${option}attach -r ${address} -b ${lent[0]!.busId}
Ctrl-C unplugs ${lent.length === 1 ? 'it' : 'them'}.
`;
}

type Parsed =
  | { readonly board: 'pico'; readonly options: PicoOptions }
  | { readonly board: 'uno'; readonly options: UnoOptions };

function parse(args: readonly string[]): Parsed {
  const usage = (what: string, cause?: unknown): never => {
    throw new CliError('usage', `${what} fgft emulate --help says what it takes.`, { cause });
  };
  const number = (option: 'usbip' | 'tcp' | 'count', text: string | number, least: number, most: number): number => {
    if (/^\d{1,5}$/.test(String(text)) && Number(text) >= least && Number(text) <= most) return Number(text);
    return usage(`--${option} is a number from ${least} to ${most}, not ${text}.`);
  };
  try {
    const { board, usbip, tcp, host, count, json } = parseArgs({ args: [...args], options: OPTIONS }).values;
    if (board === 'pico') {
      if (tcp !== undefined) return usage('A Pico is lent over USB/IP: --tcp is for an Uno.');
      const port = number('usbip', usbip ?? USBIP_PORT, 0, LAST_PORT);
      return { board, options: { port, host, count: number('count', count ?? 1, 1, MOST_BOARDS), json } };
    }
    if (board !== 'uno') return usage(`There is no board ${board} to emulate, only pico and uno.`);
    if (usbip !== undefined)
      return usage('An Uno has no USB of its own: its serial line is lent over TCP, with --tcp.');
    if (count !== undefined) return usage('Only Picos can be several: start another fgft emulate for another Uno.');
    return { board, options: { port: number('tcp', tcp ?? 0, 0, LAST_PORT), host, json } };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code.startsWith('ERR_PARSE_ARGS')) return usage(`${(error as Error).message.split('. ')[0]}.`, error);
    throw error;
  }
}
