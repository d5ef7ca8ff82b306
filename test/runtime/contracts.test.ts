import assert from 'node:assert/strict';
import type { PwmSlice } from '../../peripherals/rp2040/index.js';
import {
  Driver,
  EntryPointError,
  entryPoint,
  invariant,
  peripheral,
  state,
  TransactionError,
  type Handle,
  type StandardSchema,
} from '../../runtime/index.js';
import { picoBoard, type Bench, type PicoBoard } from '../emulated.js';

/** As a validator's library makes one (Standard Schema 1). */
const within = (least: number, most: number): StandardSchema<number> => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'number' && value >= least && value <= most
        ? { value: Math.round(value) }
        : { issues: [{ message: `${String(value)} is not from ${least} to ${most}`, path: ['duty'] }] },
  },
});

class Heater extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor duty = 0;
  @state accessor limit = 100;

  constructor(board: PicoBoard) {
    super(board);
    this.slice = board.pwm.ch[0]!;
  }

  @invariant
  belowLimit(): boolean {
    return this.duty <= this.limit;
  }

  @invariant
  async outputFollows(): Promise<boolean> {
    return (await this.slice.CC.read()).A === this.duty;
  }

  @entryPoint({ args: [within(0, 1000)], result: within(0, 500) })
  async set(duty: number, output = duty): Promise<number> {
    this.duty = duty;
    await this.slice.CC.write({ A: output });
    return duty;
  }

  @entryPoint
  async twice(duty: number): Promise<void> {
    await this.set(duty - 1);
    await this.set(duty);
  }
}

describe('A contract of a driver', () => {
  let bench: Bench;
  let heater: Heater;

  beforeEach(async () => {
    bench = await picoBoard();
    heater = new Heater(bench.board);
    await heater.set(5);
  });
  afterEach(() => bench.dispose());

  async function fails(call: Promise<unknown>, code: string, message: RegExp, outcome: string): Promise<void> {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof EntryPointError && error.cause instanceof TransactionError);
      assert.deepEqual([error.code, error.cause.code, error.rollback.outcome], [code, code, outcome]);
      assert.match(error.message, message);
      return true;
    });
    assert.deepEqual([heater.duty, (await heater.slice.CC.read()).A], [5, 5]);
  }

  it('on arguments fails the call before it touches anything', () =>
    fails(
      heater.set(1001),
      'argument-schema',
      /Argument 1 of Heater\.set .*duty: 1001 is not from 0 to 1000/,
      'nothing',
    ));

  it('on arguments gives the method what the schema has made of them', async () => {
    assert.equal(await heater.set(6.4), 6);
  });

  it('on the result undoes the call', async () => {
    heater.limit = 1000;
    await fails(heater.set(600), 'result-schema', /The result of Heater\.set .*600 is not from 0 to 500/, 'nothing');
  });

  it('on state is checked before the commit, and undoes the call', () =>
    fails(heater.set(101), 'invariant', /The invariant Heater\.belowLimit does not hold/, 'nothing'));

  it('on registers sees them as the call would leave them', () =>
    fails(heater.set(50, 51), 'invariant', /Heater\.outputFollows does not hold/, 'restored'));

  it('holds for what nested calls do, too, once the outermost ends', async () => {
    await heater.twice(9);
    assert.equal(heater.duty, 9);
    await assert.rejects(heater.twice(101), { code: 'invariant' });
    assert.equal(heater.duty, 9);
  });
});
