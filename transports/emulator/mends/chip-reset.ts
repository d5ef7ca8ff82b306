import type { RP2040 } from 'rp2040js';
import { RegisterBlock } from './registers.js';

const VREG = 0x0;
const BOD = 0x4;
const CHIP_RESET = 0x8;
/** VREG.ROK: the regulator has settled. */
const REGULATED = 1 << 12;

/** CHIP_RESET: what caused the last reset of the whole chip (RP2040 datasheet 2.12.7). */
export const CHIP_RESET_FLAGS = { powerOn: 1 << 8, runPin: 1 << 16, debugger: 1 << 20 } as const;

/**
 * Regulator and chip-level reset (RP2040 datasheet 2.10.6, 2.12.8); the package has none. A watchdog reset is no
 * chip-level reset, so the flags still tell what came before it.
 */
export function chipReset(rp: RP2040, cause: number): RegisterBlock {
  const block = new RegisterBlock(rp, 'VREG_AND_CHIP_RESET', {
    [VREG]: { reset: 0xb1 | REGULATED, writable: 0xf3 },
    [BOD]: { reset: 0x91, writable: 0xf1 },
    [CHIP_RESET]: { clearable: 1 << 24 },
  });
  block.set(CHIP_RESET, cause);
  return block;
}
