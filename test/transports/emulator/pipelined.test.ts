import assert from 'node:assert/strict';
import { picoBoard } from '../../emulated.js';

describe('Emulated time', () => {
  it('does not pass while the host has yet to fetch what the board waits to get rid of', async () => {
    const bench = await picoBoard();
    const { board, emulated } = bench;
    const before = emulated.chip.nanos;
    const pins = board.pin.slice(2, 10);
    await Promise.all(pins.map((pin) => pin.OUT.write({ HIGH: true })));
    // Sixteen frames: at most a millisecond each, where a lease is one of a thousand.
    assert.ok(emulated.chip.nanos - before < 16e6, `${(emulated.chip.nanos - before) / 1e6} ms`);
    await bench.dispose();
  });
});
