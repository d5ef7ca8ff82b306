/** The registers of an ADXL345: its datasheet, rev. G, table 19 and "Register Definitions". */
import { field, flag } from '../../runtime/registers/definition.js';

const byte = { access: 'rw', width: 8 } as const;

/** What INT_ENABLE, INT_MAP and INT_SOURCE have a bit for. */
const INTERRUPTS = {
  DATA_READY: flag(7),
  SINGLE_TAP: flag(6),
  DOUBLE_TAP: flag(5),
  ACTIVITY: flag(4),
  INACTIVITY: flag(3),
  FREE_FALL: flag(2),
  WATERMARK: flag(1),
  OVERRUN: flag(0),
} as const;

export const registers = {
  /** 0xe5. */
  DEVID: { address: 0x00, access: 'ro', width: 8, reset: 0xe5 },
  /** 62.5 mg. */
  THRESH_TAP: { ...byte, address: 0x1d },
  /** OFSX, OFSY, OFSZ: 15.6 mg, two's complement; added to what is measured. */
  OFS: { ...byte, address: 0x1e, count: 3 },
  /** 625 µs; 0: no taps. */
  DUR: { ...byte, address: 0x21 },
  /** 1.25 ms; 0: no double taps. */
  LATENT: { ...byte, address: 0x22 },
  /** 1.25 ms; 0: no double taps. */
  WINDOW: { ...byte, address: 0x23 },
  /** 62.5 mg. */
  THRESH_ACT: { ...byte, address: 0x24 },
  /** 62.5 mg. */
  THRESH_INACT: { ...byte, address: 0x25 },
  /** Seconds. */
  TIME_INACT: { ...byte, address: 0x26 },
  /** AC: compared with what was measured when the detection began, not with zero. */
  ACT_INACT_CTL: {
    ...byte,
    address: 0x27,
    fields: {
      ACT_AC: flag(7),
      ACT_X: flag(6),
      ACT_Y: flag(5),
      ACT_Z: flag(4),
      INACT_AC: flag(3),
      INACT_X: flag(2),
      INACT_Y: flag(1),
      INACT_Z: flag(0),
    },
  },
  /** 62.5 mg. */
  THRESH_FF: { ...byte, address: 0x28 },
  /** 5 ms. */
  TIME_FF: { ...byte, address: 0x29 },
  TAP_AXES: { ...byte, address: 0x2a, fields: { SUPPRESS: flag(3), TAP_X: flag(2), TAP_Y: flag(1), TAP_Z: flag(0) } },
  ACT_TAP_STATUS: {
    address: 0x2b,
    access: 'ro',
    width: 8,
    fields: {
      ACT_X: flag(6),
      ACT_Y: flag(5),
      ACT_Z: flag(4),
      ASLEEP: flag(3),
      TAP_X: flag(2),
      TAP_Y: flag(1),
      TAP_Z: flag(0),
    },
  },
  /** Table 7: RATE 15 is 3200 Hz, and each below half of the one above. */
  BW_RATE: { ...byte, address: 0x2c, reset: 0x0a, fields: { LOW_POWER: flag(4), RATE: field(0, 4) } },
  POWER_CTL: {
    ...byte,
    address: 0x2d,
    fields: {
      LINK: flag(5),
      AUTO_SLEEP: flag(4),
      MEASURE: flag(3),
      SLEEP: flag(2),
      WAKEUP: field(0, 2, { values: { '8Hz': 0, '4Hz': 1, '2Hz': 2, '1Hz': 3 } }),
    },
  },
  INT_ENABLE: { ...byte, address: 0x2e, fields: INTERRUPTS },
  /** 1: on INT2. */
  INT_MAP: { ...byte, address: 0x2f, fields: INTERRUPTS },
  /** Reading clears all but DATA_READY, WATERMARK and OVERRUN, which the data registers clear. */
  INT_SOURCE: { address: 0x30, access: 'rc', width: 8, reset: 0x02, fields: INTERRUPTS },
  /** SPI: on three wires. */
  DATA_FORMAT: {
    ...byte,
    address: 0x31,
    fields: {
      SELF_TEST: flag(7),
      SPI: flag(6),
      INT_INVERT: flag(5),
      FULL_RES: flag(3),
      JUSTIFY: flag(2),
      RANGE: field(0, 2, { values: { '2': 0, '4': 1, '8': 2, '16': 3 } }),
    },
  },
  /**
   * DATAX, DATAY, DATAZ, two's complement. Read all in one block: then they are of one sample, and reading takes one out of
   * the FIFO ("Retrieving Data from FIFO").
   */
  DATA: { address: 0x32, access: 'rc', width: 16, count: 3 },
  FIFO_CTL: {
    ...byte,
    address: 0x38,
    fields: {
      FIFO_MODE: field(6, 2, { values: { bypass: 0, fifo: 1, stream: 2, trigger: 3 } }),
      /** 1: the trigger is what comes to INT2. */
      TRIGGER: flag(5),
      SAMPLES: field(0, 5),
    },
  },
  FIFO_STATUS: { address: 0x39, access: 'ro', width: 8, fields: { FIFO_TRIG: flag(7), ENTRIES: field(0, 6) } },
} as const;
