import assert from 'node:assert/strict';
import fc from 'fast-check';
import { at24c32Model } from '../../../peripherals/at24c32/model.js';
import type { Adc, Spi, Twi } from '../../../peripherals/atmega328p/index.js';
import type { Handle } from '../../../runtime/index.js';
import { unoBoard, type UnoBench, type UnoBoard } from '../../emulated-uno.js';
import { assertUndone, Messy, scribble, scribbles } from '../failing-call.js';

const BYTE = 0xff;
const PATIENCE_US = 10_000;

describe('The blocks of an Uno, on real firmware', () => {
  let bench: UnoBench;
  let board: UnoBoard;

  before(async () => (bench = await unoBoard()));
  after(() => bench.dispose());
  beforeEach(async () => (board = await bench.reopen()));

  describe('the converter', () => {
    let adc: Handle<Adc>;
    beforeEach(async () => {
      adc = board.adc;
      bench.emulated.chip.volts[3] = 1;
      await adc.ADMUX.write({ MUX: 3, REFS: 'AVCC' });
    });

    /** 24.4; a prescaler of 128, as `settings` has it. */
    async function convert(): Promise<number> {
      await adc.ADCSRA.write({ ADEN: true, ADSC: true, ADIF: true, ADPS: 7 });
      await adc.ADCSRA.poll({ ADSC: false }, PATIENCE_US);
      const low = await adc.ADCL.read();
      return low | ((await adc.ADCH.read()) << 8);
    }

    it('measures what it measured before a failed call, whatever the call wrote', async () => {
      const registers = ['ADCSRA', 'ADCSRB', 'ADMUX', 'PRR'];
      const property = fc.asyncProperty(scribbles(registers, 6, BYTE), async (list) => {
        assert.equal(await convert(), 204);
        await assertUndone(new Messy(board, adc), (messy, delay) => scribble(messy, list, delay));
        assert.deepEqual(await adc.ADMUX.read(), { MUX: 3, ADLAR: false, REFS: 'AVCC' });
        assert.equal((await adc.ADCSRA.read()).ADEN, true);
        assert.equal(await convert(), 204);
      });
      await fc.assert(property, { numRuns: 10, seed: 24_9 });
    });

    it('ends a conversion that a failed call has begun', async () => {
      await adc.ADCSRA.write({ ADEN: true, ADIF: true, ADPS: 7 });
      await assertUndone(new Messy(board, adc), (messy) =>
        messy.ADCSRA.write({ ADEN: true, ADSC: true, ADATE: true, ADPS: 7 }),
      );
      bench.emulated.advance(5);
      const { ADEN, ADSC, ADIF, ADATE } = await adc.ADCSRA.read();
      assert.deepEqual([ADEN, ADSC, ADIF, ADATE], [true, false, false, false]);
    });

    it('is off after a failed call that has turned it on', async () => {
      await adc.ADCSRA.write({});
      await adc.PRR.write({ PRADC: true });
      await assertUndone(new Messy(board, adc), async (messy) => {
        await messy.PRR.write({ PRADC: false });
        await messy.ADCSRA.write({ ADEN: true, ADSC: true });
      });
      assert.equal(bench.emulated.chip.read8(0x64) & 1, 1);
      await adc.PRR.write({ PRADC: false });
      assert.equal((await adc.ADCSRA.read()).ADEN, false);
    });
  });

  describe('the two-wire interface', () => {
    let twi: Handle<Twi>;
    let disconnect: () => void;
    beforeEach(() => {
      twi = board.twi;
      disconnect = bench.emulated.connectI2c(0x50, at24c32Model({ clock: bench.emulated.chip }));
    });
    afterEach(() => disconnect());

    /** One thing after the other; the status that each ends with (22.7). */
    async function act(bits: { TWSTA?: boolean; TWEA?: boolean }, byte?: number): Promise<number> {
      if (byte !== undefined) await twi.TWDR.write(byte);
      await twi.TWCR.write({ TWINT: true, TWEN: true, ...bits });
      await twi.TWCR.poll({ TWINT: true }, PATIENCE_US);
      return (await twi.TWSR.read()).TWS << 3;
    }
    const stop = async (): Promise<void> => {
      await twi.TWCR.write({ TWINT: true, TWEN: true, TWSTO: true });
      await twi.TWCR.poll({ TWSTO: false }, PATIENCE_US);
    };
    /** Asks the memory at 50h for a byte. */
    async function exchange(): Promise<number[]> {
      const statuses = [await act({ TWSTA: true }), await act({}, 0xa1), await act({})];
      await stop();
      return statuses;
    }

    it('works as before after a failed call, whatever the call wrote', async () => {
      await twi.TWBR.write(72);
      await twi.TWCR.write({ TWEN: true });
      const property = fc.asyncProperty(
        scribbles(['TWBR', 'TWSR', 'TWAR', 'TWDR', 'TWCR', 'PRR'], 6, BYTE),
        async (list) => {
          await assertUndone(new Messy(board, twi), (messy, delay) => scribble(messy, list, delay));
          assert.equal(await twi.TWBR.read(), 72);
          assert.deepEqual(await exchange(), [0x08, 0x40, 0x58]);
        },
      );
      await fc.assert(property, { numRuns: 8, seed: 22_9 });
    });

    it('is given back idle by a call that fails in the middle of a transfer', async () => {
      await twi.TWCR.write({ TWEN: true });
      await assertUndone(new Messy(board, twi), async (messy, delay) => {
        await messy.TWCR.write({ TWINT: true, TWEN: true, TWSTA: true });
        await delay(200);
      });
      const { TWINT, TWEN } = await twi.TWCR.read();
      assert.deepEqual([TWINT, TWEN, (await twi.TWSR.read()).TWS << 3], [false, true, 0xf8]);
      assert.deepEqual(await exchange(), [0x08, 0x40, 0x58]);
    });
  });

  describe('the SPI', () => {
    let spi: Handle<Spi>;
    const sent: number[] = [];
    let disconnect: () => void;
    beforeEach(async () => {
      spi = board.spi;
      sent.length = 0;
      disconnect = bench.emulated.connectSpi('PB2', {
        select: () => {},
        transfer: (byte) => {
          sent.push(byte);
          return byte ^ BYTE;
        },
      });
      await board.pin.D10.DDR.write({ OUTPUT: true });
      await spi.SPCR.write({ SPE: true, MSTR: true, SPR: 1 });
    });
    afterEach(() => disconnect());

    it('exchanges bytes as before after a failed call, whatever the call wrote', async () => {
      const property = fc.asyncProperty(
        scribbles(['SPCR', 'SPSR', 'PRR'], 6, BYTE),
        fc.nat(BYTE),
        async (list, byte) => {
          await assertUndone(new Messy(board, spi), (messy, delay) => scribble(messy, list, delay));
          await spi.SPDR.push([byte]);
          await spi.SPSR.poll({ SPIF: true }, PATIENCE_US);
          assert.deepEqual([...(await spi.SPDR.pull(1))], [byte ^ BYTE]);
        },
      );
      await fc.assert(property, { numRuns: 8, seed: 19_5 });
    });

    it('sends nothing that a failed call has pushed', async () => {
      await assertUndone(new Messy(board, spi), async (messy) => {
        await messy.SPSR.write({ SPI2X: true });
        void messy.SPDR.push([1, 2, 3]).catch(() => {});
      });
      bench.emulated.advance(1);
      assert.deepEqual(sent, []);
    });
  });
});
