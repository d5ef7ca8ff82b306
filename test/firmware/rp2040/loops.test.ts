import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PERIPHERAL, ref, STATUS, u16, u32, type Answer } from './frame.js';
import { plugged, type Link, type Session } from './link.js';

const SESSION = 0x100b;
const RW_WORD = 3 | (2 << 4);
const STEP = { saved: 1, write: 2 } as const;
/** CC and TOP of each slice: nothing but a store changes them (RP2040 datasheet 4.5.3). TOP has 16 bits. */
const PWM = 0x40050000;
const REGISTERS = Array.from({ length: 16 }, (_, i) => {
  const offset = (i >> 1) * 0x14;
  return i % 2 === 0 ? { offset: offset + 0x0c, bits: 0xffffffff } : { offset: offset + 0x10, bits: 0xffff };
});

interface Saved {
  readonly mask: number;
  readonly before: number;
  readonly after: number;
}

const op = {
  begin: [0x06],
  rollback: [0x08],
  touch: [0x92, ...ref(0, REGISTERS[0]!.offset), ...u32(0), ...u32(0)],
};
const step = (kind: number, offset: number, value: number) => [
  kind,
  0,
  ...u16(offset),
  ...u32(0xffffffff),
  ...u32(value),
  ...u32(0),
];

const word = fc.integer({ min: 0, max: 0xffffffff });
const registers = (mask: fc.Arbitrary<number>) =>
  fc.array(fc.record({ mask, before: word, after: word }), { minLength: 1, maxLength: REGISTERS.length });

/** What a loop does not do for one register it may do for another: every number of them, saved whole and under masks. */
describe('firmware/rp2040: a run of registers', () => {
  let link: Link;
  let session: Session;
  before(async () => {
    link = await plugged();
    session = await link.open(SESSION);
  });
  after(() => link.dispose());

  const addressOf = (index: number) => PWM + REGISTERS[index]!.offset;
  const bitsOf = (index: number) => REGISTERS[index]!.bits;

  async function rolledBack(saved: readonly Saved[], steps: readonly (readonly number[])[]): Promise<Answer> {
    const saves = saved.map(({ mask }, i) => [0, 0, ...u16(REGISTERS[i]!.offset), ...u32(mask)]).flat();
    const block = [0, RW_WORD, ...u16(0xa0), ...u32(PWM), ...u32(0xffffffff)];
    const definition = [0x04, PERIPHERAL, 1, saved.length, steps.length, ...block, ...saves, ...steps.flat()];
    saved.forEach(({ before: value }, i) => link.board.write32(addressOf(i), value & bitsOf(i)));
    await session.run([definition]);
    await session.run([op.begin, op.touch], 1);
    saved.forEach(({ after: value }, i) => link.board.write32(addressOf(i), value & bitsOf(i)));
    return session.send([op.rollback], 1);
  }

  for (const [how, mask] of [
    ['whole', fc.constant(0xffffffff)],
    ['under masks', word],
  ] as const) {
    it(`that are saved ${how} gets back its saved bits, and no others`, async () => {
      await fc.assert(
        fc.asyncProperty(registers(mask), async (saved) => {
          assert.equal((await rolledBack(saved, [])).status, STATUS.ok);
          saved.forEach(({ mask: kept, before: old, after: present }, i) => {
            const expected = ((old & kept) | (present & ~kept)) & bitsOf(i);
            assert.equal(link.board.read32(addressOf(i)), expected >>> 0, `register ${i} of ${saved.length}`);
          });
        }),
        { numRuns: 60 },
      );
    });
  }

  it('is read back as a whole: the one that is not as it was is named, wherever it stands', async () => {
    for (let count = 1; count <= REGISTERS.length; count++) {
      for (let wrong = 0; wrong < count; wrong++) {
        const saved = Array.from({ length: count }, () => ({ mask: 0x0f00, before: 0x5555aaaa, after: 0 }));
        const steps = [step(STEP.saved, count, 0), step(STEP.write, REGISTERS[wrong]!.offset, 0x0500)];
        const { status, body } = await rolledBack(saved, steps);
        assert.equal(status, STATUS['restore-mismatch'], `register ${wrong} of ${count}`);
        // The record of the failure, then the report: outcome, count, registers restored, and the first mismatch.
        const report = [12, 13, 16, 17].map((at) => body.getUint8(at));
        assert.deepEqual(report, [2, 1, PERIPHERAL, wrong]);
        assert.deepEqual([body.getUint32(18, true), body.getUint32(22, true)], [0x0a00, 0x0500]);
      }
    }
  });
});
