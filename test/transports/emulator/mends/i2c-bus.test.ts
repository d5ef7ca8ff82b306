import assert from 'node:assert/strict';
import fc from 'fast-check';
import { i2cOf } from '../../../../transports/emulator/mends/i2c.js';
import { clear, readyChip, RESETS, set } from '../bare-chip.js';

const I2C0 = 0x40044000;
const [CON, TAR, DATA_CMD, FS_HCNT, FS_LCNT] = [I2C0, I2C0 + 0x04, I2C0 + 0x10, I2C0 + 0x1c, I2C0 + 0x20];
const [RAW_INTR_STAT, CLR_INTR, ENABLE, STATUS] = [I2C0 + 0x34, I2C0 + 0x40, I2C0 + 0x6c, I2C0 + 0x70];
const [RXFLR, ABRT_SOURCE, ENABLE_STATUS] = [I2C0 + 0x78, I2C0 + 0x80, I2C0 + 0x9c];
const [READ, STOP] = [1 << 8, 1 << 9];
const [TX_ABRT, STOP_DET, START_DET] = [1 << 6, 1 << 9, 1 << 10];
const [ARB_LOST, USER_ABRT] = [1 << 12, 1 << 16];
const ACTIVE = 0x21;
const RESET_I2C0 = 1 << 3;

const [SDA, SCL] = [4, 5];
const ctrl = (pin: number): number => 0x40014004 + 8 * pin;
const pad = (pin: number): number => 0x4001c004 + 4 * pin;
const FUNCTION = { i2c: 3, sio: 5, none: 0x1f } as const;
const OUTPUT_OFF = 2 << 12;
const SIO = { oeSet: 0xd0000024, oeClear: 0xd0000028 } as const;

const ADDRESS = 0x50;
/** FS_HCNT 46 and spikes of 7 make 60 cycles high, FS_LCNT 64 makes 65 low: 1 µs a bit. */
const BIT = 1000;
/** START, address, acknowledge. */
const ADDRESSED = 10 * BIT;

function bench({ sends = 0x00, address = ADDRESS, con = 0x65 } = {}) {
  const { chip, pass } = readyChip();
  const log: string[] = [];
  const { bus } = i2cOf(chip.silicon, 0);
  const target = {
    start(direction: 'read' | 'write') {
      log.push(direction);
      return true;
    },
    write(byte: number) {
      log.push(`${byte}`);
      return true;
    },
    read: () => sends,
    stop: () => void log.push('stop'),
  };
  const disconnect = bus.connect(address, target);
  const route = (how: number): void => [SDA, SCL].forEach((pin) => chip.write32(ctrl(pin), how));
  const setUp = (): void => {
    chip.write32(CON, con);
    chip.write32(TAR, address);
    chip.write32(FS_HCNT, 46);
    chip.write32(FS_LCNT, 64);
    chip.write32(ENABLE, 1);
  };
  const resetBlock = (): void => {
    chip.write32(set(RESETS), RESET_I2C0);
    chip.write32(clear(RESETS), RESET_I2C0);
  };
  /** A pin as a GPIO whose output is 0: it pulls down, or lets go. */
  const pull = (pin: number, low: boolean): void => {
    chip.write32(low ? SIO.oeSet : SIO.oeClear, 1 << pin);
    pass(BIT / 2);
  };
  const clock = (data = true): boolean => {
    pull(SDA, !data);
    pull(SCL, false);
    const level = chip.pin(SDA);
    pull(SCL, true);
    return level;
  };
  route(FUNCTION.i2c);
  setUp();
  return {
    chip,
    pass,
    bus,
    target,
    log,
    disconnect,
    route,
    setUp,
    resetBlock,
    pull,
    clock,
    command: (...list: number[]) => list.forEach((each) => chip.write32(DATA_CMD, each)),
    /** Reads a byte of the target through the block. */
    read: (): number | undefined => {
      chip.write32(DATA_CMD, READ | STOP);
      pass(30 * BIT);
      return chip.read32(RXFLR) === 1 ? chip.read32(DATA_CMD) & 0xff : undefined;
    },
    /** What UM10204 3.1.16 says to do: nine clocks and a STOP, with the pins as GPIOs. */
    clearBus: (): void => {
      route(FUNCTION.sio);
      pull(SCL, true);
      for (let n = 0; n < 9; n++) clock();
      pull(SDA, true);
      pull(SCL, false);
      pull(SDA, false);
    },
  };
}

describe('The wires of an emulated I²C bus', () => {
  it('are high while nobody pulls them down, although the pads pull down, once a chip is on the bus', () => {
    const { chip } = readyChip();
    for (const pin of [SDA, SCL]) chip.write32(ctrl(pin), FUNCTION.i2c);
    assert.deepEqual([chip.pin(SDA), chip.pin(SCL)], [false, false]);
    const wired = bench();
    assert.deepEqual([wired.chip.pin(SDA), wired.chip.pin(SCL)], [true, true]);
    wired.disconnect();
    assert.deepEqual([wired.chip.pin(SDA), wired.chip.pin(SCL)], [true, true], 'the pull-ups stay');
  });

  it('are low while anybody pulls them down: a GPIO, something outside, a chip', () => {
    const { chip, bus, route, pull } = bench();
    route(FUNCTION.sio);
    pull(SDA, true);
    assert.equal(chip.pin(SDA), false);
    const letGo = bus.hold('sda');
    pull(SDA, false);
    assert.equal(chip.pin(SDA), false);
    chip.setPin(SDA, false);
    letGo();
    assert.equal(chip.pin(SDA), false);
    chip.setPin(SDA, undefined);
    assert.equal(chip.pin(SDA), true);
  });

  it('move with the function of the pins, and are left where they were by pins that become GPIOs', () => {
    const { chip, bus } = bench();
    const letGo = bus.hold('sda');
    chip.write32(ctrl(SDA), FUNCTION.sio);
    assert.equal(chip.pin(SDA), false);
    chip.write32(pad(SDA), 0x4a);
    assert.equal(chip.pin(SDA), false, 'the pull-up of the pad is no match for who holds the wire');
    chip.write32(ctrl(8), FUNCTION.i2c);
    assert.deepEqual([chip.pin(SDA), chip.pin(8)], [true, false]);
    letGo();
    assert.equal(chip.pin(8), true);
  });

  it('carry START, address, bytes and STOP from GPIOs to the targets, and their answers back', () => {
    const { chip, log, route, pull, clock } = bench({ sends: 0xa6 });
    const send = (byte: number): boolean => {
      for (let bit = 7; bit >= 0; bit--) clock(((byte >> bit) & 1) === 1);
      return !clock();
    };
    const start = (): void => {
      pull(SDA, false);
      pull(SCL, false);
      pull(SDA, true);
      pull(SCL, true);
    };
    route(FUNCTION.sio);
    start();
    assert.equal(send(ADDRESS << 1), true);
    assert.equal(send(0x5a), true);
    start();
    assert.equal(send((ADDRESS << 1) | 1), true);
    const bits = Array.from({ length: 8 }, () => clock());
    assert.equal(clock(true), true, 'the ninth bit is the controller’s');
    assert.equal(
      bits.reduce((byte, bit) => 2 * byte + Number(bit), 0),
      0xa6,
    );
    pull(SDA, true);
    pull(SCL, false);
    pull(SDA, false);
    assert.deepEqual(log, ['write', '90', 'read', 'stop']);
    assert.deepEqual([chip.pin(SDA), chip.pin(SCL)], [true, true]);
    start();
    assert.equal(send((ADDRESS + 1) << 1), false, 'nobody is there');
  });
});

describe('A target on an emulated I²C bus that is cut off while it sends', () => {
  const byte = fc.nat(0xff);
  const bit = fc.nat(7);

  it('holds SDA low if it is in a 0, for as long as nothing moves SCL', () => {
    fc.assert(
      fc.property(byte, bit, fc.boolean(), (sends, at, clockHigh) => {
        const { chip, pass, command, resetBlock } = bench({ sends });
        command(READ | STOP);
        pass(ADDRESSED + at * BIT + (clockHigh ? 800 : 200));
        resetBlock();
        pass(1000 * BIT);
        assert.deepEqual([chip.pin(SDA), chip.pin(SCL)], [((sends >> (7 - at)) & 1) === 1, true]);
      }),
      { numRuns: 60 },
    );
  });

  it('lets go of SDA after at most nine clocks, whatever it was sending, and works again after a STOP', () => {
    fc.assert(
      fc.property(byte, fc.integer({ min: 0, max: 9 * BIT }), (sends, nanos) => {
        const { chip, pass, command, log, resetBlock, clearBus, route, setUp, read } = bench({ sends });
        command(READ, READ | STOP);
        pass(ADDRESSED + nanos);
        resetBlock();
        clearBus();
        assert.deepEqual([chip.pin(SDA), chip.pin(SCL)], [true, true]);
        assert.deepEqual(log, ['read', 'stop']);
        route(FUNCTION.i2c);
        setUp();
        assert.equal(read(), sends);
      }),
      { numRuns: 60 },
    );
  });

  it('needs as many clocks as it has bits left', () => {
    for (const at of [0, 3, 7]) {
      const { chip, pass, command, resetBlock, route, pull } = bench();
      command(READ | STOP);
      pass(ADDRESSED + at * BIT + 100);
      resetBlock();
      route(FUNCTION.sio);
      let clocks = 0;
      for (; clocks < 9 && !chip.pin(SDA); clocks++) {
        pull(SCL, true);
        pull(SCL, false);
      }
      assert.equal(clocks, 8 - at);
    }
  });

  it('keeps the block from the bus until then: it is active, and does not let itself be disabled or aborted', () => {
    const { chip, pass, command, log, resetBlock, setUp } = bench();
    command(READ | STOP);
    pass(ADDRESSED + 100);
    resetBlock();
    setUp();
    command(READ | STOP);
    pass(1000 * BIT);
    assert.equal(chip.read32(STATUS) & ACTIVE, ACTIVE);
    assert.equal(chip.read32(RAW_INTR_STAT) & (START_DET | TX_ABRT), 0, 'no START, no reason given');
    chip.write32(ENABLE, 3);
    pass(1000 * BIT);
    assert.equal(chip.read32(ENABLE), 3);
    chip.write32(ENABLE, 0);
    pass(1000 * BIT);
    assert.equal(chip.read32(ENABLE_STATUS), 1);
    assert.deepEqual(log, ['read']);
  });

  it('still holds SDA after a reset of the chip', () => {
    const { chip, pass, command, log, route, setUp, clearBus, read } = bench({ sends: 0x3c });
    command(READ | STOP);
    pass(ADDRESSED + 100);
    chip.pressReset();
    pass(BIT);
    assert.equal(chip.pin(SDA), false, 'the wires are still where the chip looked for them last');
    chip.write32(RESETS, 0);
    clearBus();
    assert.deepEqual(log, ['read', 'stop']);
    route(FUNCTION.i2c);
    setUp();
    assert.equal(read(), 0x3c);
  });

  it('lets go of SDA when it falls off the bus', () => {
    const { chip, pass, command, resetBlock, disconnect } = bench();
    command(READ | STOP);
    pass(ADDRESSED + 100);
    resetBlock();
    disconnect();
    assert.equal(chip.pin(SDA), true);
  });
});

describe('A target on an emulated I²C bus that falls off while it is asked something', () => {
  it('pulls nothing down any more, and its bus goes on without it', () => {
    for (const when of ['start', 'write', 'read'] as const) {
      const { chip, pass, command, disconnect, target } = bench();
      const ask = target[when] as (byte: number) => never;
      Object.assign(target, {
        [when](value: number) {
          disconnect();
          return ask(value);
        },
      });
      command(1, READ | STOP);
      pass(100 * BIT);
      assert.deepEqual([chip.pin(SDA), chip.pin(SCL)], [true, true], when);
      assert.equal(chip.read32(STATUS) & ACTIVE, 0, when);
    }
  });
});

describe('An emulated I²C block, as its pins go,', () => {
  it('gives a START up that waits for the bus when it is aborted, as soon as the bus is free', () => {
    const { chip, pass, bus, command, log } = bench();
    const letGo = bus.hold('sda');
    command(1, 2 | STOP);
    pass(10 * BIT);
    chip.write32(ENABLE, 3);
    letGo();
    pass(10 * BIT);
    assert.equal(chip.read32(ENABLE), 1);
    assert.equal(chip.read32(ABRT_SOURCE), USER_ABRT | (2 << 23));
    assert.equal(chip.read32(STATUS) & ACTIVE, 0);
    assert.deepEqual(log, []);
  });

  it('loses the bus to whoever pulls SDA down where it sends a 1, and leaves it alone until the next STOP', () => {
    const { chip, pass, bus, command, log, read } = bench({ sends: 0x11 });
    command(0xff, 2 | STOP);
    pass(ADDRESSED + 3 * BIT + 100);
    const letGo = bus.hold('sda');
    pass(2 * BIT);
    assert.equal(chip.read32(ABRT_SOURCE), ARB_LOST | (1 << 23));
    assert.equal(chip.read32(RAW_INTR_STAT) & TX_ABRT, TX_ABRT);
    assert.deepEqual([chip.pin(SDA), chip.pin(SCL)], [false, true]);
    chip.read32(CLR_INTR);
    command(READ | STOP);
    pass(100 * BIT);
    assert.equal(chip.read32(RXFLR), 0);
    letGo();
    pass(30 * BIT);
    assert.equal(chip.read32(DATA_CMD) & 0xff, 0x11);
    assert.deepEqual(log, ['write', 'stop', 'read', 'stop']);
    assert.equal(read(), 0x11);
  });

  it('waits while a target stretches the clock, for as long as that takes', () => {
    for (const stretch of [3 * BIT, 500 * BIT]) {
      const { chip, pass, bus, target, command } = bench();
      target.read = () => {
        const letGo = bus.hold('scl');
        chip.clock.createAlarm(letGo).schedule(stretch);
        return 0x42;
      };
      command(READ | STOP);
      pass(ADDRESSED + stretch + 7 * BIT);
      assert.equal(chip.read32(RXFLR), 0);
      assert.equal(chip.read32(STATUS) & ACTIVE, ACTIVE);
      pass(4 * BIT);
      assert.equal(chip.read32(DATA_CMD) & 0xff, 0x42);
      assert.equal(chip.read32(STATUS) & ACTIVE, 0);
    }
  });

  it('is freed from a clock that is stretched for ever by a reset only', () => {
    const { chip, pass, bus, command, resetBlock } = bench();
    command(1);
    pass(ADDRESSED + 100);
    bus.hold('scl');
    chip.write32(ENABLE, 3);
    chip.write32(ENABLE, 2);
    pass(1e6);
    assert.equal(chip.read32(ENABLE_STATUS), 1);
    resetBlock();
    assert.equal(chip.read32(ENABLE_STATUS), 0);
    assert.deepEqual([chip.pin(SDA), chip.pin(SCL)], [true, false]);
  });

  it('sees START and STOP that others make, and waits in between', () => {
    const { chip, pass, command, log } = bench();
    chip.setPin(SDA, false);
    assert.equal(chip.read32(RAW_INTR_STAT) & (START_DET | STOP_DET), START_DET);
    chip.setPin(SCL, false);
    chip.setPin(SDA, undefined);
    chip.setPin(SCL, undefined);
    command(1 | STOP);
    pass(100 * BIT);
    assert.deepEqual(log, [], 'both wires are high, but the bus is not free');
    chip.setPin(SCL, false);
    chip.setPin(SDA, false);
    chip.setPin(SCL, undefined);
    chip.setPin(SDA, undefined);
    assert.equal(chip.read32(RAW_INTR_STAT) & STOP_DET, STOP_DET);
    pass(100 * BIT);
    assert.deepEqual(log, ['write', '1', 'stop']);
  });

  it('sees low wires, and waits, where no pin is routed to it or the input of its pad is off', () => {
    for (const spoil of ['function', 'input'] as const) {
      const { chip, pass, log, command, route } = bench();
      chip.write32(ENABLE, 0);
      if (spoil === 'function') route(FUNCTION.none);
      else chip.write32(pad(SCL), 0x16);
      chip.write32(ENABLE, 1);
      command(1 | STOP);
      pass(100 * BIT);
      assert.equal(chip.read32(STATUS) & ACTIVE, ACTIVE);
      assert.deepEqual(log, []);
      if (spoil === 'function') route(FUNCTION.i2c);
      else chip.write32(pad(SCL), 0x56);
      pass(100 * BIT);
      assert.deepEqual(log, ['write', '1', 'stop']);
    }
  });

  it('pulls nothing down past the overrides of its pins', () => {
    const { chip, pass, log, command } = bench();
    const levels: [number, boolean][] = [];
    for (const pin of [SDA, SCL]) chip.write32(ctrl(pin), FUNCTION.i2c | OUTPUT_OFF);
    chip.onPin((pin, level) => levels.push([pin, level]));
    command(1 | STOP);
    pass(100 * BIT);
    assert.deepEqual([levels, log], [[], []]);
  });

  it('reads and writes a target with ten bits of address, and tells which byte of it nobody took', () => {
    const { chip, pass, log, command, disconnect, bus, target } = bench({ sends: 0x77, address: 0x2a5, con: 0x75 });
    command(9, READ | STOP);
    pass(100 * BIT);
    assert.deepEqual(log, ['write', '9', 'write', 'read', 'stop']);
    assert.equal(chip.read32(DATA_CMD) & 0xff, 0x77);
    for (const [neighbour, reason] of [
      [0x1a5, 1 << 1],
      [0x2a6, 1 << 2],
    ] as const) {
      disconnect();
      const off = bus.connect(neighbour, target);
      command(9 | STOP);
      pass(100 * BIT);
      assert.equal(chip.read32(ABRT_SOURCE) & 0xffff, reason);
      chip.read32(CLR_INTR);
      off();
    }
  });
});
