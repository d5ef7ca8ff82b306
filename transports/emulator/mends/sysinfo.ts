import type { RP2040 } from 'rp2040js';
import { RegisterBlock } from './registers.js';

/** Stepping B2, where EP_ABORT works (erratum RP2040-E2); part 0002h, manufacturer 927h. */
const CHIP_ID_B2 = 0x20002927;
const PLATFORM_ASIC = 1 << 1;

/** What the chip says it is (RP2040 datasheet 2.20.2). The package says it is a B1. */
export function sysinfo(rp: RP2040): RegisterBlock {
  return new RegisterBlock(rp, 'SYSINFO', {
    0x00: { reset: CHIP_ID_B2 },
    0x04: { reset: PLATFORM_ASIC },
    0x10: { reset: 0xe0c912e8 },
  });
}
