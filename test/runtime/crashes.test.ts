import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { pico } from '../../peripherals/rp2040/index.js';
import { EntryPointError, open } from '../../runtime/index.js';
import { serialLink, type OpenPort } from '../../transports/serial/index.js';
import { webUsb } from '../../transports/webusb.js';
import { image, picoBoard, type Bench, type PicoBoard } from '../emulated.js';
import { describeDevice, lendDevice } from '../usb-over-ipc.js';
import { systemEnvironment } from '../../transports/environment.js';
import { emulatedBoard } from '../../transports/emulator/index.js';
import { Holder } from './holder.js';

/** GPIO_OUT (RP2040 datasheet 2.3.1.7) and CH4_CC (4.5.3), read past the firmware. */
const GPIO_OUT = 0xd0000010;
const CH4_CC = 0x40050000 + 4 * 0x14 + 0x0c;
const LEASE_MS = 1000;

describe('When the host or the link goes away in the middle of a transaction', function () {
  this.timeout(30_000);
  let bench: Bench;
  const registers = () => [bench.emulated.read32(GPIO_OUT), bench.emulated.read32(CH4_CC)];

  beforeEach(async () => {
    bench = await picoBoard({ leaseMs: LEASE_MS });
    await bench.board.pwm.ch[4]!.CC.write({ A: 77, B: 88 });
  });
  afterEach(() => bench.dispose());

  /** Starts a call that stays inside its transaction; resolves when the registers have changed. */
  async function holding(board = bench.board): Promise<{ call: Promise<unknown> }> {
    const before = registers();
    const held = await new Promise<{ call: Promise<unknown> }>((resolve) => {
      const call: Promise<unknown> = new Holder(board)
        .hold(() => resolve({ call }))
        .then(
          () => assert.fail('the call must not succeed'),
          (error: unknown) => error,
        );
    });
    assert.notDeepEqual(registers(), before, 'the call has changed registers');
    return held;
  }

  it('a closed link: the controller rolls back at once, and the next session says so', async () => {
    const before = registers();
    assert.equal(bench.board.hello.previous, undefined);
    await holding();
    await bench.board.close();
    bench.emulated.advance(1);
    assert.deepEqual(registers(), before);
    const board = await bench.reopen();
    assert.equal(board.hello.previous?.rolledBack, 1);
    assert.equal(board.hello.previous.reason, 'link-lost');
    assert.equal(board.hello.previous.mismatches, 0);
    await board.close();
  });

  it('a host that stands still: the controller rolls back when the lease expires, and the next session says so', async () => {
    const before = registers();
    await holding();
    bench.emulated.advance(LEASE_MS * 0.9);
    assert.notDeepEqual(registers(), before, 'the lease has not expired yet');
    bench.emulated.advance(LEASE_MS * 0.2);
    assert.deepEqual(registers(), before);
    await bench.board.close();
    const board = await bench.reopen();
    assert.equal(board.hello.previous?.rolledBack, 1);
    assert.equal(board.hello.previous.reason, 'lease-expired');
    await board.close();
  });

  describe('on a line that does not tell of its end', () => {
    let board: PicoBoard;
    /** `tells`: with DTR high. Low from the beginning, the board does not hear when that ends, as with a UART. */
    const opened = async ({ tells }: { tells: boolean }): Promise<void> => {
      const { emulated } = bench;
      const openPort: OpenPort = async (listener) => {
        const port = await emulated.serialPort(listener);
        if (!tells) await port.setDtr(false);
        return port;
      };
      board = await open(serialLink('the line', openPort, emulated.environment), pico, { leaseMs: LEASE_MS });
    };

    beforeEach(async () => {
      await bench.board.close();
      await opened({ tells: false });
    });
    afterEach(() => board.close());

    it('a closed link: the controller rolls back when the lease expires, and the next session says so', async () => {
      const before = registers();
      await holding(board);
      await board.close();
      bench.emulated.advance(LEASE_MS * 0.9);
      assert.notDeepEqual(registers(), before, 'the lease has not expired yet');
      bench.emulated.advance(LEASE_MS * 0.2);
      assert.deepEqual(registers(), before);
      await opened({ tells: true });
      assert.equal(board.hello.previous?.rolledBack, 1);
      assert.equal(board.hello.previous.reason, 'lease-expired');
    });

    it('a new session before the lease has expired: it rolls back what the old one left open, and says so', async () => {
      const before = registers();
      await holding(board);
      await board.close();
      await opened({ tells: true });
      assert.deepEqual(registers(), before);
      assert.equal(board.hello.previous?.reason, 'new-session');
    });
  });

  it('an unplugged board with power of its own: the controller rolls back, the caller gets the error', async () => {
    const before = registers();
    const { call } = await holding();
    await bench.emulated.unplug({ power: 'kept' });
    bench.emulated.advance(LEASE_MS);
    const error = await call;
    assert.ok(error instanceof EntryPointError);
    assert.equal(error.code, 'device-lost');
    assert.equal(error.rollback.outcome, 'unknown');
    assert.deepEqual(registers(), before);
    await bench.emulated.plug();
    const board = await bench.reopen();
    assert.equal(board.hello.previous?.rolledBack, 1);
    await board.close();
  });

  it('an unplugged board that loses power: the next session sees another epoch and no previous session', async () => {
    const { epoch } = bench.board.link;
    const { call } = await holding();
    await bench.emulated.unplug({ power: 'lost' });
    await call;
    await bench.emulated.plug();
    const board = await bench.reopen();
    assert.notEqual(board.link.epoch, epoch);
    assert.equal(board.hello.previous, undefined);
    assert.equal(board.hello.resetCause, 'power-on');
    await board.close();
  });

  it('a bus reset: the controller rolls back', async () => {
    const before = registers();
    const { call } = await holding();
    await bench.emulated.busReset();
    assert.deepEqual(registers(), before);
    await bench.board.close();
    assert.ok((await call) instanceof EntryPointError);
  });

  it('a killed host process: the controller rolls back as soon as the system lets go of its interface, and the next session says so', async () => {
    const emulated = emulatedBoard({ image, environment: systemEnvironment });
    const device = await emulated.plug();
    try {
      const before = emulated.read32(GPIO_OUT);
      const child = fork(new URL('./holding-host.ts', import.meta.url), [JSON.stringify(describeDevice(device))], {
        serialization: 'advanced',
        execArgv: ['--import', 'tsx'],
      });
      lendDevice(device, child);
      await new Promise<void>((resolve, reject) => {
        child.on('message', (message) => message === 'holding' && resolve());
        child.once('error', reject);
        child.once('exit', (code) => reject(new Error(`the child ended with ${code} before it held anything`)));
      });
      assert.notEqual(emulated.read32(GPIO_OUT), before);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      while (device.opened) await new Promise((resolve) => setImmediate(resolve));
      const board = await open(webUsb(device), pico);
      assert.equal(emulated.read32(GPIO_OUT), before);
      assert.equal(board.hello.previous?.rolledBack, 1);
      assert.equal(board.hello.previous.reason, 'link-lost');
      await board.close();
    } finally {
      emulated.dispose();
    }
  });
});
