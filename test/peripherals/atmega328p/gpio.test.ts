import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AnalogPin, GpioPin } from '../../../peripherals/atmega328p/index.js';
import type { Handle } from '../../../runtime/index.js';
import { unoBoard, type UnoBench } from '../../emulated-uno.js';
import { assertUndone, Messy, scribble, scribbles } from '../failing-call.js';

const BYTE = 0xff;
/** What drives the pin from outside. */
const OUTSIDE = [undefined, true, false] as const;

describe('A pin of an Uno, on real firmware', () => {
  let bench: UnoBench;
  let pin: Handle<GpioPin>;
  let neighbour: Handle<GpioPin>;
  let driver: Messy<GpioPin>;

  before(async () => {
    bench = await unoBoard();
    [pin, neighbour] = [bench.board.pin.D9, bench.board.pin.D10];
    driver = new Messy(bench.board, pin);
  });
  after(() => bench.dispose());

  /** The levels on the pin, and what the chip sees of them, whatever is connected to it. */
  async function behaviour(): Promise<boolean[][]> {
    const { chip } = bench.emulated;
    const seen: boolean[][] = [];
    for (const outside of OUTSIDE) {
      chip.setPin('PB1', outside);
      seen.push([chip.pin('PB1'), (await pin.PIN.read()).HIGH]);
    }
    chip.setPin('PB1', undefined);
    return seen;
  }

  it('is what it was before a failed call, and its neighbour is what it was made meanwhile', async () => {
    const setup = fc.record({ output: fc.boolean(), high: fc.boolean() });
    const property = fc.asyncProperty(
      setup,
      fc.boolean(),
      scribbles(['PORT', 'DDR'], 6, BYTE),
      async ({ output, high }, beside, list) => {
        await pin.PORT.write({ HIGH: high });
        await pin.DDR.write({ OUTPUT: output });
        await neighbour.PORT.write({ HIGH: !beside });
        await assertUndone(driver, async (messy, delay) => {
          await scribble(messy, list, delay);
          await neighbour.PORT.write({ HIGH: beside });
        });
        const level = output ? [high, high, high] : [high, true, false];
        assert.deepEqual(
          await behaviour(),
          level.map((each) => [each, each]),
        );
        assert.equal((await neighbour.PORT.read()).HIGH, beside);
      },
    );
    await fc.assert(property, { numRuns: 12, seed: 14_2 });
  });

  it('is toggled in one store, and back with a failed call', async () => {
    await pin.PORT.write({ HIGH: false });
    await pin.DDR.write({ OUTPUT: true });
    await pin.PIN.set({ HIGH: true });
    assert.equal(bench.emulated.chip.pin('PB1'), true);
    const levels: boolean[] = [];
    const stop = bench.emulated.chip.onPin((each, level) => each === 'PB1' && levels.push(level));
    await assertUndone(driver, (messy) => messy.PIN.set({ HIGH: true }));
    stop();
    assert.deepEqual(levels, [false, true]);
  });

  it('of the converter has its digital input back, too', async () => {
    const analog: Handle<AnalogPin> = bench.board.pin.A3;
    await analog.DIDR.write({ OFF: true });
    await assertUndone(new Messy(bench.board, analog), (messy) => messy.DIDR.write({ OFF: false }));
    assert.equal((await analog.DIDR.read()).OFF, true);
    assert.equal(bench.emulated.chip.read8(0x7e), 1 << 3);
  });
});
