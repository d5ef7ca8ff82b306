import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BUS_FAULTS, bytesOf, failedBy, STATUS, type Answer } from './frame.js';
import { ADDRESS, BIT_NANOS, Chip, I2C0, REGISTER, SCL, SDA, busOf, definition, op, setUpBus } from './i2c-chip.js';
import { linkTo, plugged, type Link, type Session } from './link.js';

const SESSION = 0x12c1;
const RESETS = 0x4000c000;
const [SET, CLEAR] = [0x2000, 0x3000];
const RESET_I2C0 = 1 << 3;
/** RP_BUS_PATIENCE_US in rp_bus.h. */
const PATIENCE_NANOS = 25e6;

describe('firmware/rp2040: an I²C bus that fails', () => {
  let link: Link;
  let chip: Chip;
  let session: Session;
  beforeEach(async () => {
    link = await plugged();
    chip = new Chip();
    busOf(link).connect(ADDRESS, chip);
    await begin();
  });
  afterEach(() => link.dispose());

  async function begin(): Promise<void> {
    setUpBus(link);
    session = await link.open(SESSION);
    await session.run([definition()]);
  }
  /** Status, with the reason of a failure or the bytes of an answer. */
  const outcome = (answer: Answer): readonly [status: number, rest: number | number[]] => [
    answer.status,
    answer.status === STATUS.ok ? bytesOf(answer) : failedBy(answer)[1],
  ];
  const STUCK = [STATUS['bus-fault'], BUS_FAULTS.stuck];
  const after = (nanos: number, run: () => void): void => link.board.chip.clock.createAlarm(run).schedule(nanos);
  const resetBlock = (): void => {
    link.board.write32(RESETS + SET, RESET_I2C0);
    link.board.write32(RESETS + CLEAR, RESET_I2C0);
  };
  const settings = (): number[] =>
    [REGISTER.TAR, REGISTER.ENABLE, REGISTER.INTR_MASK, REGISTER.FS_SCL_HCNT, REGISTER.FS_SCL_LCNT].map((register) =>
      link.board.read32(I2C0 + register),
    );

  it('because a chip was cut off in the middle of a byte is cleared at once: the chip answers the next operation', async () => {
    const property = fc.asyncProperty(fc.nat(0xff), fc.integer({ min: 0, max: 8 }), async (byte, bits) => {
      chip.cells.fill(byte, 0x15, 0x18);
      setUpBus(link);
      chip.onRead = () => after((bits + 0.5) * BIT_NANOS, resetBlock);
      assert.deepEqual(outcome(await session.send([op.readBlock(5, 3)])), STUCK);
      assert.deepEqual([link.board.chip.pin(SDA), link.board.chip.pin(SCL)], [true, true]);
      assert.deepEqual(outcome(await session.send([op.read(5)])), [STATUS.ok, [byte]]);
    });
    await fc.assert(property, {
      numRuns: 40,
      seed: 0x12c,
      examples: [
        [0x00, 0],
        [0x40, 0],
        [0x55, 3],
        [0xff, 4],
      ],
    });
  });

  it('because a chip was cut off in the middle of its acknowledge is cleared without writing anything to it', async () => {
    chip.cells.set([0x11, 0x22, 0x33], 0x15);
    chip.onWrite = () => after(BIT_NANOS / 2, resetBlock);
    assert.deepEqual(outcome(await session.send([op.writeBlock(5, [0xa1, 0xa2])])), STUCK);
    assert.deepEqual([link.board.chip.pin(SDA), link.board.chip.pin(SCL)], [true, true]);
    assert.deepEqual(outcome(await session.send([op.readBlock(5, 3)])), [STATUS.ok, [0x11, 0x22, 0x33]]);
  });

  it('because the board was reset while a chip sent is cleared by the first operation after the boot, which then works', async () => {
    chip.cells[0x15] = 0x01;
    chip.log = '';
    const restarted = new Promise<USBDevice>((resolve) => {
      chip.onRead = () => resolve(link.board.pressReset());
    });
    const lost = session.send([op.read(5)]);
    const [device] = await Promise.all([restarted, assert.rejects(lost)]);
    assert.equal(link.board.chip.pin(SDA), false);
    link = await linkTo(link.board, device);
    await begin();
    assert.deepEqual(outcome(await session.send([op.read(5)])), [STATUS.ok, [0x01]]);
    assert.equal(chip.log, 'W 15 R P W 15 R P ');
  });

  it('for good fails every operation, and changes no setting of the block', async () => {
    busOf(link).hold('sda');
    const before = settings();
    for (let n = 0; n < 2; n++) {
      const from = link.board.chip.nanos;
      assert.deepEqual(outcome(await session.send([op.read(5), op.read(6)])), STUCK);
      assert.ok(link.board.chip.nanos - from < 4 * PATIENCE_NANOS);
    }
    assert.deepEqual(settings(), before);
  });

  it('is tried by one transfer of a rollback, and works again when it is free', async () => {
    await session.run([op.begin, op.write(0, 1), op.write(5, 1)], 1);
    const letGo = busOf(link).hold('sda');
    const from = link.board.chip.nanos;
    assert.equal((await session.send([op.rollback], 1)).status, STATUS['restore-mismatch']);
    assert.ok(link.board.chip.nanos - from < 4 * PATIENCE_NANOS);
    assert.deepEqual(outcome(await session.send([op.read(0)])), STUCK);
    letGo();
    chip.cells[0x10] = 0x77;
    assert.deepEqual(outcome(await session.send([op.read(0)])), [STATUS.ok, [0x77]]);
  });

  it('is waited for while a chip stretches the clock, and given up when that takes longer than 25 ms', async () => {
    chip.cells[0x15] = 0x5a;
    const before = settings();
    for (const [stretch, expected] of [
      [0.8 * PATIENCE_NANOS, [STATUS.ok, [0x5a]]],
      [20 * PATIENCE_NANOS, STUCK],
    ] as const) {
      chip.onRead = () => after(stretch, busOf(link).hold('scl'));
      assert.deepEqual(outcome(await session.send([op.read(5)])), expected);
    }
    assert.equal(link.board.chip.pin(SCL), false);
    assert.deepEqual(outcome(await session.send([op.read(5)])), STUCK);
    link.board.advance(20 * (PATIENCE_NANOS / 1e6));
    assert.deepEqual(outcome(await session.send([op.read(5)])), [STATUS.ok, [0x5a]]);
    assert.deepEqual(settings(), before);
  });

  it('because somebody pulls SDA down in the middle of a byte is lost, and works again when that is over', async () => {
    chip.onWrite = () => {
      const letGo = after.bind(undefined, 30 * BIT_NANOS);
      after(2.2 * BIT_NANOS, () => letGo(busOf(link).hold('sda')));
    };
    assert.deepEqual(outcome(await session.send([op.writeBlock(5, [0xff, 0xff])])), [
      STATUS['bus-fault'],
      BUS_FAULTS['arbitration-lost'],
    ]);
    link.board.advance(1);
    chip.cells[0x15] = 0x42;
    assert.deepEqual(outcome(await session.send([op.read(5)])), [STATUS.ok, [0x42]]);
  });

  it('because another master uses it is waited for: its STOP does not end a transfer that has not begun', async () => {
    chip.cells[0x15] = 0x5a;
    const letGo = busOf(link).hold('sda'); // a START
    after(0.4 * PATIENCE_NANOS, letGo); // its STOP
    assert.deepEqual(outcome(await session.send([op.read(5)])), [STATUS.ok, [0x5a]]);
  });
});
