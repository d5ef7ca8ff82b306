import assert from 'node:assert/strict';
import type { I2cTarget } from '../../../transports/emulator/bus-targets.js';
import { PERIPHERAL, ref, STATUS, u16, u32 } from './frame.js';
import { busOf, setUpBus } from './i2c-chip.js';
import { plugged, type Link, type Session } from './link.js';

const SESSION = 0x3e55;
const ADDRESS = 0x3c;
const [READ, WRITE, FIFO] = [1, 2, 8];
const SHADOW = 1;

/** A chip that takes messages, writes them down, and answers with 0x80, 0x81, … */
class Listener implements I2cTarget {
  readonly messages: number[][] = [];
  /** Bytes from now on that it acknowledges. */
  patience = Infinity;
  /** Called when it has refused one. */
  deafened: (() => void) | undefined;
  #answer = 0x80;

  start(direction: 'read' | 'write'): boolean {
    if (direction === 'write') this.messages.push([]);
    this.#answer = 0x80;
    return true;
  }

  write(byte: number): boolean {
    if (this.patience-- <= 0) {
      this.deafened?.();
      return false;
    }
    this.messages.at(-1)!.push(byte);
    return true;
  }

  read(): number {
    return this.#answer++;
  }

  stop(): void {}
}

const bytesFrom = (first: number, count: number) => Array.from({ length: count }, (_, i) => (first + i) & 0xff);

const op = {
  begin: [0x06],
  rollback: [0x08],
  digest: [0x05, PERIPHERAL],
  transfer: (block: number, bytes: number[], count = 0) => [0x19, ...ref(block, 0), bytes.length, ...bytes, count],
  writeFifo: (block: number, bytes: number[]) => [0x16, ...ref(block, 0), bytes.length, ...bytes],
};

/** A slot for each initial message, in this order. */
function definition(initial: readonly (readonly number[])[]): number[] {
  const blocks = initial.flatMap(({ length }) => [
    1,
    READ | WRITE | FIFO,
    ...u16(length),
    ...u32(ADDRESS),
    ...u32(0xff),
  ]);
  const saves = initial.flatMap((message, block) => {
    const padded = [...message, 0, 0, 0].slice(0, Math.ceil(message.length / 4) * 4);
    return padded.flatMap((_, at) => (at % 4 === 0 ? [block, SHADOW, ...u16(at), ...padded.slice(at, at + 4)] : []));
  });
  return [0x04, PERIPHERAL, initial.length, saves.length / 8, 0, ...blocks, ...saves];
}

describe('firmware/rp2040: chips that take messages', () => {
  let link: Link;
  let chip: Listener;
  let session: Session;
  beforeEach(async () => {
    link = await plugged();
    chip = new Listener();
    busOf(link).connect(ADDRESS, chip);
    setUpBus(link);
    session = await link.open(SESSION);
  });
  afterEach(() => link.dispose());

  it('get the message of before again when a transaction is rolled back, and only those that were sent', async () => {
    await session.run([definition([[1], [1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7]])]);
    await session.run([op.transfer(2, [7, 6, 5, 4, 3, 2, 1])]);
    await session.run([op.begin, op.transfer(1, [9, 9, 9, 9]), op.transfer(2, [8, 8, 8, 8, 8, 8, 8])], 1);
    chip.messages.length = 0;
    const { body } = await session.run([op.rollback], 1);
    assert.equal(body.getUint8(0), 1);
    assert.deepEqual(chip.messages, [
      [1, 2, 3, 4],
      [7, 6, 5, 4, 3, 2, 1],
    ]);
  });

  for (const length of [1, 2, 3, 4, 5, 64, 254, 255]) {
    it(`keep a message of ${length} bytes`, async () => {
      await session.run([definition([bytesFrom(5, length)])]);
      await session.run([op.begin, op.transfer(0, bytesFrom(0x90, length))], 1);
      await session.run([op.rollback], 1);
      assert.deepEqual(chip.messages, [bytesFrom(0x90, length), bytesFrom(5, length)]);
    });
  }

  it('take no slot of 256 bytes', async () => {
    assert.equal((await session.send([definition([bytesFrom(0, 256)])])).status, STATUS['malformed-op']);
  });

  it('answer', async () => {
    await session.run([definition([[1, 2]])]);
    const { body } = await session.run([op.transfer(0, [3, 4], 6)]);
    assert.deepEqual(
      bytesFrom(0, 6).map((at) => body.getUint8(at)),
      bytesFrom(0x80, 6),
    );
  });

  it('are reached by messages of the right length only', async () => {
    await session.run([definition([[1, 2, 3]])]);
    assert.equal((await session.send([op.transfer(0, [1, 2])])).status, STATUS['out-of-bounds']);
    assert.equal((await session.send([op.transfer(0, [1, 2, 3, 4])])).status, STATUS['out-of-bounds']);
    assert.equal((await session.send([op.writeFifo(0, [1, 2, 3])])).status, STATUS['access-denied']);
    assert.deepEqual(chip.messages, []);
  });

  it('that stop listening in a message get the one of before', async () => {
    await session.run([definition([[1, 2, 3]])]);
    await session.run([op.transfer(0, [4, 5, 6])]);
    chip.patience = 1;
    chip.deafened = () => (chip.patience = Infinity);
    assert.equal((await session.send([op.begin, op.transfer(0, [7, 8, 9])], 1)).status, STATUS['bus-fault']);
    assert.deepEqual(chip.messages, [[4, 5, 6], [7], [4, 5, 6]]);
  });

  it('that do not listen to the message of before either are a mismatch', async () => {
    await session.run([definition([[1, 2, 3]])]);
    await session.run([op.begin, op.transfer(0, [7, 8, 9])], 1);
    chip.patience = 0;
    assert.equal((await session.send([op.rollback], 1)).status, STATUS['restore-mismatch']);
    chip.patience = Infinity;
    await session.run([op.begin, op.transfer(0, [4, 4, 4])], 2);
    await session.run([op.rollback], 2);
    assert.deepEqual(chip.messages.at(-1), [1, 2, 3]);
  });

  it('have a digest of what was sent', async () => {
    await session.run([definition([[1, 2, 3]])]);
    const digest = async () => (await session.run([op.digest])).body.getUint32(0, true);
    const initial = await digest();
    await session.run([op.transfer(0, [1, 2, 4])]);
    assert.notEqual(await digest(), initial);
    await session.run([op.transfer(0, [1, 2, 3])]);
    assert.equal(await digest(), initial);
  });
});
