import { pico, type PwmSlice } from '../../peripherals/rp2040/index.js';
import { open, peripheral, type BoardSession, type Handle } from '../../runtime/index.js';
import type { Family } from './path.js';
import { Probe, type Pair } from './probe.js';

const WAIT_US = 1000;

/** Two PWM slices of a Pico. */
class PicoProbe extends Probe {
  @peripheral accessor first: Handle<PwmSlice>;
  @peripheral accessor second: Handle<PwmSlice>;

  constructor(board: BoardSession, first: Handle<PwmSlice>, second: Handle<PwmSlice>) {
    super(board);
    this.first = first;
    this.second = second;
  }

  protected async get(): Promise<Pair> {
    return [(await this.first.CC.read()).A, (await this.second.CC.read()).A];
  }

  protected setFirst(value: number): Promise<void> {
    return this.first.CC.modify({ A: value });
  }

  protected setSecond(value: number): Promise<void> {
    return this.second.CC.modify({ A: value });
  }

  protected never(): Promise<void> {
    return this.first.CSR.poll({ EN: true }, WAIT_US);
  }
}

export const picoFamily: Family = {
  board: 'rp2040',
  async open(transport, options) {
    const board = await open(transport, pico, options);
    return { board, probe: new PicoProbe(board, board.pwm.ch[5]!, board.pwm.ch[6]!) };
  },
};
