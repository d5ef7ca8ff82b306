/** The servo, for `fgft inject sweep`: a call that changes a pin and a PWM slice. */
import { defineWorkload } from '../runtime/inject/index.js';
import { pico } from '../peripherals/rp2040/index.js';
import { Servo } from './servo-driver.js';

export default defineWorkload({
  name: 'Servo.angle',
  board: pico,
  async prepare(board) {
    const servo = new Servo(board, 2);
    await servo.angle(90);
    return servo;
  },
  call: (servo) => servo.angle(45),
  state: ({ degrees }) => degrees,
});
