import { mpu6050Model, type Mpu6050Model, type Mpu6050Options } from '../../../peripherals/mpu6050/model.js';
import { chipBench, type ChipBench as BenchOf } from '../i2c-chip.js';

/** AD0 is high on this board (PS-MPU-6000A-00 6.4). */
export const AT = { index: 1, target: 0x69 } as const;

export type ChipBench = BenchOf<Mpu6050Model>;

/** A Pico with an MPU-6050 on its second I²C bus. */
export const mpu6050Bench = (options: Partial<Mpu6050Options> = {}): Promise<ChipBench> =>
  chipBench(AT, (clock) => mpu6050Model({ clock, address: AT.target, ...options }));

/** Registers 13 to 108 as the chip has them, without what it reports (58 and 59 to 96). */
export const settingsOf = ({ registers }: Mpu6050Model): number[] => [
  ...registers.slice(0x0d, 0x3a),
  ...registers.slice(0x61, 0x6d),
];
