import { definePeripheral, flag } from '../../runtime/registers/definition.js';

/** ATmega328P datasheet 14.4: PINx; DDRx and PORTx follow. */
const PINS_AT = { B: 0x23, C: 0x26, D: 0x29 } as const;
/** 24.9.5. */
const DIDR0 = 0x7e;

export type AvrPort = keyof typeof PINS_AT;

/**
 * One pin (ATmega328P datasheet 14.2): its bits of registers that eight pins share. `PIN.set` changes the level of an output from
 * whatever it was (14.2.2), in one store that touches no other pin.
 *
 * The level is restored before the direction: from output to input, a pin is pulled up or low in between (14.2.3).
 */
export const gpioPin = (port: AvrPort, bit: number) => {
  const owned = 1 << bit;
  const at = PINS_AT[port];
  return definePeripheral({
    name: `P${port}${bit}`,
    source: 'ATmega328P datasheet 14.2, 14.4',
    registers: {
      PIN: { address: at, width: 8, access: 'w1s', owned, fields: { HIGH: flag(bit) } },
      DDR: { address: at + 1, width: 8, access: 'rw', owned, fields: { OUTPUT: flag(bit) } },
      /** The level of an output; the pull-up of an input. */
      PORT: { address: at + 2, width: 8, access: 'rw', owned, fields: { HIGH: flag(bit) } },
    },
    save: ['PORT', 'DDR'],
  });
};

export type GpioPin = ReturnType<typeof gpioPin>;

/** A pin of port C, which is an input of the converter, too: its digital input can be turned off (24.9.5). */
export const analogPin = (bit: number) => {
  const { name, source, registers } = gpioPin('C', bit);
  return definePeripheral({
    name,
    source: `${source}, 24.9.5`,
    registers: {
      ...registers,
      DIDR: { address: DIDR0, width: 8, access: 'rw', owned: 1 << bit, fields: { OFF: flag(bit) } },
    },
    save: ['PORT', 'DDR', 'DIDR'],
  });
};

export type AnalogPin = ReturnType<typeof analogPin>;

/** As they are printed on an Uno. D0 and D1 are the serial line of the firmware. */
export const pins = {
  D2: gpioPin('D', 2),
  D3: gpioPin('D', 3),
  D4: gpioPin('D', 4),
  D5: gpioPin('D', 5),
  D6: gpioPin('D', 6),
  D7: gpioPin('D', 7),
  D8: gpioPin('B', 0),
  D9: gpioPin('B', 1),
  D10: gpioPin('B', 2),
  D11: gpioPin('B', 3),
  D12: gpioPin('B', 4),
  D13: gpioPin('B', 5),
  A0: analogPin(0),
  A1: analogPin(1),
  A2: analogPin(2),
  A3: analogPin(3),
  A4: analogPin(4),
  A5: analogPin(5),
} as const;
