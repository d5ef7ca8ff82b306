import { chipName, defineChip, definePeripheral, field, flag, type I2cAddress } from '../../runtime/index.js';

/** DS3231 "Slave Address Byte": every DS3231 is at this address. */
export const DS3231_ADDRESS = 0x68;

const byte = { access: 'rw', width: 8 } as const;

/**
 * The time of a DS3231 (figure 1, "Clock and Calendar"), apart from everything else, so that it is set back only when a
 * call has set it. All in BCD; a read of TIME is one moment, because the chip latches the time at each START.
 *
 * CLOCK and CALENDAR are the same registers as a checkpoint takes them: in two transfers instead of seven, for what
 * changes between two transfers does not fit together. CLOCK comes first: writing the seconds begins a second anew, and
 * the rest has to be written within it.
 */
export const ds3231Time = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('ds3231.time', { bus: 'i2c', index, target }),
    source: 'DS3231 rev 10 (19-5170), figure 1',
    space: { bus: 'i2c', index, target, highByteFirst: true },
    registers: {
      /** Seconds, minutes, hours (bit 6: of twelve, then bit 5: PM), day of the week, date, month (bit 7: century), year. */
      TIME: { ...byte, address: 0x00, count: 7 },
      CLOCK: { address: 0x00, access: 'rw' },
      CALENDAR: { address: 0x03, access: 'rw' },
    },
    save: [
      { register: 'CLOCK', volatile: true },
      { register: 'CALENDAR', volatile: true },
    ],
    irrevocable: [
      'The time that passes: a rollback sets the clock to what it was when the call first wrote it, so it is late by the rest of the call.',
      'The fraction of a second: the one in which the rollback falls begins anew.',
      'A call that first writes the time within the millisecond around midnight may get a date back that is a day off.',
    ],
  }),
);

/** DS3231 "Status Register": OSF, A2F and A1F take only a 0. */
const FLAGS = 0x83;
const BSY = 0x04;
const EN32KHZ = 0x08;

/** Everything else of a DS3231: alarms, square wave, 32 kHz output, aging, temperature, flags. */
export const ds3231 = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('ds3231', { bus: 'i2c', index, target }),
    source: 'DS3231 rev 10 (19-5170), figure 1',
    // Alarm 1 and the temperature are one transfer each; no second passes within it.
    space: { bus: 'i2c', index, target, highByteFirst: true },
    registers: {
      /** BCD. A set mask bit AxMy means that the number beside it does not matter (table 2). */
      ALARM_1: {
        address: 0x07,
        access: 'rw',
        fields: {
          A1M1: flag(31),
          SECONDS: field(24, 7),
          A1M2: flag(23),
          MINUTES: field(16, 7),
          A1M3: flag(15),
          HOURS: field(8, 7),
          A1M4: flag(7),
          DY_DT: flag(6),
          DAY_DATE: field(0, 6),
        },
      },
      ALARM_2: {
        address: 0x0b,
        access: 'rw',
        width: 16,
        fields: { A2M2: flag(15), MINUTES: field(8, 7), A2M3: flag(7), HOURS: field(0, 7) },
      },
      ALARM_2_DAY: { ...byte, address: 0x0d, fields: { A2M4: flag(7), DY_DT: flag(6), DAY_DATE: field(0, 6) } },
      /** "Control Register (0Eh)". */
      CONTROL: {
        ...byte,
        address: 0x0e,
        reset: 0x1c,
        fields: {
          /** 1: the oscillator stops when the chip runs on its battery. */
          EOSC: flag(7),
          BBSQW: flag(6),
          CONV: flag(5, { access: 'self-clearing' }),
          RATE: field(3, 2, { values: { '1Hz': 0, '1.024kHz': 1, '4.096kHz': 2, '8.192kHz': 3 } }),
          INTCN: flag(2),
          A2IE: flag(1),
          A1IE: flag(0),
        },
      },
      /** "Status Register (0Fh)", what is a setting in it. */
      STATUS: { ...byte, address: 0x0f, owned: EN32KHZ, reset: EN32KHZ, fields: { EN32KHZ: flag(3) } },
      /**
       * The same register, what the chip reports in it. OSF, A2F and A1F can be written to 0 only, so it is as final as a
       * write to a PROM. `write` leaves the flags that it does not name.
       */
      FLAGS: {
        address: 0x0f,
        access: 'permanent',
        width: 8,
        owned: FLAGS | BSY,
        reset: FLAGS,
        fields: { OSF: flag(7), BSY: flag(2, { access: 'ro' }), A2F: flag(1), A1F: flag(0) },
      },
      /** "Aging Offset (10h)", two's complement. */
      AGING: { ...byte, address: 0x10 },
      /** "Temperature Registers (11h–12h)": quarters of a degree, two's complement. */
      TEMPERATURE: { address: 0x11, access: 'ro', width: 16, fields: { QUARTERS: field(6, 10) } },
    },
    // The interrupt enables come last.
    save: ['AGING', 'ALARM_1', 'ALARM_2', 'ALARM_2_DAY', 'STATUS', 'CONTROL'],
    irrevocable: [
      'OSF, A1F and A2F: a call clears them with its commit; those that were raised in a failed call stay.',
      'An alarm that goes off within the half millisecond in which a rollback, or STATUS.modify, writes EN32kHz: its flag is cleared.',
      'A temperature conversion that was started.',
    ],
  }),
);

export type Ds3231TimeRegisters = ReturnType<typeof ds3231Time>;
export type Ds3231Registers = ReturnType<typeof ds3231>;
