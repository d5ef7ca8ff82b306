import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';
import { blockReset } from './block-reset.js';

/** RP2040 datasheet 2.2.2: I2C0_BASE, I2C1_BASE. */
const I2C_BASE = [0x40044000, 0x40048000] as const;
/** RP2040 datasheet 2.14.3: the bit of each I2C block in RESETS. */
const RESET_BIT = [3, 4] as const;

/** Bits of IC_ENABLE and IC_ENABLE_STATUS. */
const ENABLE = 1 << 0;
const ABORT = 1 << 1;
/** A byte with its acknowledge and a STOP take ten bits: 100 µs in standard mode. */
const BYTE_AND_STOP_US = 125;
/** IC_EN follows IC_ENABLE within a few cycles once nothing is going on. */
const DISABLED_US = 1000;

const COUNT = { COUNT: field(0, 16) } as const;

/** An event that IC_INTR_STAT, IC_INTR_MASK and IC_RAW_INTR_STAT have a bit for. */
const interrupts = <const P extends string>(prefix: P) => {
  const names = [
    'RX_UNDER',
    'RX_OVER',
    'RX_FULL',
    'TX_OVER',
    'TX_EMPTY',
    'RD_REQ',
    'TX_ABRT',
    'RX_DONE',
    'ACTIVITY',
    'STOP_DET',
    'START_DET',
    'GEN_CALL',
    'RESTART_DET',
  ] as const;
  return Object.fromEntries(names.map((name, bit) => [`${prefix}${name}`, flag(bit)])) as {
    readonly [Name in `${P}${(typeof names)[number]}`]: ReturnType<typeof flag>;
  };
};

/**
 * One I²C block (RP2040 datasheet 4.3, a Synopsys DW_apb_i2c), with its own bit of the reset controller.
 *
 * The restore goes through a reset of the block (2.14), which is where a power-down leaves it, too. Nothing less ends
 * every state: while a target holds the bus, the block does not let itself be disabled, and IC_ENABLE_STATUS.IC_EN
 * stays set for ever (4.3.17), so it cannot be waited for. A byte that is on the bus may end first, with a STOP
 * (IC_ENABLE.ABORT, 4.3.17); at less than 80 kHz it may be cut off.
 *
 * All settings but thresholds and masks take writes only while the block is disabled (4.3.17, IC_ENABLE), so
 * IC_ENABLE comes last.
 */
export const i2c = (index: 0 | 1) => {
  const base = I2C_BASE[index];
  const reset = blockReset('I2C', RESET_BIT[index]);
  return definePeripheral({
    name: `i2c${index}`,
    source: 'RP2040 datasheet 4.3.17, 2.14.3',
    registers: {
      IC_CON: {
        address: base,
        access: 'rw',
        reset: 0x65,
        fields: {
          MASTER_MODE: flag(0),
          SPEED: field(1, 2, { values: { standard: 1, fast: 2 } }),
          IC_10BITADDR_SLAVE: flag(3),
          IC_10BITADDR_MASTER: flag(4),
          IC_RESTART_EN: flag(5),
          IC_SLAVE_DISABLE: flag(6),
          STOP_DET_IFADDRESSED: flag(7),
          TX_EMPTY_CTRL: flag(8),
          RX_FIFO_FULL_HLD_CTRL: flag(9),
          STOP_DET_IF_MASTER_ACTIVE: flag(10, { access: 'ro' }),
        },
      },
      IC_TAR: {
        address: base + 0x04,
        access: 'rw',
        reset: 0x55,
        fields: { ADDRESS: field(0, 10), GC_OR_START: flag(10), SPECIAL: flag(11) },
      },
      IC_SAR: { address: base + 0x08, access: 'rw', reset: 0x55, fields: { ADDRESS: field(0, 10) } },
      /** Written: a byte with CMD (8: read), STOP (9) and RESTART (10). Read: a byte. */
      IC_DATA_CMD: { address: base + 0x10, access: 'fifo' },
      IC_SS_SCL_HCNT: { address: base + 0x14, access: 'rw', reset: 0x28, fields: COUNT },
      IC_SS_SCL_LCNT: { address: base + 0x18, access: 'rw', reset: 0x2f, fields: COUNT },
      IC_FS_SCL_HCNT: { address: base + 0x1c, access: 'rw', reset: 0x06, fields: COUNT },
      IC_FS_SCL_LCNT: { address: base + 0x20, access: 'rw', reset: 0x0d, fields: COUNT },
      IC_INTR_STAT: { address: base + 0x2c, access: 'ro', fields: interrupts('R_') },
      /** A 1 lets an interrupt through. */
      IC_INTR_MASK: { address: base + 0x30, access: 'rw', reset: 0x8ff, fields: interrupts('M_') },
      IC_RAW_INTR_STAT: { address: base + 0x34, access: 'ro', fields: interrupts('') },
      IC_RX_TL: { address: base + 0x38, access: 'rw', fields: { RX_TL: field(0, 8) } },
      IC_TX_TL: { address: base + 0x3c, access: 'rw', fields: { TX_TL: field(0, 8) } },
      IC_CLR_INTR: { address: base + 0x40, access: 'rc' },
      IC_CLR_RX_UNDER: { address: base + 0x44, access: 'rc' },
      IC_CLR_RX_OVER: { address: base + 0x48, access: 'rc' },
      IC_CLR_TX_OVER: { address: base + 0x4c, access: 'rc' },
      IC_CLR_RD_REQ: { address: base + 0x50, access: 'rc' },
      IC_CLR_TX_ABRT: { address: base + 0x54, access: 'rc' },
      IC_CLR_RX_DONE: { address: base + 0x58, access: 'rc' },
      IC_CLR_ACTIVITY: { address: base + 0x5c, access: 'rc' },
      IC_CLR_STOP_DET: { address: base + 0x60, access: 'rc' },
      IC_CLR_START_DET: { address: base + 0x64, access: 'rc' },
      IC_CLR_GEN_CALL: { address: base + 0x68, access: 'rc' },
      IC_ENABLE: {
        address: base + 0x6c,
        access: 'rw',
        fields: { ENABLE: flag(0), ABORT: flag(1, { access: 'self-clearing' }), TX_CMD_BLOCK: flag(2) },
      },
      IC_STATUS: {
        address: base + 0x70,
        access: 'ro',
        reset: 0x06,
        fields: {
          ACTIVITY: flag(0),
          TFNF: flag(1),
          TFE: flag(2),
          RFNE: flag(3),
          RFF: flag(4),
          MST_ACTIVITY: flag(5),
          SLV_ACTIVITY: flag(6),
        },
      },
      IC_TXFLR: { address: base + 0x74, access: 'ro', fields: { TXFLR: field(0, 5) } },
      IC_RXFLR: { address: base + 0x78, access: 'ro', fields: { RXFLR: field(0, 5) } },
      IC_SDA_HOLD: {
        address: base + 0x7c,
        access: 'rw',
        reset: 0x01,
        fields: { IC_SDA_TX_HOLD: field(0, 16), IC_SDA_RX_HOLD: field(16, 8) },
      },
      IC_TX_ABRT_SOURCE: {
        address: base + 0x80,
        access: 'ro',
        fields: {
          ABRT_7B_ADDR_NOACK: flag(0),
          ABRT_10ADDR1_NOACK: flag(1),
          ABRT_10ADDR2_NOACK: flag(2),
          ABRT_TXDATA_NOACK: flag(3),
          ABRT_GCALL_NOACK: flag(4),
          ABRT_GCALL_READ: flag(5),
          ABRT_HS_ACKDET: flag(6),
          ABRT_SBYTE_ACKDET: flag(7),
          ABRT_HS_NORSTRT: flag(8),
          ABRT_SBYTE_NORSTRT: flag(9),
          ABRT_10B_RD_NORSTRT: flag(10),
          ABRT_MASTER_DIS: flag(11),
          ARB_LOST: flag(12),
          ABRT_SLVFLUSH_TXFIFO: flag(13),
          ABRT_SLV_ARBLOST: flag(14),
          ABRT_SLVRD_INTX: flag(15),
          ABRT_USER_ABRT: flag(16),
          TX_FLUSH_CNT: field(23, 9),
        },
      },
      IC_SLV_DATA_NACK_ONLY: { address: base + 0x84, access: 'rw', fields: { NACK: flag(0) } },
      IC_DMA_CR: { address: base + 0x88, access: 'rw', fields: { RDMAE: flag(0), TDMAE: flag(1) } },
      IC_DMA_TDLR: { address: base + 0x8c, access: 'rw', fields: { DMATDL: field(0, 4) } },
      IC_DMA_RDLR: { address: base + 0x90, access: 'rw', fields: { DMARDL: field(0, 4) } },
      IC_SDA_SETUP: { address: base + 0x94, access: 'rw', reset: 0x64, fields: { SDA_SETUP: field(0, 8) } },
      IC_ACK_GENERAL_CALL: { address: base + 0x98, access: 'rw', reset: 0x01, fields: { ACK_GEN_CALL: flag(0) } },
      IC_ENABLE_STATUS: {
        address: base + 0x9c,
        access: 'ro',
        fields: { IC_EN: flag(0), SLV_DISABLED_WHILE_BUSY: flag(1), SLV_RX_DATA_LOST: flag(2) },
      },
      IC_FS_SPKLEN: { address: base + 0xa0, access: 'rw', reset: 0x07, fields: { COUNT: field(0, 8) } },
      IC_CLR_RESTART_DET: { address: base + 0xa8, access: 'rc' },
      ...reset.registers,
    },
    save: [
      'IC_CON',
      'IC_TAR',
      'IC_SAR',
      // 4.3.14: the counts belong to the speed in IC_CON and to the spike length.
      'IC_SS_SCL_HCNT',
      'IC_SS_SCL_LCNT',
      'IC_FS_SCL_HCNT',
      'IC_FS_SCL_LCNT',
      'IC_FS_SPKLEN',
      'IC_SDA_HOLD',
      'IC_SDA_SETUP',
      'IC_SLV_DATA_NACK_ONLY',
      'IC_ACK_GENERAL_CALL',
      'IC_RX_TL',
      'IC_TX_TL',
      'IC_DMA_TDLR',
      'IC_DMA_RDLR',
      'IC_DMA_CR',
      'IC_INTR_MASK',
      'IC_ENABLE',
      // Last: a block that is held in reset takes no writes.
      'RESET',
    ],
    restore: [
      // 4.3.17, IC_ENABLE.ABORT: ends the transfer after the byte that is on the bus; ignored while disabled.
      { step: 'write', register: 'IC_ENABLE', mask: ABORT, value: ABORT },
      { step: 'delay', us: BYTE_AND_STOP_US },
      { step: 'write', register: 'IC_ENABLE', mask: ENABLE, value: 0 },
      ...reset.steps,
      // 4.3.17, IC_ENABLE_STATUS: only when this reads 0 is the block disabled, and takes its settings.
      { step: 'poll', register: 'IC_ENABLE_STATUS', mask: ENABLE, value: 0, timeoutUs: DISABLED_US },
      { step: 'saved' },
    ],
    irrevocable: [
      'bytes that were sent or received, and what they did in the target',
      'commands and bytes still in the FIFOs: a rollback drops them, and ends a transfer that is going on',
      'interrupt flags and the source of an abort: a rollback clears them',
    ],
  });
};

export type I2c = ReturnType<typeof i2c>;

export const i2cs = [i2c(0), i2c(1)] as const;
