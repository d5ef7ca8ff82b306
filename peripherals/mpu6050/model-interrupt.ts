/** The INT pin of an emulated MPU-6050 (RM-MPU-6000A-00 revision 4.2, registers 55, 56 and 58). */
import { INT_ENABLE, INT_PIN_CFG, INT_STATUS } from './model-registers.js';

/** Register 55. */
const INT_LEVEL_LOW = 1 << 7;
const INT_OPEN = 1 << 6;
const LATCH_INT_EN = 1 << 5;
const INT_RD_CLEAR = 1 << 4;
/** Register 55, and t_INT in PS-MPU-6000A-00 revision 3.4, 6.4: the pulse on the pin when it is not latched. */
const PULSE = 50e3;

/** The level on the pin, `since` nanoseconds after the last interrupt; undefined while it floats. */
export function interruptLevel(registers: Uint8Array, since: number): boolean | undefined {
  const config = registers[INT_PIN_CFG]!;
  const pending = (registers[INT_STATUS]! & registers[INT_ENABLE]!) !== 0;
  const active = config & LATCH_INT_EN ? pending : since < PULSE;
  const level = active !== Boolean(config & INT_LEVEL_LOW);
  return config & INT_OPEN && level ? undefined : level;
}

/** Whether reading `register` clears INT_STATUS. */
export function clearsStatus(registers: Uint8Array, register: number): boolean {
  return register === INT_STATUS || Boolean(registers[INT_PIN_CFG]! & INT_RD_CLEAR);
}
