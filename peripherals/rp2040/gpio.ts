import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';

/** RP2040 datasheet 2.2.2. */
const IO_BANK0_BASE = 0x40014000;
const PADS_BANK0_BASE = 0x4001c000;
const SIO_BASE = 0xd0000000;

/** RP2040 datasheet 2.19: bank 0 has GPIO 0 to 29. */
const PINS = 30;

const OVERRIDE = { normal: 0, invert: 1, low: 2, high: 3 } as const;

/**
 * One pin: its multiplexer and interrupts (IO_BANK0, RP2040 datasheet 2.19.6.1), its pad (PADS_BANK0, 2.19.6.3), and
 * its bits in the single-cycle IO (2.3.1.7). The SIO and interrupt registers are shared by all pins; a pin owns only
 * its bits, which the controller changes through the atomic aliases (2.1.2 and 2.3.1.2).
 *
 * Restored from the inside out, so that the pin never drives what neither the driver nor its predecessor wanted: levels
 * first, then the pad, and the function that selects between them last.
 */
export const gpioPin = (index: number) => {
  const bit = 2 ** index;
  /** Four interrupt bits a pin, eight pins a register. */
  const nibble = 4 * (index % 8);
  const interruptRegister = 4 * Math.floor(index / 8);
  const interruptBits = 2 ** nibble * 0xf;
  const interrupts = {
    LEVEL_LOW: flag(nibble),
    LEVEL_HIGH: flag(nibble + 1),
    EDGE_LOW: flag(nibble + 2),
    EDGE_HIGH: flag(nibble + 3),
  };
  return definePeripheral({
    name: `pin${index}`,
    source: 'RP2040 datasheet 2.19.6.1, 2.19.6.3, 2.3.1.7',
    registers: {
      STATUS: {
        address: IO_BANK0_BASE + 8 * index,
        access: 'ro',
        fields: {
          OUTFROMPERI: flag(8),
          OUTTOPAD: flag(9),
          OEFROMPERI: flag(12),
          OETOPAD: flag(13),
          INFROMPAD: flag(17),
          INTOPERI: flag(19),
          IRQFROMPAD: flag(24),
          IRQTOPROC: flag(26),
        },
      },
      CTRL: {
        address: IO_BANK0_BASE + 8 * index + 4,
        access: 'rw',
        reset: 0x1f,
        fields: {
          // RP2040 datasheet 2.19.2: not every function is on every pin.
          FUNCSEL: field(0, 5, {
            values: { jtag: 0, spi: 1, uart: 2, i2c: 3, pwm: 4, sio: 5, pio0: 6, pio1: 7, clock: 8, usb: 9, none: 31 },
          }),
          OUTOVER: field(8, 2, { values: OVERRIDE }),
          OEOVER: field(12, 2, { values: { normal: 0, invert: 1, disable: 2, enable: 3 } }),
          INOVER: field(16, 2, { values: OVERRIDE }),
          IRQOVER: field(28, 2, { values: OVERRIDE }),
        },
      },
      INTR: {
        address: IO_BANK0_BASE + 0xf0 + interruptRegister,
        access: 'w1c',
        owned: interruptBits,
        fields: {
          ...interrupts,
          LEVEL_LOW: flag(nibble, { access: 'ro' }),
          LEVEL_HIGH: flag(nibble + 1, { access: 'ro' }),
        },
      },
      INTE: {
        address: IO_BANK0_BASE + 0x100 + interruptRegister,
        access: 'rw',
        owned: interruptBits,
        fields: interrupts,
      },
      PAD: {
        address: PADS_BANK0_BASE + 4 + 4 * index,
        access: 'rw',
        reset: 0x56,
        fields: {
          SLEWFAST: flag(0),
          SCHMITT: flag(1),
          PDE: flag(2),
          PUE: flag(3),
          DRIVE: field(4, 2, { values: { '2mA': 0, '4mA': 1, '8mA': 2, '12mA': 3 } }),
          IE: flag(6),
          OD: flag(7),
        },
      },
      IN: { address: SIO_BASE + 0x004, access: 'ro', owned: bit, fields: { HIGH: flag(index) } },
      OUT: { address: SIO_BASE + 0x010, access: 'rw', owned: bit, fields: { HIGH: flag(index) } },
      OE: { address: SIO_BASE + 0x020, access: 'rw', owned: bit, fields: { ENABLED: flag(index) } },
    },
    save: ['OUT', 'OE', 'PAD', 'INTE', 'CTRL'],
  });
};

export type GpioPin = ReturnType<typeof gpioPin>;

export const gpioPins = Array.from({ length: PINS }, (_, index) => gpioPin(index));
