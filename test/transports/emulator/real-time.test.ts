import assert from 'node:assert/strict';
import { emulatedBoard, inRealTime, type EmulatedBoard } from '../../../transports/emulator/index.js';
import { image } from '../../emulated.js';
import { virtualEnvironment, type VirtualEnvironment } from '../../../transports/virtual-environment.js';

const MS = 1e6;

describe('A board in real time', () => {
  let environment: VirtualEnvironment;
  let board: EmulatedBoard;
  let stop: () => void;

  beforeEach(async () => {
    environment = virtualEnvironment();
    board = emulatedBoard({ image, environment, power: 'kept' });
    await board.plug();
    stop = inRealTime(board);
  });
  afterEach(() => {
    stop();
    board.dispose();
  });

  it('lets its time pass while nobody talks to it', () => {
    const before = board.chip.nanos;
    environment.advance(500);
    assert.ok(Math.abs(board.chip.nanos - before - 500 * MS) < MS);
  });

  it('is not made to pass what has passed already', () => {
    const before = board.chip.nanos;
    board.advance(8);
    environment.advance(10);
    assert.ok(Math.abs(board.chip.nanos - before - 10 * MS) < MS);
  });

  it('does not make up for the time that its host was away', () => {
    let now = 0;
    const ticks: (() => void)[] = [];
    const away = emulatedBoard({
      image,
      environment: {
        ...environment,
        now: () => now,
        after(_, run) {
          ticks.push(run);
          return () => {};
        },
      },
    });
    inRealTime(away);
    const before = away.chip.nanos;
    now = 60_000;
    ticks.shift()!();
    assert.equal(away.chip.nanos - before, 100 * MS);
    away.dispose();
  });

  it('ends', () => {
    stop();
    assert.equal(environment.timers, 0);
  });
});
