import { uno, type Output8 } from '../../peripherals/atmega328p/index.js';
import { open, peripheral, type BoardSession, type Handle } from '../../runtime/index.js';
import type { Family } from './path.js';
import { Probe, type Pair } from './probe.js';

const WAIT_US = 1000;

/** Compare values of two timers of an Uno. */
class UnoProbe extends Probe {
  @peripheral accessor first: Handle<Output8>;
  @peripheral accessor second: Handle<Output8>;

  constructor(board: BoardSession, first: Handle<Output8>, second: Handle<Output8>) {
    super(board);
    this.first = first;
    this.second = second;
  }

  protected async get(): Promise<Pair> {
    return [await this.first.OCR.read(), await this.second.OCR.read()];
  }

  protected setFirst(value: number): Promise<void> {
    return this.first.OCR.write(value);
  }

  protected setSecond(value: number): Promise<void> {
    return this.second.OCR.write(value);
  }

  protected never(): Promise<void> {
    return this.first.TCCRA.poll({ COM: 'set' }, WAIT_US);
  }
}

export const unoFamily: Family = {
  board: 'atmega328p',
  async open(transport, options) {
    const board = await open(transport, uno, options);
    return { board, probe: new UnoProbe(board, board.timer0.a, board.timer2.b) };
  },
};
