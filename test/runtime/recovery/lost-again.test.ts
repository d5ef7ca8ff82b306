import assert from 'node:assert/strict';
import type { PwmSlice } from '../../../peripherals/rp2040/index.js';
import {
  Driver,
  type EntryPointError,
  entryPoint,
  peripheral,
  TransportError,
  type Handle,
} from '../../../runtime/index.js';
import { OPS } from '../../../runtime/link/protocol.js';
import { faulty, lost, type Faults } from '../../../transports/faulty.js';
import { webUsb } from '../../../transports/webusb.js';
import type { PicoBoard } from '../../emulated.js';
import { firstOp, passUntil, recoveringBoard, settled, type RecoveringBench } from './recovering-board.js';

/** CH1_CC and CH2_CC (RP2040 datasheet 4.5.3), read past the firmware. */
const CC = [1, 2].map((slice) => 0x40050000 + slice * 0x14 + 0x0c);

class Pair extends Driver {
  @peripheral accessor one: Handle<PwmSlice>;
  @peripheral accessor two: Handle<PwmSlice>;

  constructor(board: PicoBoard) {
    super(board);
    this.one = board.pwm.ch[1]!;
    this.two = board.pwm.ch[2]!;
  }

  @entryPoint
  async set(level: number): Promise<void> {
    await this.one.CC.write({ A: level, B: level });
    await this.two.CC.write({ A: level, B: level });
  }
}

describe('A link that is lost again while the board is recovered', function () {
  this.timeout(30_000);
  let bench: RecoveringBench;
  const registers = () => CC.map((address) => bench.emulated.read32(address) & 0xffff);
  afterEach(() => bench.dispose());

  /**
   * A call whose COMMIT is run and whose answer is lost with the link, and the cable is pulled again while the first link
   * after that sends its `nth` frame with such an op. Resolves with what the caller was told.
   */
  async function pullTwice(
    again: { op: keyof typeof OPS; nth?: number; power: 'kept' | 'lost' },
    { record = true, arrives = true, comesBack = true } = {},
  ): Promise<string> {
    const faults: Faults = {};
    let left = again.nth ?? 1;
    const later: Faults = {
      send(frame) {
        if (firstOp(frame) !== OPS[again.op].code || --left !== 0) return frame;
        void bench.emulated.unplug({ power: again.power });
        return undefined;
      },
    };
    bench = await recoveringBoard({
      record,
      through: (transport) => faulty(transport, faults),
      timeoutMs: 1000,
      async reopen(emulated) {
        if (left <= 0 && !comesBack) throw new TransportError('device-lost', 'Nobody there.');
        return faulty(webUsb(await emulated.plug(), bench.environment), later);
      },
    });
    const pair = new Pair(bench.board);
    await pair.set(3);
    if (!arrives) faults.send = lost;
    faults.receive = lost;
    const call = pair.set(4).then(
      () => 'committed',
      (error: EntryPointError) => error.rollback.outcome,
    );
    await settled();
    await bench.emulated.unplug({ power: 'kept' });
    await passUntil(call, bench);
    assert.ok(left <= 0, 'the cable was pulled twice');
    assert.deepEqual(bench.states, ['ready', 'recovering', comesBack ? 'ready' : 'broken']);
    return call;
  }

  // A commit that was made is recorded with two snapshots, and then compared with two.
  for (const moment of [
    { op: 'define', nth: 1 },
    { op: 'snapshot', nth: 1 },
    { op: 'snapshot', nth: 2 },
    { op: 'snapshot', nth: 3 },
  ] as const) {
    const when = `in ${moment.op} ${moment.nth}`;

    it(`${when}, with the power kept, changes nothing about a call that had committed`, async () => {
      assert.equal(await pullTwice({ ...moment, power: 'kept' }), 'committed');
      assert.deepEqual(registers(), [4, 4]);
      await bench.emulated.unplug({ power: 'lost' });
      await passUntil(bench.board.pwm.ch[1]!.CC.read(), bench);
      assert.deepEqual(registers(), [4, 4], 'and the record says the same');
    });

    it(`${when}, with the power, leaves a call that had committed whole, and tells which way`, async () => {
      const told = await pullTwice({ ...moment, power: 'lost' });
      const level = told === 'committed' ? 4 : 3;
      assert.ok(told === 'committed' || told === 'restored', told);
      assert.deepEqual(registers(), [level, level]);
    });

    if (moment.nth === 3) continue;
    it(`${when}, changes nothing about a call whose commit did not arrive`, async () => {
      for (const power of ['kept', 'lost'] as const) {
        assert.equal(await pullTwice({ ...moment, power }, { arrives: false }), 'restored');
        assert.deepEqual(registers(), [3, 3]);
        if (power === 'kept') await bench.dispose();
      }
    });
  }

  it('is told apart where nothing is recorded, too', async () => {
    assert.equal(await pullTwice({ op: 'define', power: 'kept' }, { record: false }), 'committed');
    assert.deepEqual(registers(), [4, 4]);
  });

  it('and takes the power with it: without a record nobody knows what the registers were', async () => {
    assert.equal(await pullTwice({ op: 'define', power: 'lost' }, { record: false }), 'unknown');
    await assert.rejects(new Pair(bench.board).set(5), { code: 'not-restored' });
  });

  it('for good changes nothing about a call that had committed; of another one nobody knows', async () => {
    assert.equal(await pullTwice({ op: 'define', power: 'kept' }, { comesBack: false }), 'committed');
    assert.deepEqual(registers(), [4, 4]);
    await bench.dispose();
    assert.equal(await pullTwice({ op: 'define', power: 'kept' }, { comesBack: false, arrives: false }), 'unknown');
  });
});
