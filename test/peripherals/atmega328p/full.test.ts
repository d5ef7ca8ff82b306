import assert from 'node:assert/strict';
import { PwmOutput, uno } from '../../../peripherals/atmega328p/index.js';
import { attach, definePeripheral, Driver, entryPoint, open, peripheral, type Handle } from '../../../runtime/index.js';
import { serialLink } from '../../../transports/serial/index.js';
import type { Transport } from '../../../transports/transport.js';
import { virtualEnvironment } from '../../../transports/virtual-environment.js';
import { fullUnoImage, unoBoard, type UnoBench, type UnoBoard } from '../../emulated-uno.js';
import { failureOf } from '../../failure.js';

/** ATmega328P datasheet 15.9.4, 14.4: OCR0A; PORTD. */
const OCR0A = 0x47;
const PORTD = 0x2b;

describe('The full firmware of an Uno', () => {
  let bench: UnoBench;
  let board: UnoBoard;

  before(async () => (bench = await unoBoard({}, virtualEnvironment(), fullUnoImage)));
  after(() => bench.dispose());
  beforeEach(async () => (board = await bench.reopen()));

  const register = (address: number): number => bench.emulated.chip.read8(address);

  it('undoes a nested call alone, and its caller goes on', async () => {
    class Dimmer extends PwmOutput {
      @entryPoint
      async tooBright(): Promise<void> {
        await this.duty(1);
        throw new Error('too bright');
      }

      @entryPoint
      async dim(): Promise<void> {
        await this.duty(0.25);
        await this.tooBright().catch(() => {});
        await this.pin.PORT.write({ HIGH: true });
      }
    }
    await new Dimmer(board, 'D6').dim();
    assert.deepEqual([register(OCR0A), register(PORTD) & (1 << 6)], [64, 1 << 6]);
  });

  it('brings back what a peripheral without a sequence held, from its journal', async () => {
    const journaled = definePeripheral({
      name: 'compare',
      source: 'ATmega328P datasheet 15.9.4',
      registers: { OCR: { address: OCR0A, width: 8, access: 'rw' } },
      save: [],
      fallback: 'journal',
    });
    class Compare extends Driver {
      @peripheral accessor compare: Handle<typeof journaled> = attach(journaled, board);

      @entryPoint
      async set(value: number, fails: boolean): Promise<void> {
        await this.compare.OCR.writeBits(value);
        if (fails) throw new Error('as it was told to');
      }
    }
    const compare = new Compare(board);
    await compare.set(7, false);
    await failureOf(compare.set(200, true));
    assert.equal(register(OCR0A), 7);
  });

  it('has its registers brought back after a restart, before the next call', async () => {
    const { emulated } = bench;
    await board.close();
    const link = async (): Promise<Transport> =>
      serialLink('the emulated Uno', (listener) => emulated.serialPort(listener), emulated.environment);
    const session = await open(await link(), uno, { recovery: { reopen: link } });
    const [first, second] = (['D6', 'D5'] as const).map((pin) => new PwmOutput(session, pin));
    await first!.duty(0.5);
    emulated.unplug();
    emulated.plug();
    assert.equal(register(OCR0A), 0);
    const error = await failureOf(second!.duty(0.75));
    assert.equal(error.code, 'device-lost');
    await second!.duty(0.75);
    assert.equal(register(OCR0A), 128);
    await session.close();
  });

  it('holds more peripherals than the small one', async () => {
    for (const pin of ['D3', 'D5', 'D6', 'D9'] as const) await new PwmOutput(board, pin).duty(0.5);
  });
});
