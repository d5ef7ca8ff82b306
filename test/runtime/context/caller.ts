import type { PwmSlice } from '../../../peripherals/rp2040/index.js';
import { Driver, entryPoint, peripheral, state, type Handle } from '../../../runtime/index.js';
import type { PicoBoard } from '../../emulated.js';

/** Its calls run the code that a test gives them. */
export class Caller extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor calls = 0;

  constructor(board: PicoBoard, slice = 0) {
    super(board);
    this.slice = board.pwm.ch[slice]!;
  }

  @entryPoint
  async run(code: (self: Caller) => Promise<void>): Promise<void> {
    this.calls += 1;
    await code(this);
  }

  @entryPoint
  async set(duty: number): Promise<void> {
    this.calls += 1;
    await this.slice.CC.write({ A: duty });
  }
}
