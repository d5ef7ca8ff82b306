import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { pico } from '../../../peripherals/rp2040/index.js';
import { at24c32 } from '../../../peripherals/at24c32/index.js';
import { bme280 } from '../../../peripherals/bme280/index.js';
import { ds3231 } from '../../../peripherals/ds3231/index.js';
import { sht30, sht30Heater, sht30Limit, sht30Mode } from '../../../peripherals/sht30/index.js';
import { ANY, attach, definePeripheral, RegisterError } from '../../../runtime/index.js';
import { admit } from '../../../runtime/isolation/contract.js';
import type { Op } from '../../../runtime/link/ops.js';
import { encodeCommand, type CommandSpec } from '../../../runtime/registers/command-spec.js';
import { compile } from '../../../runtime/registers/compile.js';
import type { PeripheralSpec } from '../../../runtime/registers/definition.js';
import type { RegisterPort } from '../../../runtime/registers/register.js';
import { everySpec } from '../../../runtime/registers/survey.js';

/** Messages that no chip on the shelf takes: those that a transaction could not undo, or that set something, and are answered. */
const answering = definePeripheral({
  name: 'answering',
  source: 'none: it is on no board',
  space: { bus: 'i2c', index: 0, target: 0x10 },
  registers: {},
  save: [],
  commands: {
    TAKE: { bytes: [0x01], reply: 2 },
    MODE: { bytes: [0x02, { fixed: 0x10, free: 0x01 }], sets: 'mode', initial: [0], reply: 1 },
    /** The same bytes as the one behind it, which does something for good. */
    LOOK: { bytes: [0x03, ANY], harmless: true },
    BURN: { bytes: [0x03, 0x01] },
  },
});

const specs: readonly PeripheralSpec[] = [
  ...everySpec(pico.peripherals),
  at24c32({ index: 0, target: 0x50 }),
  bme280({ index: 0, target: 0x76 }),
  ds3231({ index: 0, target: 0x68 }),
  sht30({ index: 0, target: 0x45 }),
  sht30Mode({ index: 0, target: 0x45 }),
  sht30Heater({ index: 0, target: 0x45 }),
  sht30Limit({ index: 0, target: 0x45 }, 0),
  answering,
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
    for (const [name, { bytes, reply }] of Object.entries(spec.commands ?? {})) {
      const free = bytes.filter((byte) => typeof byte !== 'number').map(() => seed & 1);
      attempt(handle[name] as Target, { [reply === undefined ? 'send' : 'ask']: free });
    }
  }
  return ops;
}

/** Whether the bytes are what the caller of this command gets for some values. */
function isEncoded(spec: CommandSpec, bytes: Uint8Array): boolean {
  const free = spec.bytes.flatMap((byte, at) => (typeof byte === 'number' ? [] : [bytes[at]! & byte.free]));
  return isDeepStrictEqual(encodeCommand('', spec, free), bytes);
}

describe('The register contract, as a worker is held to it', () => {
  it('admits every op that the handles of any definition make, as it is, under the number of the board', () => {
    for (const seed of [0, 1]) {
      const ops = everyOp(seed);
      assert.ok(ops.length > 1000);
      const messages = ops.filter(({ op }) => op.op === 'query' || op.op === 'transfer').map(({ how }) => how);
      assert.deepEqual(new Set(messages), new Set(['post', 'ask', 'defer', 'take']));
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
    const places = peripherals.flatMap(({ registers, commands }, peripheral) =>
      [...[...registers.values()].flat(), ...commands.values()].map(({ at }) => ({ peripheral, ...at })),
    );
    const messages = peripherals.flatMap(({ commands }, peripheral) =>
      [...commands.values()].map(({ at, spec: { bytes, reply = 0 } }) => ({
        at: { peripheral, ...at },
        bytes: bytes.map((byte) => (typeof byte === 'number' ? byte : byte.fixed | byte.free)),
        count: reply,
      })),
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
      'query',
    );
    const operands = { count: number, value: number, mask: number, timeoutUs: number };
    const values = fc.array(number, { maxLength: 4 });
    const anything = fc.record({ op: name, at: place, values, bytes: values, ...operands });
    // Messages are not met by chance: these are right, or right but for one of their parts.
    const other = fc.record({ at: place, bytes: values, count: fc.nat(6) });
    const part = fc.constantFrom('at', 'bytes', 'count', undefined);
    const message = fc
      .tuple(fc.constantFrom('transfer', 'query'), fc.constantFrom(...messages), other, part)
      .map(([each, right, wrong, what]) => ({ op: each, ...right, ...(what && { [what]: wrong[what] }) }));
    const op = fc.oneof({ weight: 4, arbitrary: anything }, { weight: 1, arbitrary: message });
    let admitted = 0;
    let sent = 0;
    fc.assert(
      fc.property(op, (asked) => {
        try {
          const { op: made, irrevocable } = admit(asked as unknown as Op, peripherals, boardNumber);
          admitted++;
          assert.ok('at' in made);
          const { registers: byName, commands } = peripherals[made.at.peripheral - 100]!;
          if (made.op === 'transfer' || made.op === 'query') {
            sent++;
            const declared = [...commands.values()].filter(
              ({ at, spec }) =>
                at.block === made.at.block &&
                (spec.reply ?? 0) === made.count &&
                (spec.harmless === true) === (made.op === 'query') &&
                isEncoded(spec, made.bytes),
            );
            assert.equal(declared.length, 1);
            const [{ spec }] = declared as [(typeof declared)[0]];
            assert.equal(irrevocable, !spec.sets && !spec.harmless);
            return;
          }
          const registers = [...byName.values()].flat();
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
    assert.ok(admitted - sent > 100, String(admitted - sent));
    assert.ok(sent > 100, String(sent));
  });
});
