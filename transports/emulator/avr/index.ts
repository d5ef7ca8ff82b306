/** An emulated Arduino Uno: an ATmega328P on avr8js, mended where it differs from the datasheet. */
export { EmulatedUno, emulatedUno, type EmulatedUnoOptions, type UnoPortOptions } from './board.js';
export { AvrChip, type AvrChipOptions } from './chip.js';
export { readIntelHex } from './intel-hex.js';
export type { AvrResetCause } from './life.js';
export { AVR_PINS, type AvrPin } from './ports.js';
export { UnoSerialPort } from './serial-port.js';
