import { bme280Model, type Bme280Model, type Bme280Options } from '../../../peripherals/bme280/model.js';
import { chipBench, type ChipBench as BenchOf } from '../i2c-chip.js';

/** SDO is high on this board (6.2). */
export const AT = { index: 0, target: 0x77 } as const;

export type ChipBench = BenchOf<Bme280Model>;

/** A Pico with a BME280 on its first I²C bus. */
export const bme280Bench = (options: Partial<Bme280Options> = {}): Promise<ChipBench> =>
  chipBench(AT, (clock) => bme280Model({ clock, address: AT.target, ...options }));

/** ctrl_hum, ctrl_meas and config, as the chip has them (table 18). */
export const settingsOf = ({ registers }: Bme280Model): number[] => [0xf2, 0xf4, 0xf5].map((each) => registers[each]!);
