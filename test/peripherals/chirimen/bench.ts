/** The unmodified drivers of CHIRIMEN on emulated chips, and every way in which an operation of theirs can fail. */
import assert from 'node:assert/strict';
import {
  EntryPointError,
  requestI2CAccess,
  type FaultPoint,
  type I2CAccessOptions,
  type I2CPort,
  type TraceEvent,
} from '../../../runtime/index.js';
import type { I2cTarget, ModelClock } from '../../../transports/emulator/bus-targets.js';
import type { VirtualEnvironment } from '../../../transports/virtual-environment.js';
import { REFUSED } from '../every-operation.js';
import { chipBench, type ChipBench } from '../i2c-chip.js';

export interface DriverBench<M extends I2cTarget> extends ChipBench<M> {
  readonly port: I2CPort;
  readonly events: TraceEvent[];
  readonly failing: Failing;
  /** Until nothing waits any more, asleep or awake. */
  quiet(): Promise<void>;
}

/**
 * How operations fail: `throws` on the host before it is sent; `is refused` by the controller; `is not acknowledged`, any
 * START on the bus, those of a checkpoint too; `is cut off`: the chip does not acknowledge the first byte of data.
 */
export type Failure = keyof typeof REASON;
const REASON = {
  throws: /failed \(exception\): injected/,
  'is refused': /failed \(controller-fault\): The controller knows no definition/,
  'is not acknowledged': /failed \(controller-fault\): .* no chip acknowledges/,
  'is cut off': /failed \(controller-fault\): .* acknowledge/,
} as const;

/** Makes one operation of the host, or one transfer on the bus, fail. */
class Failing {
  kind: Failure = 'throws';
  left = Infinity;

  readonly faultPoint: FaultPoint = (op) => {
    if (this.kind === 'throws' && this.left-- === 0) throw new Error('injected');
    return this.kind === 'is refused' && this.left-- === 0 ? REFUSED : op;
  };

  readonly wired = (chip: I2cTarget): I2cTarget => {
    let bytes = 0;
    return {
      start: (direction) => {
        bytes = 0;
        return !(this.kind === 'is not acknowledged' && this.left-- === 0) && chip.start(direction);
      },
      write: (byte) => !(this.kind === 'is cut off' && ++bytes === 2 && this.left-- === 0) && chip.write(byte),
      read: () => chip.read(),
      stop: () => chip.stop(),
    };
  };
}

const STEP_MS = 50;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A board with a chip on I2C0. Whoever sleeps by `setTimeout` does so in emulated time, until `dispose`. */
export async function driverBench<M extends I2cTarget>(
  target: number,
  make: (clock: ModelClock) => M,
  chips: NonNullable<I2CAccessOptions['chips']>,
): Promise<DriverBench<M>> {
  const failing = new Failing();
  const bench = await chipBench(target, make, failing);
  const { board, emulated } = bench;
  const events: TraceEvent[] = [];
  board.trace.subscribe((event) => events.push(event));
  const { ports } = await requestI2CAccess(board, { chips });

  const { setTimeout: realTime } = globalThis;
  const asleep = new Set<() => void>();
  const sleep = async (run: () => void, ms: number): Promise<void> => {
    asleep.add(run);
    // In steps that are short beside the lease, so that it is kept alive; what was posted before is on its way by then.
    for (let left = ms; left > 0; left -= STEP_MS) {
      for (let turns = 0; turns < 3; turns++) await turn();
      emulated.advance(Math.min(left, STEP_MS));
      (emulated.environment as VirtualEnvironment).advance(Math.min(left, STEP_MS));
    }
    await turn();
    asleep.delete(run);
    run();
  };
  globalThis.setTimeout = ((run: () => void, ms: number) => void sleep(run, ms)) as never;
  return {
    ...bench,
    port: ports.get(1)!,
    events,
    failing,
    async quiet() {
      do for (let turns = 0; turns < 10; turns++) await turn();
      while (asleep.size > 0);
    },
    async dispose() {
      globalThis.setTimeout = realTime;
      await bench.dispose();
    },
  };
}

/** Fields by name, and what they hold. */
export const fieldsOf = (driver: object): Record<string, unknown> => ({ ...driver });

function assertSame(after: Record<string, unknown>, before: Record<string, unknown>): void {
  assert.deepEqual(Object.keys(after), Object.keys(before));
  for (const [name, value] of Object.entries(before)) assert.ok(Object.is(after[name], value), name);
}

/**
 * Fails a call at each of its operations, or of the transfers on the bus that it causes, until it has none left and
 * succeeds; every time the chip's registers, the controller's and the object's fields are as before, now and when the
 * work that the call has left behind is through. Resolves with how often it has failed.
 */
export async function assertUndoneEverywhere<M extends I2cTarget>(
  bench: DriverBench<M>,
  kind: Failure,
  driver: object,
  call: () => Promise<unknown>,
  registers: (chip: M) => unknown,
): Promise<number> {
  const { board, failing } = bench;
  const state = async () => ({
    chip: JSON.stringify(registers(bench.chip)),
    bus: await board.digest(board.i2c[0]!),
  });
  const [before, fields] = [await state(), fieldsOf(driver)];
  for (let failures = 0; ; failures++) {
    failing.kind = kind;
    failing.left = failures;
    const error: unknown = await call().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const reached = failing.left < 0;
    failing.left = Infinity;
    const where = `${kind} at ${failures}`;
    if (!reached) {
      assert.equal(error, undefined, where);
      return failures;
    }
    assert.ok(error instanceof EntryPointError, `${where}: ${String(error)}`);
    assert.match(error.message, REASON[kind], `${where}: ${error.message}`);
    assert.ok(['nothing', 'restored'].includes(error.rollback.outcome), `${where}: ${error.message}`);
    for (const wait of [undefined, () => bench.quiet()]) {
      await wait?.();
      assert.deepEqual(await state(), before, where);
      assertSame(fieldsOf(driver), fields);
    }
  }
}
