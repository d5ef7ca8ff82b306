import assert from 'node:assert/strict';
import { END, failedBy, op, PWM_CH0_CC, request, STATUS } from './frame.js';
import { FRAMES, linkTo, plugged, type Link } from './link.js';

const SESSION = 0x1234;
const TRANSACTION = 9;
const BEFORE = 0x00112233;
const DURING = 0x44556677;
const LEASE_MS = 200;

describe('firmware/rp2040: a transaction that loses its host', () => {
  let link: Link;
  beforeEach(async () => (link = await plugged()));
  afterEach(() => link.dispose());

  const register = (): number => link.board.read32(PWM_CH0_CC);

  /** Leaves a transaction open that has changed a register. */
  async function openTransaction(): Promise<void> {
    link.board.write32(PWM_CH0_CC, BEFORE);
    await link.hello(SESSION, LEASE_MS);
    await link.exchange({ session: SESSION, sequence: 1, ops: [op.define(PWM_CH0_CC)] });
    const ops = [op.begin(), op.write(DURING)];
    const { status } = await link.exchange({ session: SESSION, sequence: 2, transaction: TRANSACTION, ops });
    assert.equal(status, STATUS.ok);
    assert.equal(register(), DURING);
  }

  /** The register is back, the transaction is gone for the reason given, and the next session hears of it. */
  async function isRolledBack(reason: number): Promise<void> {
    assert.equal(register(), BEFORE);
    const late = await link.exchange({ session: SESSION, sequence: 3, transaction: TRANSACTION, ops: [op.commit()] });
    assert.deepEqual([late.status, failedBy(late)[0]], [STATUS['no-transaction'], reason]);
    const { abandoned, reason: told, restored } = await link.hello(SESSION + 1);
    assert.deepEqual({ abandoned, told, restored }, { abandoned: 1, told: reason, restored: 1 });
    assert.deepEqual(link.board.warnings, []);
  }

  it('is rolled back by a bus reset', async () => {
    await openTransaction();
    await link.board.busReset();
    await isRolledBack(END['link-lost']);
  });

  it('is rolled back by a bus reset while its frame waits for something', async () => {
    await openTransaction();
    await link.send(request({ session: SESSION, sequence: 3, transaction: TRANSACTION, ops: [op.delay(1_000_000)] }));
    link.board.advance(5);
    const before = link.board.chip.nanos;
    await link.board.busReset();
    assert.ok(link.board.chip.nanos - before < 100e6, 'the delay went on');
    assert.equal(register(), BEFORE);
  });

  it('is rolled back by configuration 0', async () => {
    await openTransaction();
    await link.control(0x00, 9, 0, 0);
    link.board.advance(1);
    assert.equal(register(), BEFORE);
    await link.device.selectConfiguration(1);
    await link.device.claimInterface(0);
    await link.device.selectAlternateInterface(0, FRAMES);
    await isRolledBack(END['link-lost']);
  });

  it('is rolled back when the host lets go of the interface, as it does with those of programs that end', async () => {
    await openTransaction();
    await link.device.selectAlternateInterface(0, 0);
    link.board.advance(1);
    assert.equal(register(), BEFORE);
    await link.device.selectAlternateInterface(0, FRAMES);
    await isRolledBack(END['link-lost']);
  });

  it('is rolled back at once when the host lets go while its frame waits for something', async () => {
    await openTransaction();
    await link.send(request({ session: SESSION, sequence: 3, transaction: TRANSACTION, ops: [op.delay(1_000_000)] }));
    link.board.advance(5);
    await link.device.selectAlternateInterface(0, 0);
    link.board.advance(2);
    assert.equal(register(), BEFORE);
  });

  it('is rolled back by the next session where the system has not let go of the interface', async () => {
    await openTransaction();
    const { abandoned, reason, restored } = await link.hello(SESSION + 1);
    assert.deepEqual({ abandoned, reason, restored }, { abandoned: 1, reason: END['new-session'], restored: 1 });
    assert.equal(register(), BEFORE);
  });

  it('stays open when the host selects the setting anew that it has', async () => {
    await openTransaction();
    await link.device.selectAlternateInterface(0, FRAMES);
    link.board.advance(1);
    assert.equal(register(), DURING);
    const commit = { session: SESSION, sequence: 3, transaction: TRANSACTION, ops: [op.commit()] };
    assert.equal((await link.exchange(commit)).status, STATUS.ok);
  });

  it('is rolled back by suspend, and the host goes on where it was after resume', async () => {
    await openTransaction();
    await link.board.suspend();
    assert.equal(register(), BEFORE);
    await link.board.resume();
    await isRolledBack(END['link-lost']);
  });

  it('is rolled back when the cable is pulled out of a board with a supply of its own', async () => {
    await openTransaction();
    await link.board.unplug({ power: 'kept' });
    assert.equal(register(), BEFORE);
    link = await linkTo(link.board, await link.board.plug());
    await isRolledBack(END['link-lost']);
  });

  it('is rolled back when the lease expires, and not before', async () => {
    await openTransaction();
    link.board.advance(LEASE_MS - 2);
    assert.equal(register(), DURING);
    link.board.advance(4);
    assert.equal(register(), BEFORE);
    await isRolledBack(END['lease-expired']);
  });

  it('stays open as long as frames come, and through a resync and cleared halts', async () => {
    await openTransaction();
    let sequence = 3;
    for (let i = 0; i < 5; i++) {
      link.board.advance(LEASE_MS - 50);
      const ops = [op.echo([i])];
      await link.exchange({ session: SESSION, sequence: sequence++, transaction: TRANSACTION, ops });
      await link.resync();
      await link.device.clearHalt('out', 1);
      await link.device.clearHalt('in', 2);
    }
    const commit = { session: SESSION, sequence, transaction: TRANSACTION, ops: [op.commit()] };
    assert.equal((await link.exchange(commit)).status, STATUS.ok);
    link.board.advance(2 * LEASE_MS);
    await link.board.busReset();
    assert.equal(register(), DURING);
  });
});
