import assert from 'node:assert/strict';
import { firstValueFrom } from 'rxjs';
import { PwmOutput, type PwmPin } from '../../../peripherals/atmega328p/index.js';
import { ControllerError, LinkError } from '../../../runtime/index.js';
import { unoBoard, type UnoBench, type UnoBoard } from '../../emulated-uno.js';
import { failureOf } from '../../failure.js';

const PINS = { D3: 'PD3', D5: 'PD5', D6: 'PD6', D9: 'PB1', D10: 'PB2' } as const;

describe('A controller of 2 KB of RAM', () => {
  let bench: UnoBench;
  let board: UnoBoard;

  before(async () => (bench = await unoBoard()));
  after(() => bench.dispose());
  beforeEach(async () => (board = await bench.reopen()));

  for (const pair of [
    ['D5', 'D6'],
    ['D9', 'D10'],
    ['D6', 'D3'],
  ] as const satisfies readonly (readonly PwmPin[])[])
    it(`makes pulses on ${pair.join(' and ')} at the same time`, async () => {
      for (const pin of pair) await new PwmOutput(board, pin).duty(0.5);
      const seen = new Set<string>();
      const stop = bench.emulated.chip.onPin((pin) => seen.add(pin));
      bench.emulated.advance(3);
      stop();
      assert.deepEqual([...seen].toSorted(), pair.map((pin) => PINS[pin]).toSorted());
      for (const pin of pair) await new PwmOutput(board, pin).duty(0);
    });

  it('refuses a peripheral for which it has no room, and goes on with those that it knows', async () => {
    const [first, second, third] = (['D6', 'D3', 'D9'] as const).map((pin) => new PwmOutput(board, pin));
    await first!.duty(0.5);
    await second!.duty(0.5);
    const error = await failureOf(third!.duty(0.5));
    assert.ok(error.cause instanceof ControllerError, String(error.cause));
    assert.equal(error.cause.code, 'definitions-full');
    assert.match(error.message, /No room for the definition of .*: \d+ bytes needed, \d+ free/);
    await first!.duty(0.75);
    assert.equal(bench.emulated.chip.read8(0x47), 191);
  });

  it('has no events, and says so to who asks', async () => {
    const interrupts = board.interrupts(board.timer0.a, 'TIFR');
    await assert.rejects(firstValueFrom(interrupts), (error: unknown) => {
      assert.ok(error instanceof LinkError, String(error));
      assert.equal(error.code, 'version-mismatch');
      assert.match(error.message, /no events/);
      return true;
    });
  });
});
