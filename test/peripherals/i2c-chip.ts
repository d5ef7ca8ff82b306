/** An emulated chip behind I²C of the emulated board: what the tests of such chips start from. */
import assert from 'node:assert/strict';
import { I2cBus } from '../../peripherals/rp2040/index.js';
import { ControllerError, EntryPointError, type I2cAddress } from '../../runtime/index.js';
import type { I2cTarget, ModelClock } from '../../transports/emulator/bus-targets.js';
import { picoBoard, type Bench, type PicoBoard } from '../emulated.js';
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

/** A board with a chip on I2C0, at 400 kHz. */
export async function chipBench<M extends I2cTarget>(
  target: number,
  make: (clock: ModelClock) => M,
): Promise<ChipBench<M>> {
  const fault = new Fault();
  const bench = await picoBoard({ faultPoint: fault.faultPoint });
  const { board, emulated } = bench;
  const chip = make({
    get nanos() {
      return emulated.chip.nanos;
    },
  });
  let disconnect = emulated.connectI2c(0, target, chip);
  await new I2cBus(board, 0).start({ sda: 4, scl: 5, hz: 400_000 });
  return {
    ...bench,
    fault,
    chip,
    at: { index: 0, target },
    disconnect: () => disconnect(),
    connect: () => (disconnect = emulated.connectI2c(0, target, chip)),
    advance: (ms) => emulated.advance(ms),
  };
}

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<EntryPointError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof EntryPointError, String(error));
  return error;
}

/** The call fails because no chip answers, and says so. */
export async function assertMissing(call: Promise<unknown>): Promise<void> {
  const error = await failureOf(call);
  assert.ok(error.cause instanceof ControllerError, String(error.cause));
  assert.equal(error.cause.code, 'bus-fault');
  assert.match(error.message, /no chip acknowledges that address/);
}
