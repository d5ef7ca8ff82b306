import assert from 'node:assert/strict';
import fc from 'fast-check';
import { At24c32, AT24C32_BYTES } from '../../../peripherals/at24c32/index.js';
import { at24c32Model, type At24c32Model } from '../../../peripherals/at24c32/model.js';
import { ControllerError, entryPoint, RegisterError } from '../../../runtime/index.js';
import { failureOf } from '../../failure.js';
import { assertMissing, chipBench, type ChipBench } from '../i2c-chip.js';

const ADDRESS = 0x50;
const byte = fc.nat(0xff);

interface Piece {
  readonly address: number;
  readonly bytes: readonly number[];
}

/** Some bytes, anywhere that they fit. */
const pieces = (most: number): fc.Arbitrary<Piece> =>
  fc
    .array(byte, { minLength: 1, maxLength: most })
    .chain((bytes) => fc.nat(AT24C32_BYTES - bytes.length).map((address) => ({ address, bytes })));

/** How many pages a piece touches, by the first address of each part. */
function partsOf({ address, bytes }: Piece): number[] {
  const starts = bytes.map((_, index) => address + index);
  return starts.filter((at, index) => index === 0 || at % 32 === 0);
}

/** A driver that does more with the memory than one write. */
class Records extends At24c32 {
  @entryPoint
  async writeAll(list: readonly Piece[], fail: boolean): Promise<void> {
    for (const { address, bytes } of list) await this.write(address, bytes);
    // Whatever was posted has left by now.
    await this.read(0, 1);
    if (fail) throw new Error('the driver failed here');
  }

  @entryPoint
  async exchange({ address, bytes }: Piece): Promise<number[]> {
    await this.write(address, bytes);
    return [...(await this.read(address, bytes.length))];
  }
}

describe('AT24C32, its driver', () => {
  let bench: ChipBench<At24c32Model>;
  let memory: Records;
  beforeEach(async () => {
    bench = await chipBench(ADDRESS, (clock) => at24c32Model({ clock, address: ADDRESS }));
    memory = new Records(bench.board, bench.at);
  });
  afterEach(() => bench.dispose());

  it('writes any bytes anywhere, one write cycle a page, and reads them back', async () => {
    await fc.assert(
      fc.asyncProperty(pieces(100), async (piece) => {
        const expected = bench.chip.memory;
        expected.set(piece.bytes, piece.address);
        const cycles = bench.chip.writeCycles;
        await memory.write(piece.address, piece.bytes);
        assert.deepEqual(bench.chip.memory, expected);
        assert.equal(bench.chip.writeCycles - cycles, partsOf(piece).length);
        assert.deepEqual([...(await memory.read(piece.address, piece.bytes.length))], piece.bytes);
      }),
      { numRuns: 15 },
    );
  });

  it('reads and writes more than a frame holds, up to the end of the memory', async () => {
    const many = Uint8Array.from({ length: 40 * 32 }, (_, index) => (index * 7) ^ (index >> 8));
    await memory.write(AT24C32_BYTES - many.length, many);
    assert.deepEqual(bench.chip.memory.slice(-many.length), many);
    assert.deepEqual(await memory.read(AT24C32_BYTES - many.length, many.length), many);
    assert.equal(bench.chip.writeCycles, 40);
  });

  it('writes nothing in a call that fails, whatever it was to write', async () => {
    await fc.assert(
      fc.asyncProperty(pieces(40), fc.array(pieces(70), { minLength: 1, maxLength: 4 }), async (before, list) => {
        await memory.write(before.address, before.bytes);
        const { memory: expected, writeCycles } = bench.chip;
        const error = await failureOf(memory.writeAll(list, true));
        assert.deepEqual(error.rollback.permanent, []);
        assert.deepEqual(bench.chip.memory, expected);
        assert.equal(bench.chip.writeCycles, writeCycles);
      }),
      { numRuns: 10 },
    );
  });

  it('writes the pieces of a call in their order, so that the last one of a cell counts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pieces(70), { minLength: 1, maxLength: 4 }), async (list) => {
        const expected = bench.chip.memory;
        for (const { address, bytes } of list) expected.set(bytes, address);
        await memory.writeAll(list, false);
        assert.deepEqual(bench.chip.memory, expected);
      }),
      { numRuns: 6 },
    );
  });

  it('finds what was there before the call, when the call itself has written', async () => {
    await fc.assert(
      fc.asyncProperty(pieces(70), async (piece) => {
        const before = bench.chip.memory.slice(piece.address, piece.address + piece.bytes.length);
        assert.deepEqual(await memory.exchange(piece), [...before]);
        assert.deepEqual([...(await memory.read(piece.address, piece.bytes.length))], piece.bytes);
      }),
      { numRuns: 10 },
    );
  });

  it('names the pages that were written where the commit fails, whichever operation of it does', async () => {
    const piece: Piece = { address: 20, bytes: Array.from({ length: 90 }, (_, index) => index) };
    const starts = partsOf(piece);
    let named = 0;
    for (let operation = 0; ; operation++) {
      const expected = bench.chip.memory.fill(0xff);
      bench.chip.program(0, expected);
      const error = await bench.fault.at(operation, () => memory.write(piece.address, piece.bytes));
      if (!error) break;
      const done = error.rollback.permanent;
      done.forEach(({ register, done: toItsEnd }, index) => {
        assert.deepEqual([register, toItsEnd], [`at24c32@i2c0:0x50.CELLS[${starts[index]}]`, true]);
        const from = starts[index]! - piece.address;
        const to = (starts[index + 1] ?? piece.address + piece.bytes.length) - piece.address;
        expected.set(piece.bytes.slice(from, to), starts[index]);
      });
      bench.advance(10);
      assert.deepEqual(bench.chip.memory, expected);
      named = Math.max(named, done.length);
    }
    assert.equal(named, starts.length, 'also where all pages were written and only the wait for the last one failed');
    assert.deepEqual([...bench.chip.memory.subarray(20, 110)], piece.bytes);
  });

  it('says which page may have been written in part when the chip vanishes in the commit', async () => {
    const { chip } = bench;
    const start = chip.start.bind(chip);
    chip.start = (direction) => chip.writeCycles < 2 && start(direction);
    const error = await failureOf(memory.write(0, new Uint8Array(128)));
    assert.ok(error.cause instanceof ControllerError && error.cause.code === 'bus-fault');
    assert.deepEqual(error.rollback.permanent, [
      { register: 'at24c32@i2c0:0x50.CELLS[0]', done: true },
      { register: 'at24c32@i2c0:0x50.CELLS[32]', done: true },
      { register: 'at24c32@i2c0:0x50.CELLS[64]', done: false },
    ]);
    assert.equal(chip.memory.indexOf(0xff), 64);
  });

  it('refuses what does not fit, before anything is written', async () => {
    for (const call of [
      () => memory.read(AT24C32_BYTES - 1, 2),
      () => memory.read(-1, 1),
      () => memory.write(AT24C32_BYTES - 40, new Uint8Array(41)),
      () => memory.write(0.5, [1]),
      () => memory.write(0, [1, 256]),
    ]) {
      const error = await failureOf(call());
      assert.ok(error.cause instanceof RegisterError, String(error.cause));
      assert.equal(error.cause.code, 'value-out-of-range');
    }
    assert.equal(bench.chip.writeCycles, 0);
    await memory.write(0, []);
    assert.equal((await memory.read(0, 0)).length, 0);
  });

  it('that is busy with the write of somebody else fails the call, which writes nothing, and is there afterwards', async () => {
    const { chip } = bench;
    chip.start('write');
    for (const each of [0x00, 0x00, 0xaa]) chip.write(each);
    chip.stop();
    await assertMissing(memory.write(5, [1]));
    bench.advance(10);
    assert.deepEqual([...chip.memory.subarray(0, 6)], [0xaa, 0xff, 0xff, 0xff, 0xff, 0xff]);
    await memory.write(5, [1]);
    assert.equal(chip.memory[5], 1);
  });

  it('leaves protected cells as they are', async () => {
    bench.chip.writeProtect = true;
    await memory.write(0xbff, [1, 2]);
    assert.deepEqual([...(await memory.read(0xbff, 2))], [1, 0xff]);
  });

  it('that is missing fails reads and writes with the reason', async () => {
    bench.disconnect();
    await assertMissing(memory.read(0, 1));
    await assertMissing(memory.write(0, [1]));
    bench.connect();
    await memory.write(0, [1]);
    assert.deepEqual([...(await memory.read(0, 2))], [1, 0xff]);
  });

  it('has nothing that a rollback would have to restore, and the error of a failed call says so', async () => {
    const error = await failureOf(memory.writeAll([{ address: 0, bytes: [1] }], true));
    assert.equal(error.rollback.outcome, 'nothing');
    assert.match(error.message, /No register had been changed/);
  });
});
