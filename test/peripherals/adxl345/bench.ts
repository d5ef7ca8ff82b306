import { adxl345Model, type Adxl345Model } from '../../../peripherals/adxl345/model.js';

export const MILLISECOND = 1e6;
export const SECOND = 1e9;
/** The first sample at 100 Hz: 10 ms, and 1.1 ms to turn on. */
export const FIRST = 11.1 * MILLISECOND;

export function bench(): { clock: { nanos: number }; chip: Adxl345Model } {
  const clock = { nanos: 0 };
  return { clock, chip: adxl345Model({ clock }) };
}

export function write(chip: Adxl345Model, register: number, ...values: number[]): void {
  chip.select(true);
  chip.transfer(register | (values.length > 1 ? 0x40 : 0));
  for (const value of values) chip.transfer(value);
  chip.select(false);
}

export function read(chip: Adxl345Model, register: number, count: number): number[] {
  chip.select(true);
  chip.transfer(0x80 | 0x40 | register);
  const values = Array.from({ length: count }, () => chip.transfer(0));
  chip.select(false);
  return values;
}

export const source = (chip: Adxl345Model): number => read(chip, 0x30, 1)[0] ?? -1;

export function axes(chip: Adxl345Model): number[] {
  const bytes = Uint8Array.from(read(chip, 0x32, 6));
  const view = new DataView(bytes.buffer);
  return [0, 2, 4].map((offset) => view.getInt16(offset, true));
}
