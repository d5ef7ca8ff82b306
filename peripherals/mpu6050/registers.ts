/** The registers of an MPU-6050, by their decimal numbers in RM-MPU-6000A-00 revision 4.2, section 3. */
import { field, flag } from '../../runtime/registers/definition.js';

const byte = { access: 'rw', width: 8 } as const;

export const registers = {
  /** 13 to 16, in one transfer: the codes of the factory's self-test; those of the accelerometers have two parts. */
  SELF_TEST: {
    address: 0x0d,
    access: 'rw',
    fields: {
      XA_HIGH: field(29, 3),
      XG: field(24, 5),
      YA_HIGH: field(21, 3),
      YG: field(16, 5),
      ZA_HIGH: field(13, 3),
      ZG: field(8, 5),
      XA_LOW: field(4, 2),
      YA_LOW: field(2, 2),
      ZA_LOW: field(0, 2),
    },
  },
  /** 25: samples are taken at the gyroscope's output rate, divided by 1 more than this. */
  SMPLRT_DIV: { ...byte, address: 0x19 },
  /** 26. With DLPF_CFG 0 and 7 the gyroscope's output rate is 8 kHz, else 1 kHz. */
  CONFIG: { ...byte, address: 0x1a, fields: { EXT_SYNC_SET: field(3, 3), DLPF_CFG: field(0, 3) } },
  /** 27: degrees per second. */
  GYRO_CONFIG: {
    ...byte,
    address: 0x1b,
    fields: {
      XG_ST: flag(7),
      YG_ST: flag(6),
      ZG_ST: flag(5),
      FS_SEL: field(3, 2, { values: { '250': 0, '500': 1, '1000': 2, '2000': 3 } }),
    },
  },
  /** 28: g. */
  ACCEL_CONFIG: {
    ...byte,
    address: 0x1c,
    fields: {
      XA_ST: flag(7),
      YA_ST: flag(6),
      ZA_ST: flag(5),
      AFS_SEL: field(3, 2, { values: { '2': 0, '4': 1, '8': 2, '16': 3 } }),
    },
  },
  /** 35: what goes into the FIFO. */
  FIFO_EN: {
    ...byte,
    address: 0x23,
    fields: {
      TEMP_FIFO_EN: flag(7),
      XG_FIFO_EN: flag(6),
      YG_FIFO_EN: flag(5),
      ZG_FIFO_EN: flag(4),
      ACCEL_FIFO_EN: flag(3),
      SLV2_FIFO_EN: flag(2),
      SLV1_FIFO_EN: flag(1),
      SLV0_FIFO_EN: flag(0),
    },
  },
  /** 36 to 51 as a checkpoint takes them: in four transfers instead of sixteen. */
  AUXILIARY: { address: 0x24, access: 'rw', count: 4 },
  /** 36. */
  I2C_MST_CTRL: {
    ...byte,
    address: 0x24,
    fields: {
      MULT_MST_EN: flag(7),
      WAIT_FOR_ES: flag(6),
      SLV_3_FIFO_EN: flag(5),
      I2C_MST_P_NSR: flag(4),
      I2C_MST_CLK: field(0, 4),
    },
  },
  /** 37 to 48: address, register and control of slave 0, then of 1, 2 and 3. */
  I2C_SLV: { ...byte, address: 0x25, count: 12 },
  /** 49 to 51: address, register and data out of slave 4. */
  I2C_SLV4: { ...byte, address: 0x31, count: 3 },
  /** 52. I2C_SLV4_EN asks for one transfer, and clears itself when it is done. */
  I2C_SLV4_CTRL: {
    ...byte,
    address: 0x34,
    fields: {
      I2C_SLV4_EN: flag(7, { access: 'self-clearing' }),
      I2C_SLV4_INT_EN: flag(6),
      I2C_SLV4_REG_DIS: flag(5),
      I2C_MST_DLY: field(0, 5),
    },
  },
  /** 53: what slave 4 has said. */
  I2C_SLV4_DI: { address: 0x35, access: 'ro', width: 8 },
  /** 54. */
  I2C_MST_STATUS: {
    address: 0x36,
    access: 'rc',
    width: 8,
    fields: {
      PASS_THROUGH: flag(7),
      I2C_SLV4_DONE: flag(6),
      I2C_LOST_ARB: flag(5),
      I2C_SLV4_NACK: flag(4),
      I2C_SLV3_NACK: flag(3),
      I2C_SLV2_NACK: flag(2),
      I2C_SLV1_NACK: flag(1),
      I2C_SLV0_NACK: flag(0),
    },
  },
  /** 55. With INT_RD_CLEAR any read clears INT_STATUS, those of a checkpoint, too. */
  INT_PIN_CFG: {
    ...byte,
    address: 0x37,
    fields: {
      INT_LEVEL: flag(7),
      INT_OPEN: flag(6),
      LATCH_INT_EN: flag(5),
      INT_RD_CLEAR: flag(4),
      FSYNC_INT_LEVEL: flag(3),
      FSYNC_INT_EN: flag(2),
      I2C_BYPASS_EN: flag(1),
    },
  },
  /** 56. */
  INT_ENABLE: {
    ...byte,
    address: 0x38,
    fields: { FIFO_OFLOW_EN: flag(4), I2C_MST_INT_EN: flag(3), DATA_RDY_EN: flag(0) },
  },
  /** 58. */
  INT_STATUS: {
    address: 0x3a,
    access: 'rc',
    width: 8,
    fields: { FIFO_OFLOW_INT: flag(4), I2C_MST_INT: flag(3), DATA_RDY_INT: flag(0) },
  },
  /** 59 to 72: acceleration, temperature, rotation. Read all in one block: then they are of one sample. */
  DATA: { address: 0x3b, access: 'ro', width: 16, count: 7 },
  /** 73 to 96: what slaves 0 to 3 have said. */
  EXT_SENS_DATA: { address: 0x49, access: 'ro', width: 8, count: 24 },
  /** 99 to 102, in one transfer: data out to slaves 0, 1, 2 and 3, the first in the high byte. */
  I2C_SLV_DO: { address: 0x63, access: 'rw' },
  /** 103. */
  I2C_MST_DELAY_CTRL: {
    ...byte,
    address: 0x67,
    fields: {
      DELAY_ES_SHADOW: flag(7),
      I2C_SLV4_DLY_EN: flag(4),
      I2C_SLV3_DLY_EN: flag(3),
      I2C_SLV2_DLY_EN: flag(2),
      I2C_SLV1_DLY_EN: flag(1),
      I2C_SLV0_DLY_EN: flag(0),
    },
  },
  /** 104. */
  SIGNAL_PATH_RESET: {
    address: 0x68,
    access: 'wo',
    width: 8,
    fields: { GYRO_RESET: flag(2), ACCEL_RESET: flag(1), TEMP_RESET: flag(0) },
  },
  /** 106. FIFO_RESET and I2C_MST_RESET act while what they reset is off. Bit 4 is an MPU-6000's. */
  USER_CTRL: {
    ...byte,
    address: 0x6a,
    fields: {
      FIFO_EN: flag(6),
      I2C_MST_EN: flag(5),
      FIFO_RESET: flag(2, { access: 'self-clearing' }),
      I2C_MST_RESET: flag(1, { access: 'self-clearing' }),
      SIG_COND_RESET: flag(0, { access: 'self-clearing' }),
    },
  },
  /** 107. */
  PWR_MGMT_1: {
    ...byte,
    address: 0x6b,
    reset: 0x40,
    fields: {
      DEVICE_RESET: flag(7, { access: 'self-clearing' }),
      SLEEP: flag(6),
      CYCLE: flag(5),
      TEMP_DIS: flag(3),
      CLKSEL: field(0, 3, {
        values: { internal: 0, 'gyro-x': 1, 'gyro-y': 2, 'gyro-z': 3, '32kHz': 4, '19MHz': 5, stopped: 7 },
      }),
    },
  },
  /** 108. */
  PWR_MGMT_2: {
    ...byte,
    address: 0x6c,
    fields: {
      LP_WAKE_CTRL: field(6, 2, { values: { '1.25Hz': 0, '5Hz': 1, '20Hz': 2, '40Hz': 3 } }),
      STBY_XA: flag(5),
      STBY_YA: flag(4),
      STBY_ZA: flag(3),
      STBY_XG: flag(2),
      STBY_YG: flag(1),
      STBY_ZG: flag(0),
    },
  },
  /** 114 and 115, in one transfer: the high byte's read takes hold of both. */
  FIFO_COUNT: { address: 0x72, access: 'ro', width: 16 },
  /** 116. */
  FIFO_R_W: { address: 0x74, access: 'fifo', width: 8 },
  /** 117: 0x68, whatever the address is. */
  WHO_AM_I: { address: 0x75, access: 'ro', width: 8, reset: 0x68 },
} as const;
