import { mpu6050Model, type Mpu6050Model, type Mpu6050Options } from '../../../peripherals/mpu6050/model.js';
import { I2cBus } from '../../../peripherals/rp2040/index.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { Fault } from '../every-operation.js';

/** AD0 is high on this board (PS-MPU-6000A-00 6.4). */
export const AT = { index: 1, target: 0x69 } as const;

export interface ChipBench extends Bench {
  readonly chip: Mpu6050Model;
  readonly fault: Fault;
}

/** A Pico with an MPU-6050 on its second I²C bus. */
export async function mpu6050Bench(options: Partial<Mpu6050Options> = {}): Promise<ChipBench> {
  const fault = new Fault();
  const bench = await picoBoard(fault);
  await new I2cBus(bench.board, AT.index).start({ sda: 2, scl: 3, hz: 400_000 });
  const chip = mpu6050Model({ clock: bench.emulated.chip.clock, address: AT.target, ...options });
  bench.emulated.connectI2c(AT.index, AT.target, chip);
  return { ...bench, chip, fault };
}

/** Registers 13 to 108 as the chip has them, without what it reports (58 and 59 to 96). */
export const settingsOf = ({ registers }: Mpu6050Model): number[] => [
  ...registers.slice(0x0d, 0x3a),
  ...registers.slice(0x61, 0x6d),
];
