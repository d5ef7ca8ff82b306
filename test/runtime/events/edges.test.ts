import assert from 'node:assert/strict';
import { picoBoard, type Bench } from '../../emulated.js';
import { Blinker, hear, quiet } from './blinker.js';

const INTE0 = 0x40014100;
const NVIC_ISER = 0xe000e100;
const IO_IRQ_BANK0 = 1 << 13;

describe('Edges of a pin', () => {
  let bench: Bench;
  const drive = (pin: number, level: boolean) => bench.emulated.chip.setPin(pin, level);

  beforeEach(async () => {
    bench = await picoBoard();
  });
  afterEach(() => bench.dispose());

  it('are told as they come, with nothing between them', async () => {
    const { until } = hear(bench.board, 5);
    await until(1);
    drive(5, true);
    await until(2);
    drive(5, false);
    await until(3);
    drive(5, true);
    assert.deepEqual(await until(4), ['watching', 'rising', 'falling', 'rising']);
  });

  it('of several pins come from those pins', async () => {
    const [first, second] = [hear(bench.board, 5), hear(bench.board, 29)];
    await Promise.all([first.until(1), second.until(1)]);
    drive(5, true);
    drive(29, true);
    drive(29, false);
    await first.until(2);
    await second.until(2);
    await quiet();
    assert.deepEqual(first.heard, ['watching', 'rising']);
    assert.deepEqual(second.heard.slice(1).join('+').split('+'), ['rising', 'falling']);
  });

  it('of one kind are told to whoever wants that kind', async () => {
    const rising = hear(bench.board, 5, 'rising');
    const falling = hear(bench.board, 5, 'falling');
    await Promise.all([rising.until(1), falling.until(1)]);
    drive(5, true);
    await rising.until(2);
    drive(5, false);
    await falling.until(2);
    await quiet();
    assert.deepEqual(rising.heard, ['watching', 'rising']);
    assert.deepEqual(falling.heard, ['watching', 'falling']);
  });

  it('have a time of the controller', async () => {
    const us: number[] = [];
    bench.board.interrupts(bench.board.pin[5]!, 'INTR', { flags: ['EDGE_HIGH'], enable: 'INTE' }).subscribe((told) => {
      if (told.type === 'interrupt') us.push(told.us);
    });
    await quiet();
    for (const after of [0, 250]) {
      bench.emulated.advance(after);
      drive(5, true);
      await quiet();
      drive(5, false);
      await quiet();
    }
    assert.equal(us.length, 2);
    const passed = us[1]! - us[0]!;
    assert.ok(passed >= 250_000 && passed < 260_000, `${passed} µs`);
  });

  it('are told no longer, and not watched, when nobody listens', async () => {
    const { heard, until, stop } = hear(bench.board, 5);
    await until(1);
    assert.equal(bench.emulated.read32(INTE0), 0xc00000);
    assert.ok(bench.emulated.read32(NVIC_ISER) & IO_IRQ_BANK0);
    stop();
    await quiet();
    drive(5, true);
    await quiet();
    assert.deepEqual(heard, ['watching']);
    assert.equal(bench.emulated.read32(INTE0), 0);
    assert.equal(bench.emulated.read32(NVIC_ISER) & IO_IRQ_BANK0, 0);
  });

  it('do not end with one of two who listen', async () => {
    const [first, second] = [hear(bench.board, 5), hear(bench.board, 5)];
    await Promise.all([first.until(1), second.until(1)]);
    first.stop();
    await quiet();
    drive(5, true);
    assert.deepEqual(await second.until(2), ['watching', 'rising']);
    assert.deepEqual(first.heard, ['watching']);
  });

  it('cost calls no round trip', async () => {
    const blinker = new Blinker(bench.board, 5);
    await blinker.setUp();
    const roundTrips: number[] = [];
    bench.board.trace.subscribe((event) => {
      if (event.type === 'committed' && event.call === 'Blinker.blink') roundTrips.push(event.roundTrips);
    });
    await blinker.blink();
    const { until } = hear(bench.board, 5);
    await until(1);
    await blinker.blink();
    await until(3);
    assert.deepEqual(roundTrips, [2, 2]);
  });

  it('end with the board', async () => {
    const { until } = hear(bench.board, 5);
    await until(1);
    await bench.board.close();
    assert.deepEqual(await until(2), ['watching', 'complete']);
  });
});
