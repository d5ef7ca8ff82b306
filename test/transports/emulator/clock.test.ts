import assert from 'node:assert/strict';
import { ChipClock, Clock } from '../../../transports/emulator/clock.js';

describe('The emulated clock', () => {
  it('runs alarms in the order in which they fall due, each at its own time', () => {
    const clock = new Clock();
    const seen: [string, number][] = [];
    for (const [name, at] of [
      ['c', 30],
      ['a', 10],
      ['b', 20],
    ] as const) {
      clock.createAlarm(() => seen.push([name, clock.nanos])).schedule(at);
    }
    clock.advance(25);
    assert.deepEqual(seen, [
      ['a', 10],
      ['b', 20],
    ]);
    assert.equal(clock.nanos, 25);
    clock.advance(25);
    assert.deepEqual(seen.at(-1), ['c', 30]);
  });

  it('runs alarms that are due together in the order in which they were scheduled', () => {
    const clock = new Clock();
    const seen: number[] = [];
    for (const each of [1, 2, 3]) clock.createAlarm(() => seen.push(each)).schedule(10);
    clock.advance(10);
    assert.deepEqual(seen, [1, 2, 3]);
  });

  it('runs an alarm that an alarm schedules within the same stretch of time', () => {
    const clock = new Clock();
    let count = 0;
    const alarm = clock.createAlarm(() => {
      count += 1;
      alarm.schedule(10);
    });
    alarm.schedule(10);
    clock.advance(100);
    assert.equal(count, 10);
  });

  it('forgets an alarm that was cancelled, and moves one that is scheduled again', () => {
    const clock = new Clock();
    const seen: string[] = [];
    const cancelled = clock.createAlarm(() => seen.push('cancelled'));
    const moved = clock.createAlarm(() => seen.push(`moved to ${clock.nanos}`));
    cancelled.schedule(10);
    moved.schedule(10);
    cancelled.cancel();
    moved.schedule(50);
    clock.advance(100);
    assert.deepEqual(seen, ['moved to 50']);
  });

  it('never runs an alarm whose time is not a number', () => {
    const clock = new Clock();
    clock.createAlarm(() => assert.fail('must not run')).schedule(Number.NaN);
    clock.createAlarm(() => assert.fail('must not run')).schedule(Infinity);
    clock.advance(1e12);
    assert.equal(clock.nextDue, Infinity);
  });

  it('starts at zero for every life of a chip, and drops what a life that is over had scheduled', () => {
    const clock = new Clock();
    clock.advance(1000);
    const life = new ChipClock(clock);
    assert.equal(life.nanos, 0);
    life.createAlarm(() => assert.fail('must not run')).schedule(10);
    life.stop();
    clock.advance(100);
    assert.equal(life.nanos, 100);
  });
});
