import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';

/** RP2040 datasheet 2.2.2: DMA_BASE. */
const DMA_BASE = 0x50000000;
/** RP2040 datasheet 2.5.7: each channel has four views of its four registers. */
const CHANNEL_BYTES = 0x40;
const CHANNELS = 12;

/** What paces a channel (RP2040 datasheet 2.5.3.1, and 2.5.7, CH0_CTRL_TRIG.TREQ_SEL). */
const TREQ = {
  'pio0-tx0': 0,
  'pio0-tx1': 1,
  'pio0-tx2': 2,
  'pio0-tx3': 3,
  'pio0-rx0': 4,
  'pio0-rx1': 5,
  'pio0-rx2': 6,
  'pio0-rx3': 7,
  'pio1-tx0': 8,
  'pio1-tx1': 9,
  'pio1-tx2': 10,
  'pio1-tx3': 11,
  'pio1-rx0': 12,
  'pio1-rx1': 13,
  'pio1-rx2': 14,
  'pio1-rx3': 15,
  'spi0-tx': 16,
  'spi0-rx': 17,
  'spi1-tx': 18,
  'spi1-rx': 19,
  'uart0-tx': 20,
  'uart0-rx': 21,
  'uart1-tx': 22,
  'uart1-rx': 23,
  'pwm-wrap0': 24,
  'pwm-wrap1': 25,
  'pwm-wrap2': 26,
  'pwm-wrap3': 27,
  'pwm-wrap4': 28,
  'pwm-wrap5': 29,
  'pwm-wrap6': 30,
  'pwm-wrap7': 31,
  'i2c0-tx': 32,
  'i2c0-rx': 33,
  'i2c1-tx': 34,
  'i2c1-rx': 35,
  adc: 36,
  'xip-stream': 37,
  'xip-ssitx': 38,
  'xip-ssirx': 39,
  timer0: 59,
  timer1: 60,
  timer2: 61,
  timer3: 62,
  permanent: 63,
} as const;

const EN = 1 << 0;
const CHAIN_TO_BIT = 11;
const BUSY = 1 << 24;
/** READ_ERROR and WRITE_ERROR: cleared by writing 1. */
const ERRORS = (1 << 30) | (1 << 29);
/** Everything in CTRL that reads as it was written. */
const SETTINGS = 0x00ffffff;
/** An abort takes a few cycles (2.5.5.3); a transfer to a block on the APB that is in flight, a few more. */
const ABORT_US = 1000;

/**
 * One DMA channel (RP2040 datasheet 2.5).
 *
 * Each register stands in four views; a write to the last word of a view triggers the channel (2.5.2.1). CTRL_TRIG is
 * the only one of these declared here: it starts the channel. AL1_CTRL is the same register without the trigger, and
 * the one that is saved and restored.
 *
 * TRANS_COUNT is two registers (2.5.7): what is written is what the next trigger loads, what is read is how many
 * transfers are left. A checkpoint has to keep the first, which does not read back, hence `wo`; AL2_TRANS_COUNT reads
 * the second. A rollback leaves TRANS_COUNT alone if this session has not written it, and makes it 0 if the failed call was the
 * first to.
 *
 * INTE, INTF and INTS (2.5.7) are not declared: they only pass INTR on to the processor, which is the firmware's, and are
 * outside of its allow-list. Whether a channel has finished is in INTR.
 *
 * The restore stops the channel and aborts what it does (2.5.5.3). A channel that was transferring before the call is
 * left stopped, set up as it was, with its addresses where the call found them.
 */
export const dmaChannel = (index: number) => {
  const base = DMA_BASE + index * CHANNEL_BYTES;
  const mask = 1 << index;
  const chainToItself = index << CHAIN_TO_BIT;
  const ctrl = {
    EN: flag(0),
    HIGH_PRIORITY: flag(1),
    DATA_SIZE: field(2, 2, { values: { byte: 0, halfword: 1, word: 2 } }),
    INCR_READ: flag(4),
    INCR_WRITE: flag(5),
    /** The low bits of an address that change, so many; 0 for all. */
    RING_SIZE: field(6, 4),
    RING_SEL: field(10, 1, { values: { read: 0, write: 1 } }),
    /** The channel that this one triggers when it is done; itself for none. After a reset it is channel 0. */
    CHAIN_TO: field(CHAIN_TO_BIT, 4),
    TREQ_SEL: field(15, 6, { values: TREQ }),
    IRQ_QUIET: flag(21),
    BSWAP: flag(22),
    SNIFF_EN: flag(23),
    BUSY: flag(24, { access: 'ro' }),
    WRITE_ERROR: flag(29, { access: 'w1c' }),
    READ_ERROR: flag(30, { access: 'w1c' }),
    AHB_ERROR: flag(31, { access: 'ro' }),
  } as const;
  return definePeripheral({
    name: `dma${index}`,
    source: 'RP2040 datasheet 2.5.7',
    registers: {
      READ_ADDR: { address: base, access: 'rw' },
      WRITE_ADDR: { address: base + 0x04, access: 'rw' },
      TRANS_COUNT: { address: base + 0x08, access: 'wo' },
      CTRL_TRIG: { address: base + 0x0c, access: 'rw', fields: ctrl },
      AL1_CTRL: { address: base + 0x10, access: 'rw', fields: ctrl },
      AL2_TRANS_COUNT: { address: base + 0x24, access: 'ro' },
      /** The channel has finished, or was stopped by an error. */
      INTR: { address: DMA_BASE + 0x400, access: 'w1c', owned: mask, fields: { CHANNEL: flag(index) } },
      CHAN_ABORT: { address: DMA_BASE + 0x444, access: 'w1s', owned: mask, fields: { CHANNEL: flag(index) } },
    },
    save: ['READ_ADDR', 'WRITE_ADDR', 'TRANS_COUNT', { register: 'AL1_CTRL', mask: SETTINGS }],
    restore: [
      // 2.5.7, CTRL.EN: no trigger is heeded any more, be it from a channel that chains to this one.
      { step: 'write', register: 'AL1_CTRL', mask: EN, value: 0 },
      { step: 'write', register: 'CHAN_ABORT', mask, value: mask },
      // 2.5.5.3 says to wait for CHAN_ABORT; by erratum RP2040-E13 that reads 0 too early, and BUSY tells.
      { step: 'poll', register: 'CHAN_ABORT', mask, value: 0, timeoutUs: ABORT_US },
      { step: 'poll', register: 'AL1_CTRL', mask: BUSY, value: 0, timeoutUs: ABORT_US },
      // 2.5.7, CTRL: the errors that halted the channel; no chain while the rest is written.
      { step: 'write', register: 'AL1_CTRL', mask: 0xffffffff, value: (ERRORS | chainToItself) >>> 0 },
      // Erratum RP2040-E13: what was in flight has raised the interrupt, although it was aborted.
      { step: 'write', register: 'INTR', mask, value: mask },
      { step: 'saved' },
    ],
    irrevocable: [
      'data that was transferred, wherever to, and what the access did to the register that was read or written',
      'transfers that were left when the call began: a rollback stops the channel',
      'a TRANS_COUNT that an earlier session wrote, if the failed call is the first of this session to write it: it becomes 0',
      'the flags that the channel has finished or met an error: a rollback clears them',
    ],
  });
};

export type DmaChannel = ReturnType<typeof dmaChannel>;

export const dmaChannels = Array.from({ length: CHANNELS }, (_, index) => dmaChannel(index));
