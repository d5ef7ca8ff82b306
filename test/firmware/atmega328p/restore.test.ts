import assert from 'node:assert/strict';
import { bytesOf, STATUS, u32 } from '../rp2040/frame.js';
import { define, ops, powered, type Powered } from './board.js';

const OCR0A = 0x47;
const PORTB = 0x25;
const TCCR2B = 0xb1;
const TCNT2 = 0xb2;
const RESTORED = [1, 0, 1, 0];
const MISMATCH = 2;

describe('firmware/atmega328p: a rollback', () => {
  let board: Powered;
  beforeEach(async () => void (board = await powered()));
  afterEach(() => board.uno.dispose());

  it('brings a register back, and says so', async () => {
    await board.run([define({ address: OCR0A }, 0xff), ops.masked(0xff, 5)]);
    await board.run([ops.begin, ops.masked(0xff, 9), ops.masked(0x0f, 3)], 3);
    assert.equal(board.uno.chip.read8(OCR0A), 3);
    assert.deepEqual(bytesOf(await board.run([ops.rollback], 3)), RESTORED);
    assert.equal(board.uno.chip.read8(OCR0A), 5);
  });

  it('leaves the bits of others as they are now', async () => {
    await board.run([define({ address: PORTB, mask: 0x0f }, 0x0f), ops.masked(0x0f, 0x05)]);
    await board.run([ops.begin, ops.masked(0x0f, 0x0a)], 3);
    board.uno.chip.write8(PORTB, board.uno.chip.read8(PORTB) | 0x20);
    assert.deepEqual(bytesOf(await board.run([ops.rollback], 3)), RESTORED);
    assert.equal(board.uno.chip.read8(PORTB), 0x25);
  });

  it('follows at once on an op that fails', async () => {
    await board.run([define({ address: OCR0A }, 0xff), ops.masked(0xff, 5)]);
    const reply = await board.run([ops.begin, ops.masked(0xff, 9), ops.poll(0xff, 1, 100)], 3);
    assert.deepEqual([reply.status, reply.ran], [STATUS['poll-timeout'], 2]);
    assert.equal(board.uno.chip.read8(OCR0A), 5);
  });

  it('names what does not read back: a counter that runs', async () => {
    await board.run([define({ address: TCNT2 }, 0xff)]);
    await board.run([ops.begin, ops.masked(0xff, 9)], 3);
    board.uno.chip.write8(TCCR2B, 1);
    const reply = await board.run([ops.rollback], 3);
    assert.equal(reply.status, STATUS['restore-mismatch']);
    const report = bytesOf(reply).slice(12);
    assert.deepEqual(report.slice(0, 4), [MISMATCH, 1, 1, 0]);
    assert.deepEqual(report.slice(4, 10), [1, 0, ...u32(0)], 'peripheral, entry, what was saved');
    assert.notDeepEqual(report.slice(10, 14), u32(0), 'what it holds instead');
  });
});
