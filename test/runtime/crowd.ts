/** Eight drivers that share PWM slices of one board, and calls of theirs that do what a test draws. */
import type { PwmSlice } from '../../peripherals/rp2040/index.js';
import { Driver, entryPoint, peripheral, state, type Handle } from '../../runtime/index.js';
import type { PicoBoard } from '../emulated.js';

export const DRIVERS = 8;
export const CELLS = 6;

/** How a call ends when nothing else goes wrong. */
export const ENDINGS = ['return', 'throw', 'contract', 'poll', 'caught'] as const;
export type Ending = (typeof ENDINGS)[number];

/** One step of a call: a register read, or written with a value that no other step writes; `pauses` turns of the event loop before it. */
export interface Step {
  readonly cell: number;
  readonly write: boolean;
  readonly pauses: number;
}

export interface Plan {
  readonly driver: number;
  readonly steps: readonly Step[];
  readonly ending: Ending;
}

/** What a call has seen and done, in order. */
export type Seen = { readonly cell: number; readonly value: number; readonly write: boolean };

export class Member extends Driver {
  /** Cells that all members share: one CC register each. */
  @peripheral accessor slices: readonly Handle<PwmSlice>[];
  @state accessor calls = 0;
  @state accessor written: number[] = [];

  constructor(board: PicoBoard) {
    super(board);
    this.slices = board.pwm.ch.slice(0, CELLS);
  }

  /** @param next the value of the next write; @param seen where the call tells what it does. */
  @entryPoint
  async run({ steps, ending }: Plan, next: () => number, seen: Seen[]): Promise<void> {
    this.calls += 1;
    for (const step of steps) await this.step(step, next, seen);
    const slice = this.slices[steps[0]!.cell]!;
    if (ending === 'throw') throw new Error('drawn to fail');
    if (ending === 'contract') await slice.CC.write({ A: 0x10000 });
    if (ending === 'poll') await slice.CSR.poll({ EN: true }, 1);
    if (ending === 'caught') await this.fail(steps, next).catch(() => {});
  }

  /** Overwrites what its caller has touched, and fails: called from `run`, it is undone alone. */
  @entryPoint
  async fail(steps: readonly Step[], next: () => number): Promise<void> {
    for (const { cell } of steps) await this.slices[cell]!.CC.write({ A: next() });
    this.written = [];
    throw new Error('drawn to fail inside');
  }

  private async step({ cell, write, pauses }: Step, next: () => number, seen: Seen[]): Promise<void> {
    for (let pause = 0; pause < pauses; pause++) await new Promise((resolve) => setImmediate(resolve));
    const { CC } = this.slices[cell]!;
    if (write) {
      const value = next();
      await CC.write({ A: value });
      this.written.push(value);
      seen.push({ cell, value, write });
    } else seen.push({ cell, value: (await CC.read()).A, write });
  }
}
