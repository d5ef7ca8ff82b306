import { chipName, defineChip, type I2cAddress } from '../../runtime/registers/chip.js';
import { definePeripheral } from '../../runtime/registers/definition.js';
import { registers } from './registers.js';

/** Register 107. */
const DEVICE_RESET = 1 << 7;
/**
 * How long DEVICE_RESET may last, and how long the chip is left alone after it. Register 107 says "wait 100 ms" only where it
 * speaks of SPI; on I²C it says nothing, and other drivers of the chip wait for as long.
 */
export const RESET_US = 100_000;
/** Register 106. */
const FIFO_RESET = 1 << 2;
const I2C_MST_RESET = 1 << 1;

/**
 * An InvenSense MPU-6050 on an I²C bus. Registers are those of RM-MPU-6000A-00 revision 4.2, by their decimal numbers.
 *
 * The restore wakes the chip, on its own oscillator, stops and empties the FIFO, and stops the auxiliary master. While the
 * settings are written back it samples as fast as it can (registers 25 and 26): the ranges come first, so that DATA has
 * a sample of the right scale when the rest is done, and nobody reads one of the failed call. Clock source and sleep
 * follow (107), and then what fills the FIFO and raises interrupts, so that a chip which slept does neither.
 *
 * The whole chip is one peripheral, the auxiliary master included, because one DEVICE_RESET or loss of power takes all.
 */
export const mpu6050 = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('mpu6050', { bus: 'i2c', index, target }),
    source: 'RM-MPU-6000A-00 4.2, section 3',
    space: { bus: 'i2c', index, target, highByteFirst: true },
    registers,
    save: [
      'ACCEL_CONFIG',
      'GYRO_CONFIG',
      'SELF_TEST',
      'AUXILIARY',
      'I2C_SLV4_CTRL',
      'I2C_SLV_DO',
      'I2C_MST_DELAY_CTRL',
      'INT_PIN_CFG',
      // The steps below write these four as a whole, so their reserved bits are kept, too; not those that act.
      { register: 'CONFIG', mask: 0xff },
      'SMPLRT_DIV',
      'PWR_MGMT_2',
      { register: 'PWR_MGMT_1', mask: 0xff & ~DEVICE_RESET },
      'FIFO_EN',
      { register: 'INT_ENABLE', mask: 0xff },
      { register: 'USER_CTRL', mask: 0xf0 },
    ],
    restore: [
      { step: 'poll', register: 'PWR_MGMT_1', mask: DEVICE_RESET, value: 0, timeoutUs: RESET_US },
      // Nobody can see whether the failed call has reset it just before.
      { step: 'delay', us: RESET_US },
      { step: 'write', register: 'PWR_MGMT_1', mask: 0xff, value: 0 },
      { step: 'write', register: 'PWR_MGMT_2', mask: 0xff, value: 0 },
      { step: 'write', register: 'INT_ENABLE', mask: 0xff, value: 0 },
      { step: 'write', register: 'USER_CTRL', mask: 0xff, value: 0 },
      // 106: each reset acts while what it resets is off.
      { step: 'write', register: 'USER_CTRL', mask: 0xff, value: FIFO_RESET | I2C_MST_RESET },
      // 25 and 26: 8 kHz, of the accelerometers 1 kHz, and without the filter, whose delay is up to 19 ms.
      { step: 'write', register: 'CONFIG', mask: 0xff, value: 0 },
      { step: 'write', register: 'SMPLRT_DIV', mask: 0xff, value: 0 },
      { step: 'saved' },
    ],
    irrevocable: [
      'what is in the FIFO: a rollback empties it, because it may hold samples of two kinds',
      'what was measured before: a rollback measures anew, and a chip that slept wakes for a moment',
      'interrupts that were raised, or cleared by reading',
      'what the auxiliary master has sent; a single transfer with slave 4 that was waiting is dropped',
    ],
  }),
);

export type Mpu6050Registers = ReturnType<typeof mpu6050>;
