import type { RP2040 } from 'rp2040js';
import { RegisterBlock, repeated } from './registers.js';

/** STAT: FIFO_EMPTY and FLUSH_READY. */
const STAT_IDLE = 3;

/** Control of the flash cache (RP2040 datasheet 2.6.3, XIP_CTRL); absent in the package. There is no cache to control. */
export function xipCtrl(rp: RP2040): RegisterBlock {
  return new RegisterBlock(rp, 'XIP_CTRL', {
    0x00: { reset: 3, writable: 0xb },
    0x04: {},
    0x08: { reset: STAT_IDLE },
    ...repeated({}, 0x0c, 2),
    0x14: { writable: 0xfffffffc },
    0x18: { writable: 0x3fffff },
    0x1c: {},
  });
}
