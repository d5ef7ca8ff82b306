import assert from 'node:assert/strict';
import type { PwmSlice } from '../../../peripherals/rp2040/index.js';
import {
  Driver,
  type EntryPointError,
  entryPoint,
  peripheral,
  RecoveryError,
  type Handle,
} from '../../../runtime/index.js';
import { OPS } from '../../../runtime/link/protocol.js';
import type { RecordPolicy } from '../../../runtime/recovery/record.js';
import { faulty, lost, type Faults } from '../../../transports/faulty.js';
import { webUsb } from '../../../transports/webusb.js';
import type { PicoBoard } from '../../emulated.js';
import { firstOp, passUntil, recoveringBoard, settled, type RecoveringBench } from './recovering-board.js';

/** CH1_CC to CH4_CC (RP2040 datasheet 4.5.3), read past the firmware. */
const CC = [1, 2, 3, 4].map((slice) => 0x40050000 + slice * 0x14 + 0x0c);

/** Two slices, so that a call that happens by half can be told from others. */
class Pair extends Driver {
  @peripheral accessor one: Handle<PwmSlice>;
  @peripheral accessor two: Handle<PwmSlice>;

  constructor(board: PicoBoard, first: number) {
    super(board);
    this.one = board.pwm.ch[first]!;
    this.two = board.pwm.ch[first + 1]!;
  }

  @entryPoint
  async set(level: number): Promise<void> {
    await this.one.CC.write({ A: level, B: level });
    await this.two.CC.write({ A: level, B: level });
  }
}

interface Told {
  readonly what: string;
  readonly why: unknown;
}

describe('Two commits whose answers are lost with the link', function () {
  this.timeout(30_000);
  let bench: RecoveringBench;
  const registers = () => CC.map((address) => bench.emulated.read32(address) & 0xffff);
  afterEach(() => bench.dispose());

  /** Of the frames of the two calls, which leave in order, the first `arriving` ones arrive. */
  async function loseBoth(
    record: RecordPolicy,
    { arriving = 2, loseHello = false } = {},
  ): Promise<readonly [Told, Told]> {
    const faults: Faults = {};
    const helloLost = { yet: !loseHello };
    bench = await recoveringBoard({
      record,
      through: (transport) => faulty(transport, faults),
      async reopen(emulated) {
        const transport = webUsb(await emulated.plug(), bench.environment);
        if (helloLost.yet) return transport;
        helloLost.yet = true;
        return faulty(transport, {
          receive() {
            void bench.emulated.unplug({ power: 'kept' });
            return undefined;
          },
        });
      },
    });
    const pairs = [new Pair(bench.board, 1), new Pair(bench.board, 3)] as const;
    for (const pair of pairs) await pair.set(3);
    faults.receive = lost;
    let sent = 0;
    faults.send = (frame) => (firstOp(frame) !== OPS.begin.code || ++sent <= arriving ? frame : undefined);
    const tell = (call: Promise<void>): Promise<Told> =>
      call.then(
        () => ({ what: 'committed', why: undefined }),
        ({ rollback }: EntryPointError) => ({ what: rollback.outcome, why: rollback.error }),
      );
    const calls = Promise.all([tell(pairs[0].set(4)), tell(pairs[1].set(5))]);
    await settled();
    await bench.emulated.unplug({ power: 'kept' });
    await passUntil(calls, bench);
    assert.equal(sent, 2);
    return calls;
  }

  it('the earlier one is not known to be made without a record, and is left as it is', async () => {
    const [first, second] = await loseBoth(false);
    assert.deepEqual([first.what, second.what], ['unknown', 'committed']);
    assert.ok(first.why instanceof RecoveryError);
    assert.equal(first.why.code, 'in-doubt');
    assert.deepEqual(registers(), [4, 4, 5, 5]);
  });

  it('the earlier one is undone with the record, and the later one stands', async () => {
    const told = await loseBoth(true);
    assert.deepEqual(
      told.map(({ what }) => what),
      ['restored', 'committed'],
    );
    assert.deepEqual(registers(), [3, 3, 5, 5]);
  });

  it('the earlier one is not undone by half where half of it is recorded', async () => {
    const [first, second] = await loseBoth(({ name }) => name !== 'pwm2');
    assert.deepEqual([first.what, second.what], ['unknown', 'committed']);
    assert.deepEqual(registers(), [4, 4, 5, 5]);
    await bench.emulated.unplug({ power: 'kept' });
    await passUntil(bench.board.pwm.ch[1]!.CC.read(), bench);
    assert.deepEqual(registers(), [4, 4, 5, 5], 'nor later');
  });

  for (const record of [true, false]) {
    it(`of which only the first was run are both known, ${record ? 'with' : 'without'} a record`, async () => {
      const told = await loseBoth(record, { arriving: 1 });
      assert.deepEqual(
        told.map(({ what }) => what),
        ['committed', 'restored'],
      );
      assert.deepEqual(registers(), [4, 4, 3, 3]);
    });

    it(`of which none was run are both known, ${record ? 'with' : 'without'} a record`, async () => {
      const told = await loseBoth(record, { arriving: 0 });
      assert.deepEqual(
        told.map(({ what }) => what),
        ['restored', 'restored'],
      );
      assert.deepEqual(registers(), [3, 3, 3, 3]);
    });
  }

  it('are both in doubt where what the controller tells of them is lost, too', async () => {
    const told = await loseBoth(false, { loseHello: true });
    assert.deepEqual(
      told.map(({ what }) => what),
      ['unknown', 'unknown'],
    );
    assert.deepEqual(registers(), [4, 4, 5, 5]);
  });

  it('are both undone with the record where what the controller tells of them is lost, too', async () => {
    const told = await loseBoth(true, { loseHello: true });
    assert.deepEqual(
      told.map(({ what }) => what),
      ['restored', 'restored'],
    );
    assert.deepEqual(registers(), [3, 3, 3, 3]);
  });
});
