import assert from 'node:assert/strict';
import { Eeprom, PwmOutput } from '../../../peripherals/atmega328p/index.js';
import { unoBoard, type UnoBench } from '../../emulated-uno.js';
import { failureOf } from '../../failure.js';
import { assertUndoneAtEveryOperation, Fault } from '../every-operation.js';

describe('Drivers for an Uno, on real firmware', () => {
  const fault = new Fault();
  let bench: UnoBench;

  before(async () => (bench = await unoBoard()));
  after(() => bench.dispose());

  /** How much of 20 ms a pin is high. */
  function duty(pin: 'PD6' | 'PB1' | 'PB3'): number {
    const { chip } = bench.emulated;
    bench.emulated.advance(2);
    let [since, high] = [chip.nanos, 0];
    const stop = chip.onPin((each, level) => {
      if (each !== pin) return;
      if (!level) high += chip.nanos - since;
      since = chip.nanos;
    });
    bench.emulated.advance(20);
    stop();
    if (chip.pin(pin)) high += chip.nanos - since;
    return high / 20e6;
  }

  for (const [name, pin] of [
    ['D6', 'PD6'],
    ['D9', 'PB1'],
    ['D11', 'PB3'],
  ] as const)
    it(`a pulse train on ${name} has the duty that was asked for, and is undone at every operation that fails`, async () => {
      const board = await bench.reopen({ faultPoint: fault.faultPoint });
      const output = new PwmOutput(board, name);
      await output.duty(0.25);
      assert.ok(Math.abs(duty(pin) - 0.25) < 0.01, String(duty(pin)));
      const touched = [board.pin[name], output.timer, output.output];
      const operations = await assertUndoneAtEveryOperation(board, fault, () => output.duty(1), touched);
      assert.ok(operations >= 6, `${operations} operations`);
      assert.ok(duty(pin) > 0.99);
      await output.duty(0);
      assert.equal(duty(pin), 0);
      const error = await failureOf(output.duty(1.5));
      assert.equal(error.code, 'exception');
      assert.equal(duty(pin), 0);
    });

  describe('the EEPROM', () => {
    let eeprom: Eeprom;
    beforeEach(async () => {
      eeprom = new Eeprom(await bench.reopen({ faultPoint: fault.faultPoint }));
      bench.emulated.chip.eeprom.fill(0xff);
    });

    it('keeps what was written, over more than a frame and a power cycle', async () => {
      const bytes = Uint8Array.from({ length: 20 }, (_, index) => index * 11);
      await eeprom.write(250, bytes);
      assert.deepEqual(await eeprom.read(249, 22), Uint8Array.of(0xff, ...bytes, 0xff));
      bench.emulated.unplug();
      bench.emulated.plug();
      const again = new Eeprom(await bench.reopen());
      assert.deepEqual(await again.read(250, 20), bytes);
    });

    it('writes nothing in a call that fails', async () => {
      const error = await failureOf(eeprom.write(1022, [1, 2, 3]));
      assert.match(String(error.cause), /none 1024/);
      assert.deepEqual([...bench.emulated.chip.eeprom.subarray(1020)], [0xff, 0xff, 0xff, 0xff]);
    });
  });
});
