import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Ssd1306, type Image } from '../../../peripherals/ssd1306/index.js';
import { ssd1306Model, type Ssd1306Model } from '../../../peripherals/ssd1306/model.js';
import { entryPoint, RegisterError } from '../../../runtime/index.js';
import { assertUndoneAtEveryOperation } from '../every-operation.js';
import { failureOf } from '../../failure.js';
import { assertMissing, chipBench, type ChipBench } from '../i2c-chip.js';

const ADDRESS = 0x3d;
const place = fc.integer({ min: -40, max: 140 });
const images: fc.Arbitrary<Image> = fc
  .record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 20 }) })
  .chain((size) => {
    const length = Math.ceil(size.width / 8) * size.height;
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bits) => ({ ...size, bits }));
  });

/** Lit pixels, as `x,y`. */
const litOn = (chip: Ssd1306Model): string[] =>
  Array.from({ length: 128 * 64 }, (_, index) => [index % 128, index >> 7] as const)
    .filter(([x, y]) => chip.pixel(x, y))
    .map(String);

class Pictures extends Ssd1306 {
  @entryPoint
  async paint(list: readonly { x: number; y: number; image: Image }[]): Promise<void> {
    for (const { x, y, image } of list) await this.draw(x, y, image);
    await this.show();
  }
}

for (const rotated of [false, true])
  describe(`SSD1306, its driver, on a panel that is built in ${rotated ? 'upside down' : 'upright'}`, () => {
    let bench: ChipBench<Ssd1306Model>;
    let display: Pictures;
    beforeEach(async () => {
      bench = await chipBench(ADDRESS, (clock) => ssd1306Model({ clock, address: ADDRESS, rotated }));
      display = new Pictures(bench.board, bench.at, { rotated });
    });
    afterEach(() => bench.dispose());

    /** Counts the messages to the chip. */
    function counted(): () => number {
      const { chip } = bench;
      const start = chip.start.bind(chip);
      let count = 0;
      chip.start = (direction) => {
        count++;
        return start(direction);
      };
      return () => count;
    }

    it('shows nothing after init, whatever display RAM held', async () => {
      await display.init();
      assert.deepEqual(litOn(bench.chip), []);
      assert.equal(bench.chip.registers.displayOn, true);
      await display.invert();
      assert.equal(litOn(bench.chip).length, 128 * 64);
    });

    it('shows a pixel where it was asked for', async () => {
      await display.init();
      await fc.assert(
        fc.asyncProperty(fc.nat(127), fc.nat(63), async (x, y) => {
          await display.clear();
          await display.pixel(x, y);
          await display.show();
          assert.deepEqual(litOn(bench.chip), [`${x},${y}`]);
          await display.pixel(x, y, false);
          await display.show();
          assert.deepEqual(litOn(bench.chip), []);
        }),
        { numRuns: 10 },
      );
    });

    it('shows pictures where they were drawn, cut off at the edges', async () => {
      await display.init();
      const list = fc.array(fc.record({ x: place, y: place, image: images }), { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(list, async (pictures) => {
          await display.clear();
          await display.paint(pictures);
          const lit = new Set<string>();
          for (const { x, y, image } of pictures)
            for (let row = 0; row < image.height; row++)
              for (let column = 0; column < image.width; column++) {
                const [atX, atY] = [x + column, y + row];
                if (atX < 0 || atX > 127 || atY < 0 || atY > 63) continue;
                const byte = image.bits[row * Math.ceil(image.width / 8) + Math.floor(column / 8)]!;
                if (byte & (0x80 >> (column % 8))) lit.add(`${atX},${atY}`);
                else lit.delete(`${atX},${atY}`);
              }
          assert.deepEqual(new Set(litOn(bench.chip)), lit);
        }),
        { numRuns: 10 },
      );
    });

    it('sends only the pages that have changed', async () => {
      await display.init();
      const messages = counted();
      await display.show();
      assert.equal(messages(), 0);
      await display.pixel(5, 8);
      await display.pixel(6, 63);
      assert.equal(messages(), 0, 'drawing sends nothing');
      await display.show();
      assert.equal(messages(), 2);
      await display.pixel(6, 63);
      await display.show();
      assert.equal(messages(), 2, 'the same picture');
    });

    it('has picture, settings and state back when an operation of a call fails, whichever it is', async () => {
      await display.init();
      await display.contrast(0x33);
      const square = { width: 16, height: 16, bits: new Uint8Array(32).fill(0xff) };
      await display.paint([{ x: 20, y: 20, image: square }]);
      const touched = [display.panel, ...display.pages];
      const observe = () => [
        litOn(bench.chip),
        display.frame.slice(),
        display.shown?.slice(),
        bench.chip.registers.contrast,
      ];
      const calls: [number, () => Promise<unknown>][] = [
        [3, () => display.paint([{ x: 24, y: 21, image: square }])],
        [1, () => display.contrast(1)],
        [1, () => display.invert()],
        [1, () => display.off()],
        [23, () => display.init()],
      ];
      for (const [operations, call] of calls)
        assert.equal(await assertUndoneAtEveryOperation(bench.board, bench.fault, call, touched, observe), operations);
      assert.deepEqual(litOn(bench.chip), []);
    }).timeout(60_000);

    it('is dark while it is off, and shows the same picture afterwards', async () => {
      await display.init();
      await display.pixel(1, 2);
      await display.show();
      await display.off();
      assert.deepEqual(litOn(bench.chip), []);
      await display.on();
      assert.deepEqual(litOn(bench.chip), ['1,2']);
    });

    it('sets the contrast, and refuses one that there is not', async () => {
      await display.init();
      await display.contrast(0);
      assert.equal(bench.chip.registers.contrast, 0);
      for (const level of [-1, 256, 0.5, NaN]) {
        const error = await failureOf(display.contrast(level));
        assert.ok(error.cause instanceof RegisterError && error.cause.code === 'value-out-of-range');
      }
      assert.equal(bench.chip.registers.contrast, 0);
    });

    it('that is missing fails its calls with the reason, and can be initialised when it is there', async () => {
      bench.disconnect();
      await assertMissing(display.init());
      await assertMissing(display.contrast(1));
      assert.equal(display.shown, undefined);
      bench.connect();
      await display.init();
      await display.pixel(0, 0);
      await display.show();
      assert.deepEqual(litOn(bench.chip), ['0,0']);
    });

    it('that lost its supply shows the picture again after init and show', async () => {
      await display.init();
      bench.chip.power(false);
      bench.chip.power(true);
      await display.init();
      await display.pixel(3, 4);
      await display.show();
      assert.deepEqual(litOn(bench.chip), ['3,4']);
    });
  });
