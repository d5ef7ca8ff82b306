import { defineBoard } from '../../runtime/board.js';
import { gpioPins } from './gpio.js';
import { pwmSlices } from './pwm.js';

export { gpioPin, type GpioPin } from './gpio.js';
export { pwmOf, pwmSlice, type PwmSlice } from './pwm.js';

/** A Raspberry Pi Pico, or another board with an RP2040, running the fgft firmware. */
export const pico = defineBoard({
  board: 'rp2040',
  name: 'Raspberry Pi Pico',
  peripherals: {
    /** GPIO 0 to 29: multiplexer, pad and SIO bits of each pin. */
    pin: gpioPins,
    /** PWM slices 0 to 7; `pwmOf` tells which one drives a pin. */
    pwm: { ch: pwmSlices },
  },
});
