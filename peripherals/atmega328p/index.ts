import { defineBoard } from '../../runtime/open.js';
import { adc } from './adc.js';
import { eeprom } from './eeprom.js';
import { pins } from './gpio.js';
import { spi } from './spi.js';
import { output8, timer8, timerFlags } from './timer.js';
import { output16, timer1 } from './timer1.js';
import { twi } from './twi.js';

export { type Adc } from './adc.js';
export { Eeprom, EEPROM_BYTES, type EepromRegisters } from './eeprom.js';
export { type AnalogPin, type AvrPort, type GpioPin } from './gpio.js';
export { PwmError, PwmOutput, type PwmPin } from './pwm.js';
export { type Spi } from './spi.js';
export { type Output8, type Timer0, type Timer2, type TimerFlags } from './timer.js';
export { writeCompare, writeTop, type Output16, type Timer1 } from './timer1.js';
export { type Twi } from './twi.js';

/** An Arduino Uno, or another board with an ATmega328P at 16 MHz, running the fgft firmware. */
export const uno = defineBoard({
  board: 'atmega328p',
  name: 'Arduino Uno',
  peripherals: {
    /** D2 to D13 and A0 to A5, as they are printed on the board. */
    pin: pins,
    /** Timers: a clock, its flags, and two outputs with a pin each. */
    timer0: { clock: timer8(0), flags: timerFlags(0), a: output8(0, 'A'), b: output8(0, 'B') },
    timer1: { clock: timer1, flags: timerFlags(1), a: output16('A'), b: output16('B') },
    timer2: { clock: timer8(2), flags: timerFlags(2), a: output8(2, 'A'), b: output8(2, 'B') },
    /** The analogue to digital converter. */
    adc,
    /** The two-wire interface: I²C. */
    twi,
    spi,
    /** 1024 cells that stay. */
    eeprom,
  },
});
