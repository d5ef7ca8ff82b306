import { adxl345Model, type Adxl345Model } from '../../../peripherals/adxl345/model.js';
import { SpiBus } from '../../../peripherals/rp2040/index.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { Fault } from '../every-operation.js';

export const AT = { index: 0, chipSelect: 17 } as const;

export interface ChipBench extends Bench {
  readonly chip: Adxl345Model;
  readonly fault: Fault;
  disconnect: () => void;
}

/** A Pico with an ADXL345 on its first SPI bus, at the chip's fastest (table 10). */
export async function adxl345Board(): Promise<ChipBench> {
  const fault = new Fault();
  const bench = await picoBoard(fault);
  const pins = { sck: 18, mosi: 19, miso: 16, chipSelects: [AT.chipSelect, 20] };
  await new SpiBus(bench.board, AT.index).start({ ...pins, hz: 5_000_000, mode: 3 });
  const chip = adxl345Model({ clock: bench.emulated.chip });
  const disconnect = bench.emulated.connectSpi(AT.index, AT.chipSelect, chip);
  return { ...bench, chip, fault, disconnect };
}

/** What can be written, as the chip has it (table 19): 1D to 2A, 2C to 2F, 31 and 38. */
export const settingsOf = ({ registers }: Adxl345Model): number[] => [
  ...registers.slice(0x1d, 0x2b),
  ...registers.slice(0x2c, 0x30),
  registers[0x31]!,
  registers[0x38]!,
];
