import { FORMAT, OFFSET_G, rateHertz, REGISTER, SELF_TEST_G, type Acceleration } from './model-registers.js';

/* From an acceleration in g to the six bytes of the ADXL345's data registers (datasheet rev E). `at` reads a register. */

/** What acts on the sensor, plus self-test force and offsets ("OFSX": "automatically added to the acceleration data"). */
export function sense(at: (register: number) => number, acceleration: Acceleration): Acceleration {
  const test = (at(REGISTER.DATA_FORMAT) & FORMAT.SELF_TEST) !== 0 ? SELF_TEST_G : { x: 0, y: 0, z: 0 };
  const offset = (register: number): number => ((at(register) << 24) >> 24) * OFFSET_G;
  return {
    x: acceleration.x + test.x + offset(REGISTER.OFSX),
    y: acceleration.y + test.y + offset(REGISTER.OFSY),
    z: acceleration.z + test.z + offset(REGISTER.OFSZ),
  };
}

/** Table 1 (resolution and sensitivity), "DATA_FORMAT", and "Data Formatting of Upper Data Rates". */
export function format(at: (register: number) => number, { x, y, z }: Acceleration): Uint8Array {
  const control = at(REGISTER.DATA_FORMAT);
  const range = control & FORMAT.RANGE;
  const full = (control & FORMAT.FULL_RESOLUTION) !== 0;
  const bits = full ? 10 + range : 10;
  const limit = 2 ** (bits - 1);
  const perG = full ? 256 : 256 >> range;
  const shift = (control & FORMAT.JUSTIFY) !== 0 ? 16 - bits : 0;
  // At 3200 and 1600 Hz the lowest bit is 0 where it stands for 3.9 mg.
  const coarse = rateHertz(at(REGISTER.BW_RATE)) >= 1600 && (full || range === 0);
  const bytes = new Uint8Array(6);
  for (const [index, g] of [x, y, z].entries()) {
    const value = Math.max(-limit, Math.min(limit - 1, Math.round(g * perG)));
    const word = (coarse ? value & ~1 : value) << shift;
    bytes[2 * index] = word;
    bytes[2 * index + 1] = word >> 8;
  }
  return bytes;
}
