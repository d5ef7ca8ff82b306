import type { GpioPin, PwmSlice } from '../../peripherals/rp2040/index.js';
import { Driver, entryPoint, peripheral, type Handle } from '../../runtime/index.js';
import type { PicoBoard } from '../emulated.js';

/** Changes a pin and a slice, and then stays inside the call until `finish` is settled. */
export class Holder extends Driver {
  @peripheral accessor pin: Handle<GpioPin>;
  @peripheral accessor slice: Handle<PwmSlice>;

  constructor(board: PicoBoard) {
    super(board);
    this.pin = board.pin[9]!;
    this.slice = board.pwm.ch[4]!;
  }

  @entryPoint
  async hold(changed: () => void, finish: Promise<void> = new Promise(() => {})): Promise<void> {
    await this.pin.OUT.write({ HIGH: true });
    await this.slice.CC.write({ A: 1, B: 2 });
    // A read is answered after everything before it has run.
    await this.slice.CC.read();
    changed();
    await finish;
  }
}
