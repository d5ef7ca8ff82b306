/** A driver whose call happens by half where it is not protected; a module of its own, because the program loads it. */
import { pico, type PwmSlice } from '../../../peripherals/rp2040/index.js';
import { Driver, entryPoint, peripheral, state, type Board, type Handle } from '../../../runtime/index.js';
import { defineWorkload } from '../../../runtime/inject/index.js';

class Leaky extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor duty = 0;

  constructor(board: Board<(typeof pico)['peripherals']>) {
    super(board);
    this.slice = board.pwm.ch[0]!;
  }

  async plain(duty: number): Promise<void> {
    this.duty = duty;
    await this.slice.CC.write({ A: duty });
    await this.slice.TOP.write({ WRAP: duty });
  }

  @entryPoint
  protected(duty: number): Promise<void> {
    return this.plain(duty);
  }
}

/** `used`: the call has been made before, so the host's record holds what it changes. */
export const leaky = (call: 'plain' | 'protected', { used = true } = {}) =>
  defineWorkload({
    name: `Leaky.${call}`,
    board: pico,
    async prepare(board) {
      const driver = new Leaky(board);
      if (used) await driver.protected(1);
      return driver;
    },
    call: (driver) => driver[call](5),
    state: ({ duty }) => duty,
  });

export default leaky('plain');
