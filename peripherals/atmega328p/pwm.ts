import { Driver, entryPoint, FgftError, peripheral, type Board, type Handle } from '../../runtime/index.js';
import type { GpioPin } from './gpio.js';
import type { uno } from './index.js';
import type { Output8, Timer0, Timer2 } from './timer.js';
import { writeCompare, type Output16, type Timer1 } from './timer1.js';

type Uno = Board<(typeof uno)['peripherals']>;

/** `bad-duty`: a duty is from 0, always low, to 1, always high. */
export class PwmError extends FgftError<'bad-duty'> {}

/** The pins marked with ~ on an Uno. */
export type PwmPin = 'D3' | 'D5' | 'D6' | 'D9' | 'D10' | 'D11';

/** Fast PWM of 8 bits (ATmega328P datasheet tables 15-8 and 18-8: mode 3; table 16-4: mode 5). */
const MOST = 255;

/**
 * A pin that carries a pulse train: 976.6 Hz, as its timer's clock is 16 MHz / 64 and 256 counts make a period. Two pins share a timer:
 * D5 and D6, D9 and D10, D3 and D11.
 */
export class PwmOutput extends Driver {
  @peripheral accessor pin: Handle<GpioPin>;
  @peripheral accessor timer: Handle<Timer0> | Handle<Timer1> | Handle<Timer2>;
  @peripheral accessor output: Handle<Output8> | Handle<Output16>;

  constructor(board: Uno, pin: PwmPin) {
    super(board);
    const { timer0, timer1, timer2 } = board;
    const [timer, output] = {
      D6: [timer0.clock, timer0.a] as const,
      D5: [timer0.clock, timer0.b] as const,
      D9: [timer1.clock, timer1.a] as const,
      D10: [timer1.clock, timer1.b] as const,
      D11: [timer2.clock, timer2.a] as const,
      D3: [timer2.clock, timer2.b] as const,
    }[pin];
    this.pin = board.pin[pin];
    this.timer = timer;
    this.output = output;
  }

  /** Sets how much of a period the pin is high, from 0 to 1, in steps of a 255th. */
  @entryPoint
  async duty(duty: number): Promise<void> {
    if (!(duty >= 0 && duty <= 1)) throw new PwmError('bad-duty', `A duty is a number from 0 to 1, not ${duty}.`);
    const high = Math.round(duty * MOST);
    const { pin, timer, output } = this;
    if ('ICRL' in timer) {
      await timer.TCCRA.write({ WGM: 1 });
      await timer.TCCRB.write({ WGM32: 1, CS: '64' });
    } else {
      await timer.TCCRA.write({ WGM: 3 });
      await timer.TCCRB.write({ CS: '64' });
    }
    await ('OCRL' in output ? writeCompare(output, high) : output.OCR.write(high));
    // 15.7.3: a compare value of 0 still makes a pulse of one count, so a pin that is always low is no output of the timer.
    await pin.PORT.write({ HIGH: false });
    await output.TCCRA.write({ COM: high === 0 ? 'off' : 'clear' });
    await pin.DDR.write({ OUTPUT: true });
  }
}
