import type { PeripheralSpec } from './definition.js';
import { hex } from '../hex.js';
import type { I2cSpace, SpiSpace } from './space.js';

/** Where a chip is on the I²C buses of a board. */
export type I2cAddress = Pick<I2cSpace, 'index' | 'target'>;

/** Where a chip is on the SPI buses of a board. */
export type SpiSelect = Pick<SpiSpace, 'index' | 'chipSelect'>;

/**
 * Makes the definition of a chip wherever it is connected: the same object for the same place every time, so that two
 * drivers of one chip share its locks and its number on the controller.
 */
export function defineChip<Arguments extends readonly (I2cAddress | SpiSelect | number)[], S extends PeripheralSpec>(
  make: (...at: Arguments) => S,
): (...at: Arguments) => S {
  const made = new Map<string, S>();
  return (...at) => {
    const key = at.map((each) => (typeof each === 'number' ? each : Object.values(placeOf(each)).join(':'))).join(' ');
    let spec = made.get(key);
    if (!spec) made.set(key, (spec = make(...at)));
    return spec;
  };
}

/** Without what else the caller's object may hold. */
function placeOf(at: I2cAddress | SpiSelect): readonly (number | string)[] {
  return 'target' in at ? ['i2c', at.index, at.target] : ['spi', at.index, at.chipSelect];
}

/** The name of a chip in errors and traces: `bme280@i2c0:0x76`, `adxl345@spi0:17`. */
export function chipName(chip: string, space: ({ bus: 'i2c' } & I2cAddress) | ({ bus: 'spi' } & SpiSelect)): string {
  const where = space.bus === 'i2c' ? hex(space.target) : String(space.chipSelect);
  return `${chip}@${space.bus}${space.index}:${where}`;
}
