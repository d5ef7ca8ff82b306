/** An emulated chip behind I²C of the emulated board: what the tests of such chips start from. */
import assert from 'node:assert/strict';
import { I2cBus } from '../../peripherals/rp2040/index.js';
import { ControllerError, type FaultPoint, type I2cAddress } from '../../runtime/index.js';
import type { I2cTarget, ModelClock } from '../../transports/emulator/bus-targets.js';
import { picoBoard, type Bench, type PicoBoard } from '../emulated.js';
import { failureOf } from '../failure.js';
import { Fault } from './every-operation.js';

export interface ChipBench<M extends I2cTarget> extends Pick<Bench, 'emulated' | 'reopen' | 'dispose'> {
  readonly board: PicoBoard;
  readonly fault: Fault;
  readonly chip: M;
  readonly at: I2cAddress;
  /** Takes the chip off the bus. */
  readonly disconnect: () => void;
  readonly connect: () => void;
  /** Lets emulated time pass, in milliseconds. */
  readonly advance: (ms: number) => void;
}

/** The pins that the tests give to each of the two buses. */
const PINS = [
  { sda: 4, scl: 5 },
  { sda: 2, scl: 3 },
] as const;

/** How operations and transfers may fail other than by `fault`. */
interface Troubles<M> {
  readonly faultPoint?: FaultPoint;
  /** What stands on the bus for the chip. */
  readonly wired?: (chip: M) => I2cTarget;
}

/** A board with a chip behind one of its I²C buses, the first where only a number is given, at 400 kHz. */
export async function chipBench<M extends I2cTarget>(
  place: I2cAddress | number,
  make: (clock: ModelClock) => M,
  { faultPoint, wired = (chip) => chip }: Troubles<M> = {},
): Promise<ChipBench<M>> {
  const at = typeof place === 'number' ? ({ index: 0, target: place } as const) : place;
  const fault = new Fault();
  const bench = await picoBoard({ faultPoint: faultPoint ?? fault.faultPoint });
  const { board, emulated } = bench;
  const chip = make(emulated.chip);
  const target = wired(chip);
  let disconnect = emulated.connectI2c(at.index, at.target, target);
  await new I2cBus(board, at.index).start({ ...PINS[at.index], hz: 400_000 });
  return {
    ...bench,
    fault,
    chip,
    at,
    disconnect: () => disconnect(),
    connect: () => (disconnect = emulated.connectI2c(at.index, at.target, target)),
    advance: (ms) => emulated.advance(ms),
  };
}

/** The call fails because no chip answers, and says so. */
export async function assertMissing(call: Promise<unknown>): Promise<void> {
  const error = await failureOf(call);
  assert.ok(error.cause instanceof ControllerError, String(error.cause));
  assert.equal(error.cause.code, 'bus-fault');
  assert.match(error.message, /no chip acknowledges that address/);
}
