import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mcp23017Model } from '../../../peripherals/mcp23017/model.js';
import { BusError, I2cBus, SpiBus, type SpiSetup } from '../../../peripherals/rp2040/index.js';
import { i2cTiming, spiTiming } from '../../../peripherals/rp2040/buses.js';
import { definePeripheral, EntryPointError, type Handle } from '../../../runtime/index.js';
import { attach } from '../../../runtime/registers/handles.js';
import type { SpiTarget } from '../../../transports/emulator/bus-targets.js';
import { i2cOf } from '../../../transports/emulator/mends/i2c.js';
import { spiOf } from '../../../transports/emulator/mends/spi.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { assertUndoneAtEveryOperation, Fault } from '../every-operation.js';

const CLOCK_HZ = 125e6;
const i2cSpeed = fc.integer({ min: 1145, max: 1_000_000 });
const spiSpeed = fc.integer({ min: 1923, max: 62_500_000 });

/** An MCP23017: IODIRA is at address 0, and all ones after power-on (DS20001952 table 3-1). */
const expander = (index: 0 | 1) =>
  definePeripheral({
    name: `expander${index}`,
    source: 'MCP23017 DS20001952 table 3-1',
    space: { bus: 'i2c', index, target: 0x20 },
    registers: { IODIRA: { address: 0, access: 'rw', width: 8 } },
    save: ['IODIRA'],
  });

/** A chip of one register: what was written there last, seen on the wires. */
const latch = (index: 0 | 1, chipSelect: number) =>
  definePeripheral({
    name: `latch${index}:${chipSelect}`,
    source: 'test',
    space: { bus: 'spi', index, chipSelect, readBit: true },
    registers: { VALUE: { address: 1, access: 'rw', width: 8 } },
    save: ['VALUE'],
  });

function latchModel(): SpiTarget & { readonly selections: boolean[] } {
  const selections: boolean[] = [];
  let command: number | undefined;
  let value = 0;
  return {
    selections,
    select(selected) {
      selections.push(selected);
      command = undefined;
    },
    transfer(byte) {
      if (command === undefined) command = byte;
      else if (command === 0x01) value = byte;
      return command === 0x81 ? value : 0;
    },
  };
}

describe('The timing of an I²C bus', () => {
  it('is never faster than asked for, and slower by less than one cycle of clk_sys in a period', () => {
    fc.assert(
      fc.property(i2cSpeed, (hz) => {
        const { low, high, spike, hertz } = i2cTiming(hz);
        // RP2040 datasheet 4.3.14.1: what the block adds to the counts.
        assert.equal(hertz, CLOCK_HZ / (low + 1 + high + spike + 7));
        assert.ok(hertz <= hz && CLOCK_HZ / hertz - CLOCK_HZ / hz < 1, `${hertz}`);
      }),
    );
  });

  it('keeps the counts in the bounds of the block, and both phases in those of the mode', () => {
    fc.assert(
      fc.property(i2cSpeed, (hz) => {
        const { low, high, spike, hold } = i2cTiming(hz);
        // RP2040 datasheet 4.3.14.1, and IC_SDA_HOLD in 4.3.17.
        assert.ok(low > spike + 7 && low <= 0xffff && high > spike + 5 && high <= 0xffff && hold <= low - 2);
        const us = (cycles: number) => (cycles * 1e6) / CLOCK_HZ;
        const [leastLow, leastHigh] = hz <= 100_000 ? [4.7, 4.0] : hz <= 400_000 ? [1.3, 0.6] : [0.5, 0.26];
        assert.ok(us(low + 1) >= leastLow && us(high + spike + 7) >= leastHigh);
        assert.ok(us(spike) >= 0.05 && us(hold) >= (hz <= 400_000 ? 0.3 : 0.12));
      }),
    );
  });
});

describe('The timing of an SPI bus', () => {
  it('is the nearest that prescaler and rate can make, and never faster than asked for', () => {
    fc.assert(
      fc.property(spiSpeed, fc.integer({ min: 1, max: 127 }), fc.nat(255), (hz, half, otherRate) => {
        const { prescaler, rate, hertz } = spiTiming(hz);
        assert.ok(prescaler % 2 === 0 && prescaler >= 2 && prescaler <= 254 && rate >= 0 && rate <= 255);
        assert.equal(hertz, CLOCK_HZ / prescaler / (1 + rate));
        assert.ok(hertz <= hz);
        const other = CLOCK_HZ / (2 * half) / (1 + otherRate);
        assert.ok(other > hz || other <= hertz);
      }),
    );
  });
});

describe('A bus driver', () => {
  let bench: Bench;
  let fault: Fault;
  beforeEach(async () => {
    fault = new Fault();
    bench = await picoBoard({ faultPoint: fault.faultPoint });
  });
  afterEach(() => bench.dispose());

  async function assertRefused(call: Promise<unknown>, code: BusError['code'], message: RegExp) {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof EntryPointError && error.cause instanceof BusError, String(error));
      assert.equal(error.cause.code, code);
      assert.match(error.message, message);
      assert.equal(error.rollback.outcome, 'nothing');
      return true;
    });
  }

  describe('of I²C', () => {
    const reaches = async (index: 0 | 1) => {
      const chip = attach(expander(index), bench.board);
      assert.equal(await chip.IODIRA.readBits(), 0xff);
      await chip.IODIRA.writeBits(0x5a);
      assert.equal(await chip.IODIRA.readBits(), 0x5a);
    };

    for (const index of [0, 1] as const)
      it(`reaches a chip on I2C${index} at the chosen speed, through its pins`, async () => {
        const bus = new I2cBus(bench.board, index);
        for (const [hz, base] of [
          [100_000, 4],
          [390_625, 16],
          [1_000_000, 24],
        ] as const) {
          const [sda, scl] = [base + 2 * index, base + 2 * index + 1];
          const disconnect = bench.emulated.connectI2c(index, 0x20, mcp23017Model({ address: 0x20 }));
          assert.equal(await bus.start({ sda, scl, hz }), hz);
          assert.equal(Math.round(i2cOf(bench.emulated.chip.silicon, index).hertz), hz);
          await reaches(index);
          for (const gpio of [sda, scl]) {
            const { FUNCSEL } = await bench.board.pin[gpio]!.CTRL.read();
            const { PUE, PDE, SCHMITT, SLEWFAST } = await bench.board.pin[gpio]!.PAD.read();
            // RP2040 datasheet 4.3.1.3.
            assert.deepEqual([FUNCSEL, PUE, PDE, SCHMITT, SLEWFAST], ['i2c', true, false, true, false]);
          }
          disconnect();
        }
      });

    it('takes no pins that do not carry the bus, and says which do', async () => {
      const bus = new I2cBus(bench.board, 1);
      const hz = 100_000;
      await assertRefused(
        bus.start({ sda: 4, scl: 7, hz }),
        'wrong-pin',
        /GPIO 4 cannot be SDA of I2C1\. Take one of 2, 6, /,
      );
      await assertRefused(bus.start({ sda: 6, scl: 6, hz }), 'wrong-pin', /GPIO 6 cannot be SCL of I2C1/);
      await assertRefused(bus.start({ sda: 6, scl: 31, hz }), 'wrong-pin', /GPIO 31 cannot be SCL of I2C1/);
    });

    it('takes no speed that the block cannot run at, and says which it can', async () => {
      const bus = new I2cBus(bench.board, 0);
      for (const hz of [1144, 1_000_001, 0, -1, Infinity, Number.NaN])
        await assertRefused(bus.start({ sda: 4, scl: 5, hz }), 'impossible-speed', /Ask for 1145 to 1000000 Hz\./);
    });

    it('leaves the bus running as it was when a start fails at any of its operations', async () => {
      const bus = new I2cBus(bench.board, 0);
      bench.emulated.connectI2c(0, 0x20, mcp23017Model({ address: 0x20 }));
      await bus.start({ sda: 4, scl: 5, hz: 400_000 });
      const { i2c, pin } = bench.board;
      const touched = [i2c[0]!, ...[4, 5, 8, 9].map((gpio) => pin[gpio]!)];
      // Reset (2), wait, speed, counts (2), spike, hold, enable, and two for each of the pins.
      const operations = await assertUndoneAtEveryOperation(
        bench.board,
        fault,
        () => bus.start({ sda: 8, scl: 9, hz: 100_000 }),
        touched,
      );
      assert.equal(operations, 13);
      await bus.start({ sda: 4, scl: 5, hz: 400_000 });
      await reaches(0);
    });
  });

  describe('of SPI', () => {
    const setup = (index: 0 | 1, others: Partial<SpiSetup> = {}): SpiSetup =>
      index === 0
        ? { sck: 18, mosi: 19, miso: 16, chipSelects: [17], hz: 1_000_000, mode: 0, ...others }
        : { sck: 10, mosi: 11, miso: 12, chipSelects: [13], hz: 1_000_000, mode: 0, ...others };
    let chip: ReturnType<typeof latchModel>;
    const reaches = async (handle: Handle<ReturnType<typeof latch>>, value: number) => {
      await handle.VALUE.writeBits(value);
      assert.equal(await handle.VALUE.readBits(), value);
    };

    for (const index of [0, 1] as const)
      it(`reaches a chip on SPI${index} at the chosen speed, in the chosen mode`, async () => {
        const bus = new SpiBus(bench.board, index);
        const { chipSelects } = setup(index);
        bench.emulated.connectSpi(index, chipSelects[0]!, latchModel());
        for (const [hz, mode] of [
          [100_000, 0],
          [62_500_000 / 7, 1],
          [31_250_000, 2],
          [62_500_000, 3],
        ] as const) {
          const hertz = await bus.start(setup(index, { hz, mode }));
          assert.equal(hertz, hz);
          assert.equal(spiOf(bench.emulated.chip.silicon, index).hertz, hertz);
          const { SPO, SPH, DSS } = await bench.board.spi[index]!.SSPCR0.read();
          assert.deepEqual([SPO, SPH, DSS], [mode >= 2, mode === 1 || mode === 3, 7]);
          await reaches(attach(latch(index, chipSelects[0]!), bench.board), mode + 1);
        }
      });

    it('deselects every chip on the bus, and selects none of them by starting again', async () => {
      const bus = new SpiBus(bench.board, 0);
      await bus.start(setup(0, { chipSelects: [17, 22] }));
      chip = latchModel();
      const other = latchModel();
      bench.emulated.connectSpi(0, 17, chip);
      bench.emulated.connectSpi(0, 22, other);
      await bus.start(setup(0, { chipSelects: [17, 22], mode: 3 }));
      assert.deepEqual([chip.selections, other.selections], [[], []]);
      await reaches(attach(latch(0, 22), bench.board), 9);
      assert.deepEqual(chip.selections, []);
      assert.deepEqual(other.selections, [true, false, true, false]);
    });

    it('takes no pins that do not carry the bus, and says which do', async () => {
      const bus = new SpiBus(bench.board, 0);
      const refused = (others: Partial<SpiSetup>, message: RegExp) =>
        assertRefused(bus.start(setup(0, others)), 'wrong-pin', message);
      await refused({ sck: 10 }, /GPIO 10 cannot be SCK of SPI0\. Take one of 2, 6, 18, 22\./);
      await refused({ mosi: 18 }, /GPIO 18 cannot be MOSI of SPI0\. Take one of 3, 7, 19, 23\./);
      await refused({ miso: 17 }, /GPIO 17 cannot be MISO of SPI0\. Take one of 0, 4, 16, 20\./);
      await refused({ chipSelects: [17, 19] }, /GPIO 19 cannot be a chip select of SPI0/);
      await refused({ chipSelects: [30] }, /GPIO 30 cannot be a chip select of SPI0/);
    });

    it('takes no speed that the block cannot run at, and says which it can', async () => {
      const bus = new SpiBus(bench.board, 0);
      for (const hz of [1922, 62_500_001, 0, -1, Infinity, Number.NaN])
        await assertRefused(bus.start(setup(0, { hz })), 'impossible-speed', /Ask for 1923 to 62500000 Hz\./);
    });

    it('leaves the bus running as it was when a start fails at any of its operations', async () => {
      const bus = new SpiBus(bench.board, 0);
      bench.emulated.connectSpi(0, 17, latchModel());
      await bus.start(setup(0, { mode: 3 }));
      const { spi, pin } = bench.board;
      const touched = [spi[0]!, ...[16, 17, 18, 19, 2, 3, 4, 5].map((gpio) => pin[gpio]!)];
      // Four for the chip select, reset (2), wait, format, prescaler, enable, and two for each of the three pins.
      const operations = await assertUndoneAtEveryOperation(
        bench.board,
        fault,
        () => bus.start(setup(0, { sck: 2, mosi: 3, miso: 4, chipSelects: [5] })),
        touched,
      );
      assert.equal(operations, 16);
      await bus.start(setup(0, { mode: 3 }));
      await reaches(attach(latch(0, 17), bench.board), 7);
    });
  });
});
