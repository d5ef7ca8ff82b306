/** fgft: driver calls that fail without leaving a trace. See README.md. */
export type { BoardSession, FaultPoint, OpenOptions } from './board.js';
export type { CallContext, RunningCall } from './context/context.js';
export { Driver, peripheral } from './driver.js';
export { entryPoint, setPolicies, type EntryPointOptions } from './entry-point.js';
export * from './errors.js';
export type { Hello, Limits, PreviousSession } from './link/hello.js';
export type { Op } from './link/ops.js';
export type { Interrupt, Notice } from './events/event.js';
export type { InterruptOptions } from './events/events.js';
export { invariant } from './invariant.js';
export * from './isolation/index.js';
export { adaptive, byArguments, sampled, type Isolation, type Policy, type PolicyState } from './policy.js';
export type { StandardSchema } from './schema.js';
export { protect, type MethodName, type Protected, type ProtectPolicy } from './protect/index.js';
export type { Access, FieldAccess } from './registers/access.js';
export { chipName, defineChip, type I2cAddress, type SpiSelect } from './registers/chip.js';
export { ANY, type BytePattern, type CommandSpec } from './registers/command-spec.js';
export {
  definePeripheral,
  field,
  flag,
  type FieldSpec,
  type PeripheralSpec,
  type RegisterSpec,
  type SaveSpec,
  type StepSpec,
} from './registers/definition.js';
export { attach, type Handle } from './registers/handles.js';
export type { RegisterHandle } from './registers/operations.js';
export type { BreakerOptions, BreakerPolicy } from './recovery/breaker.js';
export type { RecordPolicy } from './recovery/record.js';
export type { BoardState, RecoveryOptions } from './recovery/recovery.js';
export { defineBoard, open, type Board, type BoardSpec } from './open.js';
export { state, StateError } from './state/index.js';
export type { TraceEvent } from './trace.js';
export type { Scope as Transaction } from './scope.js';
export { I2CAccess, I2CPort, I2CSlaveDevice, requestI2CAccess, type I2CAccessOptions } from './web-i2c/index.js';
export { systemEnvironment, type Environment } from '../transports/environment.js';
export type { Transport } from '../transports/transport.js';
