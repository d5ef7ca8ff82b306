/** The drivers of this page, in a module of its own: a worker imports it too. */
import { entryPoint } from '../../runtime/index.js';
import { PlainServo } from '../servo-driver.js';

export { Thermometer } from '../thermometer-driver.js';

/** The servo of servo-driver.ts, with a deadline, and with two calls that never come to an end. */
export class Servo extends PlainServo {
  @entryPoint({ deadline: 800 })
  override angle(degrees: number, hertz?: number): Promise<void> {
    return super.angle(degrees, hertz);
  }

  /** Waits for an answer that nobody gives. */
  @entryPoint({ deadline: 800 })
  async angleThenWait(degrees: number): Promise<void> {
    await super.angle(degrees);
    await this.slice.CC.read();
    await new Promise<never>(() => {});
  }

  /** Only a worker survives this: a loop leaves no time for anything else in its thread. */
  @entryPoint({ deadline: 800 })
  async angleThenLoop(degrees: number): Promise<void> {
    await super.angle(degrees);
    await this.slice.CC.read();
    for (;;);
  }
}
