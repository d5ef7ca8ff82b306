import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pico } from '../../../peripherals/rp2040/index.js';
import { open, type Board } from '../../../runtime/index.js';
import { isolate, type DriverIsolation } from '../../../runtime/isolation/index.js';
import { nodeThreads } from '../../../runtime/isolation/node.js';
import { instantController } from '../../bench/instant-controller.js';
import { compiled } from '../../compiled.js';
import { Ledger, type Step } from './drivers.js';

const field = fc.constantFrom('one' as const, 'two' as const, 'three' as const);
const item = fc.record({ value: fc.integer() });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constant('set' as const), field, fc.array(item, { maxLength: 3 })),
  fc.tuple(fc.constant('push' as const), field, fc.integer()),
  fc.tuple(fc.constant('poke' as const), field, fc.nat(9)),
  fc.tuple(fc.constant('fill' as const), fc.nat(255), fc.nat(255)),
  fc.tuple(fc.constant('link' as const), field, field),
  fc.tuple(fc.constant('alias' as const), field, field),
  fc.tuple(fc.constant('read' as const), field),
);
const steps = fc.array(step, { maxLength: 5 });
const action = fc.oneof(
  fc.record({ native: steps }),
  fc.record({ apply: steps, fails: fc.boolean() }),
  fc.record({ factor: fc.nat(5) }),
);

/** Contents, and which objects are one: every object is numbered when it is met. */
function pictureOf({ one, two, three, total, bytes, view, notes }: Ledger): unknown {
  const met = new Map<object, number>();
  const numberOf = (object: object) => met.get(object) ?? (met.set(object, met.size), met.size - 1);
  const lists = [one, two, three].map((list) => [numberOf(list), list.map((each) => [numberOf(each), { ...each }])]);
  return {
    lists,
    total,
    bytes: [...bytes],
    view: [...view],
    together: bytes.buffer === view.buffer,
    notes: [...notes],
  };
}

function startAnew(ledger: Ledger): void {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  Object.assign(ledger, {
    one: [{ value: 1 }],
    two: [],
    three: [],
    total: 0,
    bytes,
    view: bytes.subarray(1, 3),
    notes: new Map(),
  });
}

describe('The state of a driver in a worker', function () {
  this.timeout(60_000);
  let board: Board<(typeof pico)['peripherals']>;
  const isolations: DriverIsolation[] = [];
  const inWorker = (driver: Ledger): Ledger => {
    isolations.push(isolate(driver, { module: compiled('test/runtime/isolation/drivers.ts'), threads }));
    return driver;
  };
  let threads: ReturnType<typeof nodeThreads>;

  before(async () => {
    threads = nodeThreads({ entry: compiled('runtime/isolation/node-worker.ts') });
    board = await open(instantController(), pico);
  });
  afterEach(() => isolations.splice(0).forEach((isolation) => isolation.close()));
  after(() => board.close());

  it('is what it would be inline, aliases too, whatever is done to it on either side', async () => {
    const isolated = inWorker(new Ledger(board));
    const inline = new Ledger(board);
    const both = [isolated, inline];
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 12 }), async (actions) => {
        both.forEach(startAnew);
        for (const each of actions) {
          if ('native' in each) both.forEach((ledger) => ledger.native(structuredClone(each.native)));
          else if ('factor' in each) both.forEach((ledger) => (ledger.factor = each.factor));
          else {
            const results = await Promise.allSettled(
              both.map((ledger) => ledger.apply(structuredClone(each.apply), each.fails)),
            );
            assert.deepEqual(
              results.map(({ status }) => status),
              Array(2).fill(each.fails ? 'rejected' : 'fulfilled'),
            );
            if (!each.fails) assert.deepEqual(Reflect.get(results[0]!, 'value'), Reflect.get(results[1]!, 'value'));
          }
          assert.deepEqual(pictureOf(isolated), pictureOf(inline));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('crosses when it has changed, and not otherwise', async () => {
    const crossed: unknown[] = [];
    const counting = {
      start(events: Parameters<typeof threads.start>[0]) {
        const thread = threads.start(events);
        return {
          ...thread,
          post(message: unknown) {
            const { type, state, plain } = message as {
              type: string;
              state: { values: unknown[] };
              plain: typeof state;
            };
            if (type === 'call')
              crossed.push([...state.values, ...plain.values].map((value) => (value as string[])[0]));
            thread.post(message);
          },
        };
      },
    };
    const ledger = new Ledger(board);
    isolations.push(isolate(ledger, { module: compiled('test/runtime/isolation/drivers.ts'), threads: counting }));
    await ledger.apply([], false);
    await ledger.apply([['push', 'one', 2]], false);
    await ledger.apply([], false);
    ledger.two.push({ value: 5 });
    await ledger.apply([], false);
    ledger.factor = 3;
    ledger.one[0]!.value = 9;
    await ledger.apply([], false);
    assert.deepEqual(crossed, [
      ['one', 'two', 'three', 'total', 'bytes', 'view', 'notes', 'factor', 'options'],
      [],
      [],
      ['two'],
      ['one', 'factor'],
    ]);
  });

  it('does not include other fields, which the entry point sees but cannot change unnoticed', async () => {
    const ledger = inWorker(new Ledger(board));
    await assert.rejects(ledger.changeOptions(), /read only property 'scale'/);
    assert.equal(ledger.options.scale, 2);
  });
});
