import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Ssd1306, ssd1306, ssd1306Page } from '../../../peripherals/ssd1306/index.js';
import { ssd1306Model, type Ssd1306Model } from '../../../peripherals/ssd1306/model.js';
import { entryPoint, type CommandSpec } from '../../../runtime/index.js';
import type { AnyHandle } from '../../../runtime/registers/handles.js';
import { encodeCommand } from '../../../runtime/registers/command-spec.js';
import { failureOf } from '../../failure.js';
import { chipBench, type ChipBench } from '../i2c-chip.js';

const ADDRESS = 0x3c;
const AT = { index: 0, target: ADDRESS } as const;
const byte = fc.nat(0xff);
const pageBytes = fc.array(byte, { minLength: 128, maxLength: 128 });
const picture = fc.array(pageBytes, { minLength: 8, maxLength: 8 });
const settings: Readonly<Record<string, CommandSpec>> = ssd1306(AT).commands!;

/** The bits that the caller gives, byte by byte. */
const freeBits = ({ bytes }: CommandSpec): number[] =>
  bytes.flatMap((each) => (typeof each === 'number' || each.free === 0 ? [] : [each.free]));

/** Values for every setting, legal or not. */
const values: fc.Arbitrary<Readonly<Record<string, readonly number[]>>> = fc.record(
  Object.fromEntries(
    Object.entries(settings).map(([name, command]) => [
      name,
      fc.tuple(...freeBits(command).map((free) => byte.map((value) => value & free))),
    ]),
  ),
);

/** Values that the chip takes: what it ignores (10.1.11, 10.1.17) it cannot be brought back to by sending it again. */
const legal = values.filter(
  ({ MULTIPLEX, PRECHARGE }) => MULTIPLEX![0]! >= 15 && (PRECHARGE![0]! & 0x0f) !== 0 && (PRECHARGE![0]! & 0xf0) !== 0,
);

function write(chip: Ssd1306Model, bytes: Iterable<number>): void {
  assert(chip.start('write'));
  for (const each of bytes) chip.write(each);
  chip.stop();
}

/** A message that was cut off: a command without all of its parameters (table 9-1). */
const cutOff = fc.constantFrom(
  [0x00, 0x20],
  [0x00, 0x81],
  [0x80, 0xa8],
  [0x00, 0x21, 0x05],
  [0x00, 0xa3],
  [0x00, 0x26],
  [0x00, 0x27, 0x00, 0x01],
  [0x80, 0x2a],
);

/** Bytes that nobody should send: other modes, windows and pointers, data. No scrolling, which has no way back. */
const rubbish = fc
  .tuple(
    fc.array(
      fc
        .tuple(
          fc.constantFrom(0x00, 0x40, 0x80, 0xc0),
          fc.array(
            byte.filter((each) => each !== 0x2f),
            { maxLength: 12 },
          ),
        )
        .map(([control, bytes]) => [control, ...bytes]),
      { maxLength: 6 },
    ),
    fc.option(cutOff),
  )
  .map(([messages, last]) => (last ? [...messages, last] : messages));

const litter = (chip: Ssd1306Model, messages: readonly (readonly number[])[]): void => {
  for (const message of messages) write(chip, message);
};

const pixelsOf = (chip: Ssd1306Model): string =>
  Array.from({ length: 64 }, (_, y) => Array.from({ length: 128 }, (_x, x) => Number(chip.pixel(x, y))).join('')).join(
    '\n',
  );

/** What a session can set: not where the next byte goes. */
const setIn = ({ registers }: Ssd1306Model) => ({
  displayOn: registers.displayOn,
  allOn: registers.allOn,
  inverse: registers.inverse,
  contrast: registers.contrast,
  chargePump: registers.chargePump,
  startLine: registers.startLine,
  multiplex: registers.multiplex,
  displayOffset: registers.displayOffset,
  comScanReversed: registers.comScanReversed,
  comPins: registers.comPins,
  clockDivide: registers.clockDivide,
  preCharge: registers.preCharge,
  vcomhDeselect: registers.vcomhDeselect,
  scrolling: registers.scrolling,
});

describe('SSD1306, its messages', () => {
  const drawn = (page: number, remap: number, bytes: readonly number[]) =>
    encodeCommand('DRAW', ssd1306Page(AT, page).commands!.DRAW, [remap, ...bytes]);

  it('draw a page whatever was sent before, and nothing else', () => {
    fc.assert(
      fc.property(rubbish, fc.nat(7), fc.nat(1), pageBytes, (before, page, remap, bytes) => {
        const chip = ssd1306Model({ clock: { nanos: 0 } });
        litter(chip, before);
        const expected = chip.memory;
        expected.set(remap ? bytes.toReversed() : bytes, page * 128);
        write(chip, drawn(page, remap, bytes));
        assert.deepEqual(chip.memory, expected);
      }),
    );
  });

  it('set what they are to set, whatever was sent before', () => {
    fc.assert(
      fc.property(rubbish, values, (before, chosen) => {
        const [littered, clean] = [ssd1306Model({ clock: { nanos: 0 } }), ssd1306Model({ clock: { nanos: 0 } })];
        litter(littered, before);
        // Not every value is legal: those that the chip ignores must find the same there.
        for (const chip of [littered, clean])
          for (const list of [undefined, chosen])
            for (const [name, command] of Object.entries(settings))
              write(chip, encodeCommand(name, command, list?.[name] ?? command.initial!));
        assert.deepEqual(setIn(littered), setIn(clean));
      }),
    );
  });

  it('have as initial what reset sets', () => {
    for (const [name, command] of Object.entries(settings)) {
      const chip = ssd1306Model({ clock: { nanos: 0 } });
      const { registers, memory } = chip;
      write(chip, encodeCommand(name, command, command.initial!));
      assert.deepEqual([chip.registers, chip.memory], [registers, memory], name);
    }
  });
});

/** A display with a call that does anything to it and then fails. */
class Messy extends Ssd1306 {
  get handles(): readonly AnyHandle[] {
    return [this.panel, ...this.pages];
  }

  @entryPoint
  async set(chosen: Readonly<Record<string, readonly number[]>>): Promise<void> {
    const panel = this.panel as unknown as Readonly<
      Record<string, { send(...bytes: readonly number[]): Promise<void> }>
    >;
    for (const [name, bytes] of Object.entries(chosen)) await panel[name]!.send(...bytes);
  }

  @entryPoint
  async drawAll(pages: readonly (readonly number[])[], remap: number): Promise<void> {
    for (const [page, bytes] of pages.entries()) await this.pages[page]!.DRAW.send(remap, ...bytes);
  }

  @entryPoint
  async failAfter(mess: (display: Messy) => Promise<void>, disturb: () => void): Promise<void> {
    await mess(this);
    // An answer: all that was sent before it has arrived.
    await this.tx.ask({ op: 'echo', bytes: new Uint8Array(0) });
    disturb();
    throw new Error('the driver failed here');
  }
}

describe('SSD1306, rolled back', () => {
  let bench: ChipBench<Ssd1306Model>;
  let display: Messy;
  beforeEach(async () => {
    bench = await chipBench(ADDRESS, (clock) => ssd1306Model({ clock, address: ADDRESS }));
    display = new Messy(bench.board, bench.at);
  });
  afterEach(() => bench.dispose());

  const digests = () => Promise.all(display.handles.map((each) => bench.board.digest(each)));

  async function assertUndone(mess: (messy: Messy) => Promise<void>, disturb: () => void): Promise<void> {
    const before = await digests();
    const error = await failureOf(display.failAfter(mess, disturb));
    assert.equal(error.code, 'exception', String(error.cause));
    assert.deepEqual(error.rollback.mismatches, []);
    assert.equal(error.rollback.outcome, 'restored');
    assert.deepEqual(await digests(), before);
  }

  const powerLoss = () => {
    bench.chip.power(false);
    bench.chip.power(true);
  };

  it('has its settings back after a call that sent any and failed, even if the chip lost its power or was left in a command', async () => {
    await fc.assert(
      fc.asyncProperty(legal, values, fc.option(rubbish), async (before, mess, left) => {
        await display.set(before);
        const expected = setIn(bench.chip);
        await assertUndone(
          (messy) => messy.set(mess),
          () => (left ? litter(bench.chip, left) : powerLoss()),
        );
        assert.deepEqual(setIn(bench.chip), expected);
      }),
      { numRuns: 15 },
    );
  });

  it('has every pixel back after a call that drew and set anything, even if the chip lost its power or was left in a command', async () => {
    await display.init();
    await fc.assert(
      fc.asyncProperty(
        picture,
        picture,
        values,
        fc.nat(1),
        fc.option(rubbish),
        fc.boolean(),
        async (before, after, mess, remap, left, drawFirst) => {
          await display.drawAll(before, remap);
          const expected = pixelsOf(bench.chip);
          const steps = [(messy: Messy) => messy.drawAll(after, 1 - remap), (messy: Messy) => messy.set(mess)];
          await assertUndone(
            async (messy) => {
              for (const step of drawFirst ? steps : steps.toReversed()) await step(messy);
            },
            () => (left ? litter(bench.chip, left) : powerLoss()),
          );
          assert.equal(pixelsOf(bench.chip), expected);
        },
      ),
      { numRuns: 5 },
    );
  });

  it('draws again only the pages that the failed call has drawn', async () => {
    await display.init();
    const before = bench.chip.memory;
    write(bench.chip, [0x80, 0xb5, 0x80, 0x00, 0x80, 0x10, 0x40, 0xaa]);
    await assertUndone(
      (messy) => messy.pages[2]!.DRAW.send(0, ...new Uint8Array(128).fill(0xff)),
      () => {},
    );
    before[5 * 128] = 0xaa;
    assert.deepEqual(bench.chip.memory, before);
  });

  it('makes a page dark that was drawn in the failed call first, because nobody knows what it held', async () => {
    await assertUndone(
      (messy) => messy.pages[3]!.DRAW.send(0, ...new Uint8Array(128).fill(0xff)),
      () => {},
    );
    assert.deepEqual(bench.chip.memory.subarray(3 * 128, 4 * 128), new Uint8Array(128));
  });

  it('that vanishes is reported', async () => {
    const error = await failureOf(
      display.failAfter(
        (messy) => messy.panel.CONTRAST.send(1),
        () => bench.disconnect(),
      ),
    );
    assert.equal(error.rollback.outcome, 'mismatch');
  });
});
