import assert from 'node:assert/strict';
import { firstValueFrom } from 'rxjs';
import { PwmOutput, uno, type PwmPin } from '../../../peripherals/atmega328p/index.js';
import {
  attach,
  ControllerError,
  definePeripheral,
  entryPoint,
  EntryPointError,
  LinkError,
  open,
} from '../../../runtime/index.js';
import { serialLink } from '../../../transports/serial/index.js';
import type { Transport } from '../../../transports/transport.js';
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

  /** What is refused, and left out by the firmware: HELLO tells it. */
  async function refused(what: Promise<unknown>, feature: string): Promise<void> {
    await assert.rejects(what, (error: unknown) => {
      const refusal = error instanceof EntryPointError ? error.cause : error;
      assert.ok(refusal instanceof LinkError, String(refusal));
      assert.equal(refusal.code, 'version-mismatch');
      assert.match(refusal.message, new RegExp(`the firmware has no ${feature} on this board`));
      return true;
    });
  }

  it('has no events, and says so to who asks', () =>
    refused(firstValueFrom(board.interrupts(board.timer0.flags, 'TIFR')), 'events'));

  it('has no savepoints: an entry point that calls another one is undone', async () => {
    class Blinker extends PwmOutput {
      @entryPoint
      async twice(): Promise<void> {
        await this.pin.PORT.write({ HIGH: true });
        await this.duty(0.5);
      }
    }
    const blinker = new Blinker(board, 'D6');
    const before = await board.digest(board.pin.D6);
    await refused(blinker.twice(), 'savepoints');
    assert.equal(await board.digest(board.pin.D6), before);
    await blinker.duty(0);
  });

  it('has no journals: a peripheral without a sequence cannot be used', async () => {
    const journaled = definePeripheral({
      name: 'compare',
      source: 'ATmega328P datasheet 15.9.4',
      registers: { OCR: { address: 0x47, width: 8, access: 'rw' } },
      save: [],
      fallback: 'journal',
    });
    await refused(
      Promise.resolve().then(() => attach(journaled, board).OCR.read()),
      'journals',
    );
  });

  it('has no snapshots: after a restart what the session has changed is not brought back, and refused', async () => {
    const { emulated } = bench;
    await board.close();
    const link = async (): Promise<Transport> =>
      serialLink('the emulated Uno', (listener) => emulated.serialPort(listener), emulated.environment);
    const session = await open(await link(), uno, { recovery: { reopen: link } });
    const output = new PwmOutput(session, 'D6');
    await output.duty(0.5);
    emulated.unplug();
    emulated.plug();
    const codes: string[] = [];
    for (let attempt = 0; attempt < 2; attempt++) codes.push((await failureOf(output.duty(0.75))).code);
    assert.deepEqual(codes, ['device-lost', 'not-restored']);
    await session.close();
    board = await bench.reopen();
    await new PwmOutput(board, 'D6').duty(0.75);
    assert.equal(emulated.chip.read8(0x47), 191);
  });
});
