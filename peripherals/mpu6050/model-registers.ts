/**
 * The register map of an emulated MPU-6050. Registers are named and numbered as in "MPU-6000 and MPU-6050 Register Map
 * and Descriptions", RM-MPU-6000A-00 revision 4.2, section 3.
 */

export const SMPLRT_DIV = 0x19;
export const CONFIG = 0x1a;
export const GYRO_CONFIG = 0x1b;
export const ACCEL_CONFIG = 0x1c;
export const FIFO_EN = 0x23;
export const INT_PIN_CFG = 0x37;
export const INT_ENABLE = 0x38;
export const INT_STATUS = 0x3a;
/** Registers 59 to 72: acceleration, temperature, rotation, high bytes first. */
export const SENSORS = 0x3b;
export const SENSORS_END = 0x48;
export const USER_CTRL = 0x6a;
export const PWR_MGMT_1 = 0x6b;
export const PWR_MGMT_2 = 0x6c;
export const FIFO_COUNTH = 0x72;
export const FIFO_COUNTL = 0x73;
export const FIFO_R_W = 0x74;
export const WHO_AM_I = 0x75;

/** Section 3: the reset value is 0 for all others. Register 117 does not follow the AD0 pin. */
export const PWR_MGMT_1_RESET = 0x40;
export const WHO_AM_I_VALUE = 0x68;

/** First and last address, and which bits a write keeps; the others are reserved, read-only or clear themselves. */
const WRITABLE: readonly (readonly [first: number, last: number, bits: number])[] = [
  [0x0d, 0x0f, 0xff], // registers 13 to 15, SELF_TEST_X, _Y, _Z
  [0x10, 0x10, 0x3f], // register 16, SELF_TEST_A
  [SMPLRT_DIV, SMPLRT_DIV, 0xff], // register 25
  [CONFIG, CONFIG, 0x3f], // register 26: EXT_SYNC_SET, DLPF_CFG
  [GYRO_CONFIG, ACCEL_CONFIG, 0xf8], // registers 27, 28: self-test, full scale
  [FIFO_EN, FIFO_EN, 0xff], // register 35
  [0x24, 0x34, 0xff], // registers 36 to 52, the I²C master and its slaves 0 to 4
  [INT_PIN_CFG, INT_PIN_CFG, 0xfe], // register 55
  [INT_ENABLE, INT_ENABLE, 0x19], // register 56
  [0x63, 0x66, 0xff], // registers 99 to 102, data for the slaves
  [0x67, 0x67, 0x9f], // register 103, I2C_MST_DELAY_CTRL
  [USER_CTRL, USER_CTRL, 0x70], // register 106: the three reset bits clear themselves
  [PWR_MGMT_1, PWR_MGMT_1, 0x6f], // register 107: DEVICE_RESET clears itself
  [PWR_MGMT_2, PWR_MGMT_2, 0xff], // register 108
];

export const WRITABLE_BITS: Readonly<Uint8Array> = writableBits();

function writableBits(): Uint8Array {
  const bits = new Uint8Array(256);
  for (const [first, last, mask] of WRITABLE) bits.fill(mask, first, last + 1);
  return bits;
}
