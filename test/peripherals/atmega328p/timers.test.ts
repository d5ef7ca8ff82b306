import assert from 'node:assert/strict';
import fc from 'fast-check';
import { writeCompare, writeTop, type Timer0, type Timer1 } from '../../../peripherals/atmega328p/index.js';
import type { Handle } from '../../../runtime/index.js';
import type { AvrPin } from '../../../transports/emulator/index.js';
import { unoBoard, type UnoBench, type UnoBoard } from '../../emulated-uno.js';
import { failureOf } from '../../failure.js';
import { assertUndone, Messy, scribble, scribbles } from '../failing-call.js';

const BYTE = 0xff;

describe('The timers of an Uno, on real firmware', () => {
  let bench: UnoBench;
  let board: UnoBoard;

  before(async () => (bench = await unoBoard()));
  after(() => bench.dispose());
  beforeEach(async () => (board = await bench.reopen()));

  function assertNear(times: readonly number[], expected: readonly number[], us: number): void {
    const isNear = times.every((time, index) => Math.abs(time - expected[index]!) <= us);
    assert.ok(isNear, `${times.join(', ')} µs, not ${expected.join(', ')}`);
  }

  /** High and low times of a pin, in microseconds, when it has settled. */
  function pulses(pin: AvrPin, ms: number): readonly [high: number, low: number] {
    const { chip } = bench.emulated;
    const edges: { level: boolean; at: number }[] = [];
    bench.emulated.advance(ms / 2);
    const stop = chip.onPin((each, level) => each === pin && edges.push({ level, at: chip.nanos / 1000 }));
    bench.emulated.advance(ms);
    stop();
    const length = (level: boolean): number => {
      const start = edges.findIndex((edge) => edge.level === level);
      return Math.round(edges[start + 1]!.at - edges[start]!.at);
    };
    return [length(true), length(false)];
  }

  it('0 has its mode and its clock back, whatever the call wrote', async () => {
    const timer: Handle<Timer0> = board.timer0.clock;
    const driver = new Messy(board, timer);
    // TOP of some modes.
    await board.timer0.a.OCR.write(200);
    const setup = fc.record({
      WGM: fc.nat(3),
      WGM2: fc.boolean(),
      CS: fc.constantFrom('stopped', '8', '64', '256', '1024'),
    });
    const property = fc.asyncProperty(
      setup,
      scribbles(['TCCRA', 'TCCRB', 'TCNT', 'PRR'], 6, BYTE),
      async (to, list) => {
        await timer.PRR.write({ PRTIM0: false });
        await timer.TCCRA.write({ WGM: to.WGM });
        await timer.TCCRB.write({ WGM2: to.WGM2, CS: to.CS });
        await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
        assert.deepEqual(await timer.TCCRB.read(), { CS: to.CS, WGM2: to.WGM2, FOCA: false, FOCB: false });
        const before = await timer.TCNT.readBits();
        await board.link.request([{ op: 'delay', us: 1500 }]);
        assert.equal((await timer.TCNT.readBits()) !== before, to.CS !== 'stopped', `it counts at ${to.CS}`);
      },
    );
    await fc.assert(property, { numRuns: 12, seed: 15_9 });
  });

  it('0 goes on from where it was when a call began that has stopped it', async () => {
    const timer: Handle<Timer0> = board.timer0.clock;
    await timer.TCCRB.write({ CS: 'stopped' });
    await timer.TCNT.write(77);
    await assertUndone(new Messy(board, timer), async (messy) => {
      await messy.TCNT.write(200);
      await messy.TCCRB.write({ CS: '1024' });
    });
    assert.equal(await timer.TCNT.read(), 77);
  });

  it('0 makes the same pulses as before a call that failed in the middle of its output', async () => {
    const { clock, b } = board.timer0;
    await board.pin.D5.DDR.write({ OUTPUT: true });
    await clock.TCCRA.write({ WGM: 3 });
    await clock.TCCRB.write({ CS: '64' });
    await b.OCR.write(63);
    await b.TCCRA.write({ COM: 'clear' });
    const before = pulses('PD5', 4);
    assertNear(before, [256, 768], 5);
    await assertUndone(new Messy(board, b), (messy, delay) =>
      scribble(
        messy,
        [
          { register: 'OCR', bits: 200, us: 3000 },
          { register: 'TCCRA', bits: 0x30, us: 100 },
        ],
        delay,
      ),
    );
    assert.deepEqual(pulses('PD5', 4), before);
  });

  it('0 leaves its other output alone', async () => {
    const { a, b } = board.timer0;
    await a.OCR.write(11);
    await a.TCCRA.write({ COM: 'set' });
    await assertUndone(new Messy(board, b), async (messy) => {
      await messy.OCR.write(22);
      await messy.TCCRA.write({ COM: 'toggle' });
      await a.OCR.write(12);
      await a.TCCRA.write({ COM: 'clear' });
    });
    assert.deepEqual([await a.OCR.read(), (await a.TCCRA.read()).COM], [12, 'clear']);
  });

  it('1 makes the same pulses of a servo as before a failed call, whose period is in ICR1', async () => {
    const { clock, a } = board.timer1;
    await board.pin.D9.DDR.write({ OUTPUT: true });
    // Table 16-4: mode 14, fast PWM with ICR1 as TOP; 16 MHz / 8 gives two counts a microsecond.
    await clock.TCCRA.write({ WGM: 2 });
    await clock.TCCRB.write({ WGM32: 3, CS: '8' });
    await writeTop(clock, 39_999);
    await writeCompare(a, 2999);
    await a.TCCRA.write({ COM: 'clear' });
    assertNear(pulses('PB1', 60), [1500, 18_500], 1);
    await assertUndone(new Messy<Timer1>(board, clock), async (messy) => {
      await writeTop(messy, 9999);
      await messy.TCCRB.write({ WGM32: 0, CS: '64' });
    });
    await assertUndone(new Messy(board, a), (messy) => writeCompare(messy, 0x0102));
    assert.deepEqual([await clock.ICRL.read(), await clock.ICRH.read()], [39_999 & BYTE, 39_999 >> 8]);
    assertNear(pulses('PB1', 60), [1500, 18_500], 1);
  });

  it('1 has its registers back, whatever the call wrote', async () => {
    const { clock, a } = board.timer1;
    const registers = ['TCCRA', 'TCCRB', 'ICRL', 'ICRH', 'PRR', 'TCNTL', 'TCNTH'];
    const property = fc.asyncProperty(
      fc.nat(0xffff),
      scribbles(registers, 6, BYTE),
      scribbles(['OCRL', 'OCRH', 'TCCRA'], 4, BYTE),
      async (value, list, more) => {
        await clock.PRR.write({ PRTIM1: false });
        await clock.TCCRB.write({ WGM32: 3 });
        await clock.TCCRA.write({ WGM: 2 });
        await writeTop(clock, value);
        await writeCompare(a, value ^ 0x5555);
        await assertUndone(new Messy<Timer1>(board, clock), (messy, delay) => scribble(messy, list, delay));
        await assertUndone(new Messy(board, a), (messy, delay) => scribble(messy, more, delay));
        const pair = async (low: { read(): Promise<number> }, high: { read(): Promise<number> }) =>
          (await low.read()) | ((await high.read()) << 8);
        assert.equal(await pair(clock.ICRL, clock.ICRH), value);
        assert.equal(await pair(a.OCRL, a.OCRH), value ^ 0x5555);
      },
    );
    await fc.assert(property, { numRuns: 8, seed: 16_11 });
  });

  it('2 has the flag that a call cleared no more, and no other', async () => {
    const { clock, flags, a } = board.timer2;
    await clock.TCCRB.write({ CS: '8' });
    await a.OCR.write(100);
    bench.emulated.advance(1);
    await clock.TCCRB.write({ CS: 'stopped' });
    const { TOV, OCFA } = await flags.TIFR.read();
    assert.deepEqual([TOV, OCFA], [true, true]);
    const error = await failureOf(new Messy(board, flags).failAfter((messy) => messy.TIFR.clear({ OCFA: true })));
    assert.equal(error.code, 'exception');
    const after = await flags.TIFR.read();
    assert.deepEqual([after.TOV, after.OCFA], [true, false]);
  });

  it('1 goes on from where it was when a call began that has let it run', async () => {
    const { clock } = board.timer1;
    await clock.TCNTH.write(0x12);
    await clock.TCNTL.write(0x34);
    await assertUndone(new Messy<Timer1>(board, clock), (messy) => messy.TCCRB.write({ CS: '8' }));
    assert.deepEqual([await clock.TCNTL.read(), await clock.TCNTH.read()], [0x34, 0x12]);
  });
});
