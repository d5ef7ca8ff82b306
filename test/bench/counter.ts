/** The driver whose calls are timed; a module of its own, because a worker loads it. */
import type { PwmSlice } from '../../peripherals/rp2040/index.js';
import { Driver, entryPoint, peripheral, state, type Handle } from '../../runtime/index.js';
import type { PicoBoard } from '../emulated.js';

export class Counter extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor calls = 0;
  @state accessor last = 0;

  constructor(board: PicoBoard) {
    super(board);
    this.slice = board.pwm.ch[0]!;
  }

  async native(value: number): Promise<void> {
    this.calls++;
    this.last = value;
    await this.slice.CC.write({ A: value, B: value });
  }

  @entryPoint
  async protected(value: number): Promise<void> {
    this.calls++;
    this.last = value;
    await this.slice.CC.write({ A: value, B: value });
  }

  /** Never ends, and lets nothing else run. */
  @entryPoint({ deadline: 10 })
  async hang(): Promise<void> {
    await this.slice.CC.write({ A: 0, B: 0 });
    for (;;);
  }
}
