import assert from 'node:assert/strict';
import { mcp23017Port } from '../../../peripherals/mcp23017/index.js';
import { mcp23017Model, type Mcp23017Model } from '../../../peripherals/mcp23017/model.js';
import { I2cBus, type GpioPin, type PwmSlice } from '../../../peripherals/rp2040/index.js';
import {
  attach,
  Driver,
  EntryPointError,
  entryPoint,
  peripheral,
  RecoveryError,
  type Handle,
  type TraceEvent,
} from '../../../runtime/index.js';
import { faulty, lost, type Faults } from '../../../transports/faulty.js';
import type { EmulatedBoard } from '../../../transports/emulator/index.js';
import type { PicoBoard } from '../../emulated.js';
import { inState, recoveringBoard, type RecoveringBench } from './recovering-board.js';

const EXPANDER = { index: 0, target: 0x20 } as const;
/** MCP23017, table 3-1. */
const IODIR_A = 0x00;
const OLAT_A = 0x14;
/** CH3_CC (RP2040 datasheet 4.5.3), read past the firmware. */
const CH3_CC = 0x40050000 + 3 * 0x14 + 0x0c;

class Panel extends Driver {
  @peripheral accessor port: Handle<ReturnType<typeof mcp23017Port>>;
  @peripheral accessor slice: Handle<PwmSlice>;
  @peripheral accessor pin: Handle<GpioPin>;

  constructor(board: PicoBoard) {
    super(board);
    this.port = attach(mcp23017Port(EXPANDER, 0), board);
    this.slice = board.pwm.ch[3]!;
    this.pin = board.pin[9]!;
  }

  @entryPoint
  async show(levels: number): Promise<void> {
    await this.port.OLAT.writeBits(levels);
    await this.port.IODIR.writeBits(0);
  }

  @entryPoint
  async dim(level: number): Promise<void> {
    await this.slice.CC.write({ A: level, B: level });
  }

  @entryPoint
  async showAndFail(levels: number, before: () => void): Promise<void> {
    await this.port.OLAT.writeBits(levels);
    await this.port.OLAT.readBits();
    before();
    throw new Error('On purpose.');
  }
}

describe("The host's record of committed registers", function () {
  this.timeout(30_000);
  let bench: RecoveringBench;
  let panel: Panel;
  let chip: Mcp23017Model;
  let connect: () => () => void;
  type Options = Parameters<typeof recoveringBoard>[0];

  async function start(options: Options = {}): Promise<void> {
    bench = await recoveringBoard({
      ...options,
      prepare(emulated: EmulatedBoard) {
        chip = mcp23017Model({ address: EXPANDER.target });
        connect = () => emulated.connectI2c(EXPANDER.index, EXPANDER.target, chip);
        disconnect = connect();
      },
    });
    await new I2cBus(bench.board, EXPANDER.index).start({ sda: 4, scl: 5, hz: 400_000 });
    panel = new Panel(bench.board);
  }
  let disconnect: () => void;
  const chipSays = () => [chip.registers[OLAT_A], chip.registers[IODIR_A]];
  const losePower = async (): Promise<void> => {
    await bench.emulated.unplug({ power: 'lost' });
    await inState(bench.board, 'ready');
  };
  afterEach(() => bench.dispose());

  it('brings a chip back behind the bus that it is on, from which its registers went with the power', async () => {
    await start();
    await panel.show(0xa5);
    chip.powerCycle();
    assert.deepEqual(chipSays(), [0, 0xff]);
    await losePower();
    assert.deepEqual(chipSays(), [0xa5, 0]);
  });

  it('travels in the frame of the commit: no call needs more frames than without it', async () => {
    const frames = async (record: boolean): Promise<number> => {
      await start({ record });
      await panel.show(1);
      await panel.dim(1);
      const before = bench.board.link.framesSent;
      await panel.show(2);
      await panel.dim(2);
      await panel.slice.CC.write({ A: 5, B: 6 });
      const sent = bench.board.link.framesSent - before;
      await bench.dispose();
      return sent;
    };
    const without = await frames(false);
    assert.equal(await frames(true), without);
    await start();
  });

  it('keeps what native operations have left, too', async () => {
    await start();
    await panel.port.OLAT.writeBits(0x3c);
    await panel.slice.CC.write({ A: 7, B: 8 });
    chip.powerCycle();
    await losePower();
    assert.equal(chip.registers[OLAT_A], 0x3c);
    assert.equal(bench.emulated.read32(CH3_CC), (8 << 16) | 7);
  });

  it('keeps nothing of a call that failed', async () => {
    await start();
    await panel.show(0x11);
    await assert.rejects(
      panel.showAndFail(0x22, () => {}),
      { code: 'exception' },
    );
    chip.powerCycle();
    await losePower();
    assert.equal(chip.registers[OLAT_A], 0x11);
  });

  it('has what a peripheral was before its first change, when the controller is reset in that very call', async () => {
    await start();
    chip.start('write');
    for (const byte of [OLAT_A, 0x77]) chip.write(byte);
    const gone = new Promise<void>((resolve) => {
      bench.board.state.subscribe((state) => state === 'recovering' && resolve());
    });
    class Late extends Panel {
      @entryPoint
      async change(): Promise<void> {
        await this.port.OLAT.writeBits(1);
        await this.port.OLAT.readBits();
        void bench.emulated.pressReset();
        await gone;
      }
    }
    const error: unknown = await new Late(bench.board).change().catch((reason: unknown) => reason);
    assert.ok(error instanceof EntryPointError);
    assert.equal(error.rollback.outcome, 'restored');
    assert.equal(chip.registers[OLAT_A], 0x77);
  });

  it('can leave peripherals out: calls on those fail after a reset and say so, until they are adopted', async () => {
    await start({ record: ({ space }) => space === undefined });
    await panel.show(0x11);
    await panel.dim(3);
    await losePower();
    await panel.dim(4);
    const error: unknown = await panel.show(0x22).catch((reason: unknown) => reason);
    assert.ok(error instanceof EntryPointError);
    assert.equal(error.code, 'not-restored');
    assert.match(error.message, /mcp23017@i2c0:0x20\.a cannot be brought back/);
    assert.equal(chip.registers[OLAT_A], 0x11, 'nothing was touched');
    await bench.board.adopt(panel.port);
    await panel.show(0x22);
    assert.equal(chip.registers[OLAT_A], 0x22);
  });

  it('of what is refused after a reset is no better after a link that was lost without one', async () => {
    await start({ record: ({ space }) => space === undefined });
    await panel.show(0x11);
    await losePower();
    await assert.rejects(panel.show(0x22), { code: 'not-restored' });
    const ready = inState(bench.board, 'recovering').then(() => inState(bench.board, 'ready'));
    await bench.emulated.unplug({ power: 'kept' });
    await ready;
    await assert.rejects(panel.show(0x22), { code: 'not-restored' });
  });

  it('is what tells that a chip which fell silent is as before: the controller alone cannot say so', async () => {
    for (const record of [true, false]) {
      await start({ record });
      await panel.show(0x11);
      class Late extends Panel {
        @entryPoint
        async change(changed: () => void): Promise<void> {
          await this.port.OLAT.writeBits(0x22);
          await this.port.OLAT.readBits();
          changed();
          await new Promise(() => {});
        }
      }
      let call!: Promise<unknown>;
      await new Promise<void>((resolve) => {
        call = new Late(bench.board).change(resolve).catch((reason: unknown) => reason);
      });
      disconnect();
      await bench.emulated.unplug({ power: 'kept' });
      const error = await call;
      assert.ok(error instanceof EntryPointError);
      assert.equal(error.rollback.outcome, 'unknown');
      assert.ok(error.rollback.error instanceof RecoveryError);
      assert.equal(error.rollback.error.code, record ? 'not-restored' : 'in-doubt');
      assert.match(error.message, record ? /board\.adopt\(\) takes it as it is/ : /Read the registers/);
      assert.doesNotMatch(error.message, /reopen/);
      assert.equal(chip.registers[OLAT_A], 0x22);
      if (record) await bench.dispose();
    }
  });

  it('brings back what a rollback could not, as soon as the chip listens again', async () => {
    await start();
    await panel.show(0x11);
    const error: unknown = await panel.showAndFail(0x22, () => disconnect()).catch((reason: unknown) => reason);
    assert.ok(error instanceof EntryPointError);
    assert.equal(error.rollback.outcome, 'mismatch');
    assert.deepEqual(
      error.rollback.recovery.map(({ step, peripheral: name, error: why }) => [step, name, why !== undefined]),
      [['restore', 'mcp23017@i2c0:0x20.a', true]],
    );
    await assert.rejects(panel.show(0x33), { code: 'not-restored' });
    await panel.dim(9);
    connect();
    assert.equal(chip.registers[OLAT_A], 0x22, 'the chip still has what the failed call left');
    await panel.dim(10);
    assert.equal(chip.registers[OLAT_A], 0x11);
    await panel.show(0x33);
    assert.equal(chip.registers[OLAT_A], 0x33);
  });

  for (const arrives of [true, false]) {
    it(`knows of a commit whose answer is lost with the link whether it ${arrives ? 'was made' : 'was not'}`, async () => {
      const faults: Faults = {};
      await start({ through: (transport) => faulty(transport, faults) });
      await panel.dim(3);
      const events: TraceEvent['type'][] = [];
      bench.board.trace.subscribe(({ type }) => events.push(type));
      if (!arrives) faults.send = lost;
      faults.receive = lost;
      const call = panel.dim(4).then(
        () => 'done',
        (error: EntryPointError) => error.rollback.outcome,
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
      await bench.emulated.unplug({ power: 'kept' });
      assert.equal(await call, arrives ? 'done' : 'restored');
      assert.equal(bench.emulated.read32(CH3_CC), arrives ? 0x40004 : 0x30003);
      await losePower();
      assert.equal(bench.emulated.read32(CH3_CC), arrives ? 0x40004 : 0x30003, 'and the record says the same');
    });
  }
});
