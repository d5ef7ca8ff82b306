/** A driver, whole: a hobby servo on one pin. The pulse is 1 to 2 ms long, 50 times a second; its length is the angle. */
import { pwmOf, type GpioPin, type pico, type PwmSlice } from '../peripherals/rp2040/index.js';
import { Driver, entryPoint, peripheral, state, type Board, type Handle } from '../runtime/index.js';

type Pico = Board<(typeof pico)['peripherals']>;

/** RP2040 datasheet 4.5.2.4: the counter runs at clk_sys / DIV; 125 MHz / 125 gives one count a microsecond. */
const COUNTS_PER_SECOND = 1_000_000;
const DIVIDER = 125;

/** As one would write it without fgft. Nothing is checked, and nothing is undone when it fails half-way. */
export class PlainServo extends Driver {
  @peripheral accessor pin: Handle<GpioPin>;
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor degrees = 0;
  @state accessor moves: { to: number; hertz: number }[] = [];
  readonly output: 'A' | 'B';

  constructor(board: Pico, gpio: number) {
    super(board);
    const { slice, output } = pwmOf(gpio);
    this.pin = board.pin[gpio]!;
    this.slice = board.pwm.ch[slice]!;
    this.output = output;
  }

  async angle(degrees: number, hertz = 50): Promise<void> {
    this.degrees = degrees;
    this.moves.push({ to: degrees, hertz });
    await this.slice.CSR.modify({ EN: false });
    await this.slice.DIV.write({ INT: DIVIDER });
    await this.slice.TOP.write({ WRAP: COUNTS_PER_SECOND / hertz - 1 });
    await this.slice.CSR.poll({ EN: false }, 100);
    await this.pin.CTRL.modify({ FUNCSEL: 'pwm' });
    // An angle that no servo has makes a pulse that no register holds: here the call fails, half-way.
    await this.slice.CC.modify({ [this.output]: 1000 + Math.round((degrees / 180) * 1000) });
    await this.slice.CSR.modify({ EN: true });
  }
}

/** The same driver, protected: `angle` happens as a whole, or not at all. */
export class Servo extends PlainServo {
  @entryPoint
  override angle(degrees: number, hertz?: number): Promise<void> {
    return super.angle(degrees, hertz);
  }
}
