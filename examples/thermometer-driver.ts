/** A chip that is not on the shelf: its definition and its driver. TMP102, a thermometer with an alarm, on I²C. */
import type { pico } from '../peripherals/rp2040/index.js';
import {
  attach,
  chipName,
  defineChip,
  definePeripheral,
  Driver,
  entryPoint,
  field,
  flag,
  peripheral,
  state,
  type Board,
  type Handle,
  type I2cAddress,
} from '../runtime/index.js';

/** TMP102 datasheet SBOS397, 6.5: registers are 16 bits wide, the high byte comes first, and a pointer byte says which. */
export const tmp102 = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('tmp102', { bus: 'i2c', index, target }),
    source: 'TMP102 datasheet SBOS397',
    space: { bus: 'i2c', index, target, highByteFirst: true, wholeRegisters: true },
    registers: {
      TEMPERATURE: { address: 0, width: 16, access: 'ro' },
      CONFIG: {
        address: 1,
        width: 16,
        access: 'rw',
        reset: 0x60a0,
        fields: {
          EM: flag(4),
          AL: flag(5, { access: 'ro' }),
          CR: field(6, 2, { values: { '0.25Hz': 0, '1Hz': 1, '4Hz': 2, '8Hz': 3 } }),
          SD: flag(8),
          TM: field(9, 1, { values: { comparator: 0, interrupt: 1 } }),
          POL: flag(10),
          F: field(11, 2),
          R: field(13, 2, { access: 'ro' }),
          // A written 1 starts a conversion, and it reads 1 once that is done: neither saved nor written back.
          OS: flag(15, { access: 'self-clearing' }),
        },
      },
      T_LOW: { address: 2, width: 16, access: 'rw', reset: 0x4b00 },
      T_HIGH: { address: 3, width: 16, access: 'rw', reset: 0x5000 },
    },
    // The limits before the mode, so that the restored comparator never sees limits that belong to another call.
    save: ['T_LOW', 'T_HIGH', 'CONFIG'],
    irrevocable: ['a conversion that was started', 'an alert that was given'],
  }),
);

/** Registers hold sixteenths of a degree, in their upper twelve bits (6.5.1). */
const toBits = (celsius: number): number => (Math.round(celsius * 16) << 4) & 0xffff;
const toCelsius = (bits: number): number => ((bits << 16) >> 20) / 16;

export class Thermometer extends Driver {
  @peripheral accessor chip: Handle<ReturnType<typeof tmp102>>;
  @state accessor alarm: { low: number; high: number } | undefined = undefined;

  constructor(board: Board<(typeof pico)['peripherals']>, at: I2cAddress) {
    super(board);
    this.chip = attach(tmp102(at), board);
  }

  @entryPoint({ deadline: 800 })
  async celsius(): Promise<number> {
    return toCelsius(await this.chip.TEMPERATURE.read());
  }

  /** Sets both limits; fails, and sets neither, when it is outside of them already. */
  @entryPoint({ deadline: 800 })
  async guard(low: number, high: number): Promise<void> {
    this.alarm = { low, high };
    await this.chip.T_LOW.write(toBits(low));
    await this.chip.T_HIGH.write(toBits(high));
    await this.chip.CONFIG.modify({ TM: 'comparator', SD: false });
    const now = await this.celsius();
    if (now < low || now > high) throw new RangeError(`It is ${now} °C already`);
  }
}
