import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  ANY,
  chipName,
  defineChip,
  definePeripheral,
  EntryPointError,
  protect,
  RegisterError,
  requestI2CAccess,
  type I2cAddress,
  type I2CSlaveDevice,
} from '../../../runtime/index.js';
import { failureOf } from '../../failure.js';
import { chipBench, type ChipBench } from '../../peripherals/i2c-chip.js';
import { recorder, type Recorder } from './recorder.js';

const TARGET = 0x30;
const byte = { access: 'rw', width: 8 } as const;

/** Registers of each kind that a message can meet. */
const chip = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('chip', { bus: 'i2c', index, target }),
    source: 'this test',
    space: { bus: 'i2c', index, target },
    registers: {
      MODE: { ...byte, address: 0x00 },
      LEVELS: { ...byte, address: 0x01, count: 6 },
      STATUS: { access: 'ro', width: 8, address: 0x10 },
      WORDS: { access: 'rw', width: 16, address: 0x20, count: 3 },
      FLAGS: { access: 'w1c', width: 8, address: 0x30 },
      PART: { ...byte, address: 0x31, owned: 0x0f },
      CELLS: { access: 'permanent', width: 8, address: 0x40, count: 4 },
      QUEUE: { access: 'fifo', width: 8, address: 0x50 },
    },
    commands: {
      RANGE: { bytes: [0xa0, ANY], sets: 'range', initial: [0] },
      MEASURE: { bytes: [0xb0], harmless: true },
      CLEAR: { bytes: [0xb1] },
    },
    save: ['MODE', 'LEVELS', 'WORDS', 'PART'],
  }),
);

/** The other half of the register that `chip` owns in part. */
const otherHalf = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('half', { bus: 'i2c', index, target }),
    source: 'this test',
    space: { bus: 'i2c', index, target },
    registers: { PART: { ...byte, address: 0x31, owned: 0xf0 } },
    save: ['PART'],
  }),
);

/** Words with the high byte first, one address each, as in an ADS1015. */
const words = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('words', { bus: 'i2c', index, target }),
    source: 'this test',
    space: { bus: 'i2c', index, target, highByteFirst: true, wholeRegisters: true },
    registers: { WORDS: { access: 'rw', width: 16, address: 0, count: 4 } },
    save: ['WORDS'],
  }),
);

class User {
  device: I2CSlaveDevice;
  constructor(device: I2CSlaveDevice) {
    this.device = device;
  }
  async run<T>(body: (device: I2CSlaveDevice) => Promise<T> | T): Promise<T> {
    return body(this.device);
  }
}

describe('A Web I2C device', () => {
  let bench: ChipBench<Recorder>;
  let device: I2CSlaveDevice;
  let user: User;
  const transfers = () => bench.chip.transfers.splice(0);
  const memory = (at: number, count = 1) => [...bench.chip.memory.subarray(at, at + count)];
  const open = async (specs: Parameters<typeof requestI2CAccess>[1]): Promise<I2CSlaveDevice> => {
    const { ports } = await requestI2CAccess(bench.board, specs);
    const opened = await ports.get(1)!.open(TARGET);
    user = protect(new User(opened), ['run'], { board: bench.board });
    return opened;
  };
  const sends = async (act: (on: I2CSlaveDevice) => Promise<unknown>, expected: readonly string[]): Promise<void> => {
    await act(device);
    assert.deepEqual(transfers(), expected);
  };

  beforeEach(async () => {
    bench = await chipBench(TARGET, recorder);
    device = await open({ chips: { [TARGET]: [chip(bench.at), otherHalf(bench.at)] } });
    transfers();
  });
  afterEach(() => bench.dispose());

  it('has its address under both names', () => {
    assert.deepEqual([device.address, device.slaveAddress], [TARGET, TARGET]);
  });

  it('sends what Web I2C would, one transfer a message', async () => {
    await sends((on) => on.write8(0x01, 0x99), ['01 99']);
    await sends((on) => on.write16(0x02, 0x1234), ['02 34 12']);
    await sends((on) => on.writeBytes([0x01, 5, 6, 7, 8]), ['01 05 06 07 08']);
    await sends((on) => on.writeBytes(Uint8Array.of(0x20, 1, 2, 3, 4)), ['20 01 02 03 04']);
    assert.equal(await device.read8(0x03), 7);
    assert.equal(await device.read16(0x03), 7 | (8 << 8));
    assert.deepEqual(transfers(), ['03 > 1 bytes', '03 > 2 bytes']);
  });

  it('keeps where it stands on the host: it is sent with the read', async () => {
    await device.writeByte(0x01);
    assert.deepEqual(transfers(), []);
    assert.deepEqual([...(await device.readBytes(3))], memory(1, 3));
    assert.equal(await device.readByte(), memory(4)[0]);
    assert.deepEqual(transfers(), ['01 > 3 bytes', '04 > 1 bytes']);
  });

  it('sends a message that is a command as it is', async () => {
    await device.write8(0xa0, 0x55);
    await device.writeByte(0xb0);
    assert.deepEqual(transfers(), ['a0 55', 'b0']);
  });

  it('reads and writes registers with the high byte first as the chip has them', async () => {
    device = await open({ chips: { [TARGET]: words(bench.at) } });
    await sends((on) => on.write16(0x01, 0x8385), ['01 85 83']);
    bench.chip.memory.set([0x12, 0x34], 2);
    assert.equal(await device.read16(0x02), 0x3412);
    await device.writeByte(0x02);
    assert.deepEqual([...(await device.readBytes(2)), ...(await device.readBytes(2))], [0x12, 0x34, 0x12, 0x34]);
  });

  it('gives the first bytes of a register that is longer', async () => {
    assert.equal(await device.read8(0x20), memory(0x20)[0]);
    assert.deepEqual(transfers(), ['20 > 2 bytes']);
  });

  it('changes all parts of a register that several definitions own', async () => {
    await device.write8(0x31, 0xa5);
    assert.deepEqual(memory(0x31), [0xa5]);
    assert.equal(await device.read8(0x31), 0xa5);
  });

  it('writes flags as they are', async () => {
    await sends((on) => on.write8(0x30, 0x81), ['30 81']);
  });

  it('in a call writes to whatever registers, and all of them are as before when it fails', async () => {
    const message = fc.oneof(
      fc.tuple(fc.integer({ min: 0x00, max: 0x06 }), fc.array(fc.nat(0xff), { minLength: 1, maxLength: 4 })),
      fc.tuple(fc.constantFrom(0x20, 0x22), fc.array(fc.nat(0xff), { minLength: 2, maxLength: 2 })),
      fc.tuple(fc.constant(0x31), fc.array(fc.nat(0xff), { minLength: 1, maxLength: 1 })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 5 }), async (messages) => {
        const fitting = messages.map(([at, data]) => [at, ...data.slice(0, at <= 0x06 ? 7 - at : 2)]);
        const before = memory(0, 256);
        const write = async (on: I2CSlaveDevice) => {
          for (const each of fitting) await on.writeBytes(each);
        };
        const error = await failureOf(
          user.run(async (on) => {
            await write(on);
            await on.read8(0);
            throw new Error('no');
          }),
        );
        assert.equal(error.rollback.outcome, 'restored');
        assert.deepEqual(memory(0, 256), before);

        await user.run(write);
        const expected = new Map(fitting.flatMap(([at, ...data]) => data.map((value, index) => [at! + index, value])));
        for (const [at, value] of expected) assert.deepEqual([at, ...memory(at)], [at, value]);
      }),
      { numRuns: 25 },
    );
  });

  it('in a call stands where it stood before when the call fails, and goes on from where it was when it succeeds', async () => {
    await device.writeByte(0x01);
    await failureOf(
      user.run(async (on) => {
        await on.writeByte(0x03);
        await on.readBytes(1);
        throw new Error('no');
      }),
    );
    assert.equal(await device.readByte(), memory(1)[0]);
    await user.run((on) => on.writeByte(0x04));
    assert.equal(await device.readByte(), memory(4)[0]);
  });

  it('in a call sends what cannot be undone with the commit, and not at all when it fails', async () => {
    const act = async (on: I2CSlaveDevice): Promise<number> => {
      await on.writeBytes([0x40, 1, 2]);
      await on.writeBytes([0x50, 9, 8, 7]);
      await on.writeByte(0xb1);
      return on.read8(0x00);
    };
    await failureOf(user.run(async (on) => Promise.reject(new Error(String(await act(on))))));
    assert.deepEqual(transfers(), ['00 > 1 bytes']);
    await user.run(act);
    // Behind the read, and what the checkpoint has read.
    assert.deepEqual(transfers().slice(-3), ['40 01 02', '50 09 08 07', 'b1']);
  });

  describe('refuses, before anything is sent,', () => {
    const CASES: readonly [string, (on: I2CSlaveDevice) => Promise<unknown>, string, RegExp][] = [
      [
        'a message that nothing declares, with the chip and the bytes',
        (on) => on.writeBytes([0x77, 1]),
        'undeclared-message',
        /^chip@i2c0:0x30: nothing says what the message 0x77 0x1 does, because there is no register at 0x77\. Declare it/,
      ],
      [
        'a message that goes on where there is no register',
        (on) => on.writeBytes([0x06, 1, 2]),
        'undeclared-register',
        /^chip@i2c0:0x30 has no register at 0x7, which the message 0x6 0x1 0x2 would reach\. Declare it/,
      ],
      [
        'half a register',
        (on) => on.write8(0x20, 1),
        'value-out-of-range',
        /the message 0x20 0x1 ends inside WORDS\[0\], which has 2 bytes\. Write all of them\./,
      ],
      [
        'a message from the middle of a register on',
        (on) => on.write8(0x21, 1),
        'undeclared-message',
        /no register at 0x21/,
      ],
      ['a write to what can only be read', (on) => on.write8(0x10, 1), 'read-only', /chip@i2c0:0x30\.STATUS/],
      ['to read where there is nothing', (on) => on.read8(0x77), 'undeclared-message', /the message 0x77 does/],
      ['to read without a word of where', (on) => on.readByte(), 'undeclared-message', /none was written before/],
      ['what is no byte', (on) => on.write8(0x00, 256), 'value-out-of-range', /Byte 1 to chip@i2c0:0x30/],
      ['what is no word', (on) => on.write16(0x00, -1), 'value-out-of-range', /A value of chip@i2c0:0x30/],
      ['no bytes at all', (on) => on.writeBytes([]), 'undeclared-message', /Write one first|nothing says/],
    ];
    for (const [what, act, code, message] of CASES)
      it(what, async () => {
        const refused = (error: unknown): true => {
          assert.ok(error instanceof RegisterError, String(error));
          assert.equal(error.code, code);
          assert.match(error.message, message);
          return true;
        };
        await assert.rejects(act(device), refused);
        const error = await failureOf(user.run((on) => void act(on)));
        assert.equal(error.code, 'register-contract');
        refused(error.cause);
        assert.deepEqual(transfers(), []);
      });
  });

  describe('of a chip without a definition', () => {
    it('is refused, and the error says what to give', async () => {
      const { ports } = await requestI2CAccess(bench.board, { chips: {} });
      await assert.rejects(ports.get(1)!.open(0x51), (error) => {
        assert.ok(error instanceof RegisterError && error.code === 'undeclared-chip');
        assert.match(error.message, /what is at 0x51 on I2C0\. Give one in `chips`, or `fallback: 'journal'`/);
        return true;
      });
    });

    it('is taken for 256 bytes where the caller asks for it, and restored from a journal', async () => {
      device = await open({ fallback: 'journal' });
      const before = memory(0, 256);
      const act = async (on: I2CSlaveDevice): Promise<void> => {
        await on.writeBytes([0x70, 1, 2, 3]);
        await on.write16(0xf0, 0xbeef);
        await on.read8(0x70);
      };
      const error = await failureOf(user.run((on) => act(on).then(() => Promise.reject(new Error('no')))));
      assert.deepEqual([error.rollback.outcome, error.rollback.registers], ['restored', 5]);
      assert.deepEqual(memory(0, 256), before);
      await user.run(act);
      assert.deepEqual([...memory(0x70, 3), ...memory(0xf0, 2)], [1, 2, 3, 0xef, 0xbe]);
    });

    it('gives bytes without an address natively; in a call that is refused, for nobody could put them back', async () => {
      device = await open({ fallback: 'journal' });
      transfers();
      assert.equal((await device.readBytes(2)).length, 2);
      assert.deepEqual(transfers(), ['> 2 bytes']);
      const error = await failureOf(user.run((on) => on.readBytes(2)));
      assert.equal(error.code, 'irrevocable');
      assert.deepEqual(transfers(), []);
    });
  });

  it('is found on the bus that its port stands for', async () => {
    const at = { index: 1, target: TARGET } as const;
    const options = { chips: { [TARGET]: chip(at) } };
    const one = await requestI2CAccess(bench.board, options);
    await assert.rejects(one.ports.get(1)!.open(TARGET), /There is one on the other bus: see `ports`/);
    const both = await requestI2CAccess(bench.board, { ...options, ports: { 0: 0, 1: 1 } });
    assert.deepEqual([...both.ports.keys()], [0, 1]);
    assert.equal((await both.ports.get(1)!.open(TARGET)).address, TARGET);
  });

  it('cannot be asked for with definitions that are not of that chip', async () => {
    const { board, at } = bench;
    const bad = { code: 'bad-definition' };
    await assert.rejects(requestI2CAccess(board, { chips: { 0x31: chip(at) } }), bad);
    const here = definePeripheral({ name: 'here', source: 'this test', registers: {}, save: [] });
    await assert.rejects(requestI2CAccess(board, { chips: { [TARGET]: here } }), bad);
    const { ports } = await requestI2CAccess(board, { chips: { [TARGET]: [chip(at), words(at)] } });
    await assert.rejects(ports.get(1)!.open(TARGET), bad);
  });

  it('fails a call with the reason when the chip does not answer', async () => {
    bench.disconnect();
    const error = await failureOf(user.run((on) => on.write8(0, 1)));
    assert.ok(error instanceof EntryPointError);
    assert.match(error.message, /controller-fault.*chip@i2c0:0x30\.MODE: no chip acknowledges that address/);
  });
});
