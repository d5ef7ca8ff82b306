import { bme280Model, type Bme280Model, type Bme280Options } from '../../../peripherals/bme280/model.js';
import { I2cBus } from '../../../peripherals/rp2040/index.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { Fault } from '../every-operation.js';

/** SDO is high on this board (6.2). */
export const AT = { index: 0, target: 0x77 } as const;

export interface ChipBench extends Bench {
  readonly chip: Bme280Model;
  readonly fault: Fault;
  disconnect(): void;
}

/** A Pico with a BME280 on its first I²C bus. */
export async function bme280Bench(options: Partial<Bme280Options> = {}): Promise<ChipBench> {
  const fault = new Fault();
  const bench = await picoBoard(fault);
  await new I2cBus(bench.board, 0).start({ sda: 4, scl: 5, hz: 400_000 });
  const chip = bme280Model({ clock: bench.emulated.chip.clock, address: AT.target, ...options });
  const disconnect = bench.emulated.connectI2c(AT.index, AT.target, chip);
  return { ...bench, chip, fault, disconnect };
}

/** ctrl_hum, ctrl_meas and config, as the chip has them (table 18). */
export const settingsOf = ({ registers }: Bme280Model): number[] => [0xf2, 0xf4, 0xf5].map((each) => registers[each]!);
