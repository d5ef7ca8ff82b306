import assert from 'node:assert/strict';
import type { PwmSlice } from '../../peripherals/rp2040/index.js';
import {
  adaptive,
  byArguments,
  Driver,
  EntryPointError,
  entryPoint,
  peripheral,
  sampled,
  setPolicies,
  state,
  type Handle,
} from '../../runtime/index.js';
import { picoBoard, type Bench, type PicoBoard } from '../emulated.js';

class Lamp extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor level = 0;

  constructor(board: PicoBoard) {
    super(board);
    this.slice = board.pwm.ch[0]!;
  }

  async plain(level: number): Promise<void> {
    this.level = level;
    await this.slice.CC.write({ A: level });
    if (level > 100) throw new RangeError('too bright');
  }

  @entryPoint
  async fixed(level: number): Promise<void> {
    await this.plain(level);
  }

  @entryPoint({ policy: byArguments((level: number) => (level > 50 ? 'inline' : 'native')) })
  async computed(level: number): Promise<void> {
    await this.plain(level);
  }

  @entryPoint({ policy: adaptive(2) })
  async learning(level: number): Promise<void> {
    await this.plain(level);
  }
}

describe('The policy of an entry point', () => {
  let bench: Bench;
  let lamp: Lamp;
  let calls: string[];

  beforeEach(async () => {
    bench = await picoBoard();
    lamp = new Lamp(bench.board);
    calls = [];
    bench.board.trace.subscribe((event) => {
      if (event.type === 'opened') calls.push('inline');
      if (event.type === 'sent' && event.transaction === 0) calls.push('native');
    });
  });
  afterEach(() => bench.dispose());

  const left = async () => [lamp.level, (await lamp.slice.CC.read()).A];
  const fails = (call: Promise<void>, protectedCall: boolean) =>
    assert.rejects(call, (error) => error instanceof EntryPointError === protectedCall);

  it('is inline unless somebody says otherwise', async () => {
    await lamp.fixed(7);
    assert.deepEqual(calls, ['inline']);
    await fails(lamp.fixed(101), true);
    assert.deepEqual(await left(), [7, 7]);
  });

  it('native runs the method as it is written: its own error, and what it did stays', async () => {
    setPolicies(lamp, { fixed: 'native' });
    await assert.rejects(lamp.fixed(101), RangeError);
    assert.deepEqual(calls, ['native']);
    assert.deepEqual(await left(), [101, 101]);
  });

  it('can be computed from the arguments of each call', async () => {
    await lamp.computed(10);
    await lamp.computed(60);
    assert.deepEqual(calls, ['native', 'inline']);
    await fails(lamp.computed(101), true);
    assert.deepEqual(await left(), [60, 60]);
  });

  it('can protect after a failure, until enough calls have succeeded', async () => {
    await lamp.learning(1);
    await fails(lamp.learning(101), false);
    await lamp.learning(2);
    await fails(lamp.learning(102), true);
    await lamp.learning(3);
    await lamp.learning(4);
    await lamp.learning(5);
    assert.deepEqual(calls, ['native', 'native', 'inline', 'inline', 'inline', 'inline', 'native']);
  });

  it('learns for each driver apart', async () => {
    const other = new Lamp(bench.board);
    await fails(lamp.learning(101), false);
    await other.learning(1);
    await lamp.learning(1);
    assert.deepEqual(calls, ['native', 'native', 'inline']);
  });

  it('can protect one call in so many, drawn from the random numbers that were handed in', async () => {
    setPolicies(lamp, { fixed: sampled(4) });
    for (let call = 0; call < 200; call++) await lamp.fixed(1);
    const share = calls.filter((each) => each === 'inline').length;
    assert.ok(share > 25 && share < 75, `${share} of 200`);
  });

  it('is the deployer’s to choose, for this driver, from the next call on, without touching its class', async () => {
    setPolicies(lamp, { computed: 'inline', learning: 'inline' });
    await lamp.computed(10);
    await lamp.learning(10);
    await new Lamp(bench.board).computed(10);
    assert.deepEqual(calls, ['inline', 'inline', 'native']);
  });
});
