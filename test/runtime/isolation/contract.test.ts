import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pico } from '../../../peripherals/rp2040/index.js';
import { at24c32 } from '../../../peripherals/at24c32/index.js';
import { bme280 } from '../../../peripherals/bme280/index.js';
import { ds3231 } from '../../../peripherals/ds3231/index.js';
import { attach, RegisterError } from '../../../runtime/index.js';
import { admit } from '../../../runtime/isolation/contract.js';
import type { Op } from '../../../runtime/link/ops.js';
import { compile } from '../../../runtime/registers/compile.js';
import type { PeripheralSpec } from '../../../runtime/registers/definition.js';
import type { RegisterPort } from '../../../runtime/registers/register.js';
import { everySpec } from '../../../runtime/registers/survey.js';

const specs: readonly PeripheralSpec[] = [
  ...everySpec(pico.peripherals),
  at24c32({ index: 0, target: 0x50 }),
  bme280({ index: 0, target: 0x76 }),
  ds3231({ index: 0, target: 0x68 }),
];
const peripherals = specs.map(compile);
const boardNumber = (peripheral: (typeof peripherals)[number]): number => peripherals.indexOf(peripheral) + 100;

type Attempts = Readonly<Record<string, readonly unknown[]>>;
type Target = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** Every op that the handles of all definitions make, with how they ask for it. */
function everyOp(seed: number): { op: Op; how: keyof RegisterPort }[] {
  const ops: { op: Op; how: keyof RegisterPort }[] = [];
  const record = (how: keyof RegisterPort) => (op: Op) => {
    ops.push({ op, how });
    return Promise.resolve(op.op === 'read' ? 0 : undefined) as Promise<never>;
  };
  const port: RegisterPort = {
    numberOf: (peripheral) => peripherals.indexOf(peripheral),
    post: record('post'),
    ask: record('ask'),
    defer: record('defer'),
    take: record('take'),
    // A register that has no such operation.
    refuse: (error) => Promise.reject(error),
  };
  const ofOne: Attempts = {
    readBits: [],
    poll: [seed & 1, 100],
    writeBits: [seed & 1],
    modify: [seed & 1],
    clear: [seed & 1],
    set: [seed & 1],
    push: [[seed & 1, 0]],
    pull: [1 + (seed & 1)],
  };
  const ofMany: Attempts = { readBlock: [0, 1], writeBlock: [0, [seed & 1]] };
  const attempt = (target: Target, attempts: Attempts): void => {
    for (const [method, args] of Object.entries(attempts)) void target[method]!(...args).catch(() => {});
  };
  for (const spec of specs) {
    const handle = attach(spec, port) as unknown as Record<string, Target | Target[]>;
    for (const name of Object.keys(spec.registers)) {
      const target = handle[name]!;
      if (!Array.isArray(target)) attempt(target, ofOne);
      else {
        attempt(target as unknown as Target, ofMany);
        attempt(target.at(-1)!, ofOne);
      }
    }
  }
  return ops;
}

describe('The register contract, as a worker is held to it', () => {
  it('admits every op that the handles of any definition make, as it is, under the number of the board', () => {
    for (const seed of [0, 1]) {
      const ops = everyOp(seed);
      assert.ok(ops.length > 1000);
      for (const { op, how } of ops) {
        const admitted = admit(structuredClone(op), peripherals, boardNumber);
        const expected = 'at' in op ? { ...op, at: { ...op.at, peripheral: op.at.peripheral + 100 } } : op;
        assert.deepEqual(admitted.op, expected);
        assert.equal(admitted.answers, how === 'ask' || how === 'take');
        // A worker may have more deferred than it must; what must be cannot be had otherwise.
        if (admitted.irrevocable) assert.ok(how === 'defer' || how === 'take', `${op.op} ${how}`);
      }
    }
  });

  it('admits of anything else only what the definition of the register allows', () => {
    const number = fc.oneof(fc.nat(40), fc.nat(0xffff_ffff), fc.constantFrom(-1, 1.5, NaN, '1', null, undefined, {}));
    const places = peripherals.flatMap(({ registers }, peripheral) =>
      [...registers.values()].flat().map(({ at }) => ({ peripheral, ...at })),
    );
    const anywhere = fc.record({ peripheral: number, block: fc.nat(6), offset: fc.nat(0x200), width: fc.nat(3) });
    const place = fc.oneof(fc.constantFrom(...places), anywhere);
    const name = fc.constantFrom(
      'read',
      'write',
      'masked',
      'poll',
      'readBlock',
      'writeBlock',
      'readFifo',
      'writeFifo',
      'transfer',
    );
    const operands = { count: number, value: number, mask: number, timeoutUs: number };
    const values = fc.array(number, { maxLength: 4 });
    const op = fc.record({ op: name, at: place, values, bytes: values, ...operands });
    let admitted = 0;
    fc.assert(
      fc.property(op, (asked) => {
        try {
          const { op: made } = admit(asked as unknown as Op, peripherals, boardNumber);
          admitted++;
          assert.ok('at' in made);
          const registers = [...peripherals[made.at.peripheral - 100]!.registers.values()].flat();
          const found = registers.filter(({ at }) => at.block === made.at.block && at.offset === made.at.offset);
          assert.equal(found.length, 1);
          const { spec, owned } = found[0]!;
          if (made.op === 'write' && spec.access === 'rw')
            assert.equal(owned, spec.width === 8 ? 0xff : spec.width === 16 ? 0xffff : 0xffff_ffff);
          if (made.op === 'write' || made.op === 'masked') assert.notEqual(spec.access, 'ro');
          if (made.op === 'read') assert.notEqual(spec.access, 'wo');
          if (made.op === 'masked') assert.equal(made.mask & ~owned, 0);
        } catch (error) {
          assert.ok(error instanceof RegisterError, String(error));
        }
      }),
      { numRuns: 20_000 },
    );
    assert.ok(admitted > 100, String(admitted));
  });
});
