import type { RegisterRows } from './registers.js';

/* RP2040 datasheet 4.3.17: the registers of an I²C block, by offset. */

export const CON = 0x00;
export const TAR = 0x04;
const SAR = 0x08;
export const DATA_CMD = 0x10;
export const SS_HCNT = 0x14;
export const SS_LCNT = 0x18;
export const FS_HCNT = 0x1c;
export const FS_LCNT = 0x20;
export const INTR_STAT = 0x2c;
export const INTR_MASK = 0x30;
export const RAW_INTR_STAT = 0x34;
export const RX_TL = 0x38;
export const TX_TL = 0x3c;
export const CLR_INTR = 0x40;
const CLR_TX_ABRT = 0x54;
export const ENABLE = 0x6c;
export const STATUS = 0x70;
export const TXFLR = 0x74;
export const RXFLR = 0x78;
const SDA_HOLD = 0x7c;
export const TX_ABRT_SOURCE = 0x80;
export const DMA_CR = 0x88;
export const DMA_TDLR = 0x8c;
export const DMA_RDLR = 0x90;
const SDA_SETUP = 0x94;
export const ENABLE_STATUS = 0x9c;
export const SPKLEN = 0xa0;

/** Which interrupt a read of each IC_CLR register clears. */
export const CLEARS: Readonly<Record<number, number>> = {
  0x44: 1 << 0,
  0x48: 1 << 1,
  0x4c: 1 << 3,
  0x50: 1 << 5,
  [CLR_TX_ABRT]: 1 << 6,
  0x58: 1 << 7,
  0x5c: 1 << 8,
  0x60: 1 << 9,
  0x64: 1 << 10,
  0x68: 1 << 11,
  0xa8: 1 << 12,
};

/** RP2040 datasheet 4.3.17, table of I2C registers. */
export const ROWS: RegisterRows = {
  [CON]: { reset: 0x65, writable: 0x3ff },
  [TAR]: { reset: 0x55, writable: 0xfff },
  [SAR]: { reset: 0x55, writable: 0x3ff },
  [DATA_CMD]: {},
  [SS_HCNT]: { reset: 0x28, writable: 0xffff },
  [SS_LCNT]: { reset: 0x2f, writable: 0xffff },
  [FS_HCNT]: { reset: 0x06, writable: 0xffff },
  [FS_LCNT]: { reset: 0x0d, writable: 0xffff },
  [INTR_STAT]: {},
  [INTR_MASK]: { reset: 0x8ff, writable: 0x1fff },
  [RAW_INTR_STAT]: {},
  [RX_TL]: { writable: 0xff },
  [TX_TL]: { writable: 0xff },
  [CLR_INTR]: {},
  ...Object.fromEntries(Object.keys(CLEARS).map((offset) => [offset, {}])),
  [ENABLE]: { writable: 0x7 },
  [STATUS]: {},
  [TXFLR]: {},
  [RXFLR]: {},
  [SDA_HOLD]: { reset: 0x01, writable: 0xffffff },
  [TX_ABRT_SOURCE]: {},
  [0x84]: { writable: 0x1 },
  [DMA_CR]: { writable: 0x3 },
  [DMA_TDLR]: { writable: 0xf },
  [DMA_RDLR]: { writable: 0xf },
  [SDA_SETUP]: { reset: 0x64, writable: 0xff },
  [0x98]: { reset: 0x01, writable: 0x1 },
  [ENABLE_STATUS]: {},
  [SPKLEN]: { reset: 0x07, writable: 0xff },
  [0xf4]: {},
  [0xf8]: { reset: 0x3230312a },
  [0xfc]: { reset: 0x44570140 },
};

/** These take a write only while the block is disabled. */
export const LOCKED = new Set([CON, TAR, SAR, SS_HCNT, SS_LCNT, FS_HCNT, FS_LCNT, SDA_HOLD, SDA_SETUP, SPKLEN]);
/** Values below these become these (IC_SS_SCL_HCNT and its like, IC_FS_SPKLEN). */
export const LEAST = new Map([
  [SS_HCNT, 6],
  [SS_LCNT, 8],
  [FS_HCNT, 6],
  [FS_LCNT, 8],
  [SPKLEN, 1],
]);
