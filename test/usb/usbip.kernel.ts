/** `fgft emulate`, as its users have it: the kernel's own client attaches what it lends. */
import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { promisify } from 'node:util';
import * as usb3 from 'usb';
import { pico } from '../../peripherals/rp2040/index.js';
import { open } from '../../runtime/index.js';
import { nodeUsb } from '../../transports/node-usb/index.js';
import { serial } from '../../transports/serial/index.js';
import { webUsb } from '../../transports/webusb.js';
import { kernelComplaints } from './kernel-log.js';
import { boardsOfKernel } from './sysfs.js';
import { watchBus } from './usbmon.js';

const SERIAL_NUMBERS = ['F6F7000000000001', 'F6F7000000000002'] as const;
/** EPIPE, and the ENOENT of usb_kill_urb (Linux, Documentation/driver-api/usb/error-codes.rst). */
const STALLED = -32;
const UNLINKED = -2;
const LOOK_EVERY_MS = 20;
/** Starting a program from its sources takes long here, on a machine that has other things to do as well. */
const PATIENCE_MS = 100_000;
const run = promisify(execFile);
const usbip = async (...args: string[]): Promise<string> => (await run('/usr/sbin/usbip', args)).stdout;
const attach = (busId: string): Promise<string> => usbip('attach', '-r', '127.0.0.1', '-b', busId);

/** Serial numbers of the boards that this kernel has, in order. */
const found = (): string[] =>
  boardsOfKernel()
    .map(({ serialNumber }) => serialNumber ?? 'no serial number')
    .toSorted();

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += LOOK_EVERY_MS) {
    if (waited > PATIENCE_MS) throw new Error(`${what} did not happen within ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

const isThere = (...serials: readonly string[]): Promise<void> =>
  until(`The kernel having ${serials.join(' and ') || 'no board'}`, () => found().join() === serials.join());

/** Opens a board through npm usb, counts in a register of it, and closes it; resolves with the count. */
async function count(serialNumber: string): Promise<number> {
  const board = await open(webUsb(await nodeUsb({ library: usb3 }).board(serialNumber)), pico);
  try {
    const register = board.pwm.ch[5]!.CC;
    const { A } = await register.read();
    await register.modify({ A: A + 1 });
    return (await register.read()).A;
  } finally {
    await board.close();
  }
}

describe('fgft emulate, and usbip', function () {
  this.timeout(120_000);
  let emulate: ChildProcess;
  let lines: Interface;
  const said: string[] = [];
  const says = (line: string): Promise<void> => until(`fgft saying ${line}`, () => said.includes(line));

  before(async () => {
    kernelComplaints();
    const args = ['--import', 'tsx', 'runtime/cli/fgft.ts', 'emulate', '--count', '2', '--json'];
    emulate = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    lines = createInterface(emulate.stdout!).on('line', (line) => said.push(line));
    await until('fgft listening', () => said.length > 0);
  });
  after(() => {
    lines.close();
    emulate.kill('SIGKILL');
  });
  afterEach(() => assert.deepEqual(kernelComplaints(), [], 'the kernel has nothing to complain of'));

  it('usbip list shows the boards with their interfaces', async () => {
    const list = await usbip('list', '-r', '127.0.0.1');
    for (const busId of ['1-1', '1-2']) assert.match(list, new RegExp(`${busId}: .*\\(1209:0001\\)`));
    assert.equal(list.match(/0 - Vendor Specific Class/g)?.length, 2);
    assert.equal(list.match(/1 - Communications \/ Abstract \(modem\)/g)?.length, 2);
  });

  it('usbip attach brings each to the bus, with its serial port', async () => {
    await attach('1-1');
    await isThere(SERIAL_NUMBERS[0]);
    await attach('1-2');
    await isThere(...SERIAL_NUMBERS);
    await until('their serial ports', () => existsSync('/dev/ttyACM0') && existsSync('/dev/ttyACM1'));
  });

  it('usbip attach is refused a board that somebody has, and one that there is not', async () => {
    await assert.rejects(attach('1-1'), /Device busy/);
    await assert.rejects(attach('1-7'), /Device not found/);
  });

  it('lsusb -v reads every descriptor', async () => {
    const { stdout, stderr } = await run('lsusb', ['-v', '-d', '1209:0001']);
    assert.equal(stderr, '');
    assert.equal(stdout.match(/^Device Descriptor:/gm)?.length, 2);
    for (const line of [
      /iProduct +2 fgft RP2040/,
      /iSerial +3 F6F7000000000001/,
      /iInterface +4 fgft frames/,
      /CDC Union:/,
      /Transfer Type +Interrupt/,
      /WebUSB:/,
      /Device Status: +0x0000/,
    ])
      assert.match(stdout, line);
  });

  it('programs use both, each with its own registers', async () => {
    assert.deepEqual([await count(SERIAL_NUMBERS[0]), await count(SERIAL_NUMBERS[0])], [1, 2]);
    assert.equal(await count(SERIAL_NUMBERS[1]), 1);
  });

  it('control, bulk and interrupt transfers are answered, also those that the kernel takes back', async () => {
    const [{ name } = { name: '' }] = boardsOfKernel().filter(({ serialNumber }) => serialNumber === SERIAL_NUMBERS[0]);
    const [tty] = readdirSync(`/sys/bus/usb/devices/${name}:1.1/tty`);
    const stop = watchBus(name.split('-')[0]!);
    const board = await open(serial({ path: `/dev/${tty}` }), pico);
    assert.equal((await board.pwm.ch[5]!.CC.read()).A, 2);
    await board.close();
    await run('lsusb', ['-v', '-d', '1209:0001']);
    const outcomes = stop().map(({ kind, status }) => `${kind}: ${status ?? 'not answered'}`);
    assert.deepEqual([...new Set(outcomes)].toSorted(), [
      // What the driver of the serial port has posted is unlinked when the port is closed.
      `bulk in: ${UNLINKED}`,
      'bulk in: 0',
      'bulk out: 0',
      // A full-speed device has no qualifier (USB 2.0 9.6.2).
      `control in: ${STALLED}`,
      'control in: 0',
      'control out: 0',
      `interrupt in: ${UNLINKED}`,
    ]);
  });

  it('a board that is reset by its host works after it', async () => {
    const device = await nodeUsb({ library: usb3 }).board(SERIAL_NUMBERS[0]);
    await device.open();
    await device.reset();
    await device.close();
    await isThere(...SERIAL_NUMBERS);
    assert.equal(await count(SERIAL_NUMBERS[0]), 3);
  });

  it('usbip detach gives one back, which has kept its registers when it is attached again', async () => {
    await usbip('detach', '-p', '0');
    await isThere(SERIAL_NUMBERS[1]);
    await says('{"event":"detached","busId":"1-1"}');
    assert.match(await usbip('list', '-r', '127.0.0.1'), /1-1: /);
    await attach('1-1');
    await isThere(...SERIAL_NUMBERS);
    assert.equal(await count(SERIAL_NUMBERS[0]), 4);
  });

  it('Ctrl-C unplugs them all', async () => {
    const ended = new Promise((resolve) => emulate.once('exit', (code) => resolve(code)));
    emulate.kill('SIGINT');
    assert.equal(await ended, 0);
    await isThere();
    assert.doesNotMatch(await usbip('port'), /Port in Use/);
  });
});
