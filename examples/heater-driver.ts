/** A heater that says what it takes, what must hold, and how well each of its calls is protected. */
import type { pico, PwmSlice } from '../peripherals/rp2040/index.js';
import {
  adaptive,
  byArguments,
  Driver,
  entryPoint,
  invariant,
  peripheral,
  state,
  type Board,
  type Handle,
  type StandardSchema,
} from '../runtime/index.js';

/** Any validator that follows Standard Schema will do (zod, valibot, arktype); this one is written by hand. */
const percent: StandardSchema<number> = {
  '~standard': {
    version: 1,
    vendor: 'heater',
    validate: (value) =>
      typeof value === 'number' && value >= 0 && value <= 100 ? { value } : { issues: [{ message: 'not 0 to 100' }] },
  },
};

export class Heater extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor duty = 0;
  @state accessor limit = 80;

  constructor(board: Board<(typeof pico)['peripherals']>) {
    super(board);
    this.slice = board.pwm.ch[0]!;
  }

  /** Checked before the commit of every call, with state and registers as the call would leave them. */
  @invariant
  async safe(): Promise<boolean> {
    return this.duty <= this.limit && (await this.slice.CC.read()).A === this.duty;
  }

  @entryPoint({ args: [percent], deadline: 100 })
  async heat(duty: number): Promise<void> {
    this.duty = duty;
    await this.slice.TOP.write({ WRAP: 99 });
    await this.slice.CC.write({ A: duty });
    await this.slice.CSR.modify({ EN: duty > 0 });
  }

  /** Small steps run as they are written; large ones are worth a transaction. */
  @entryPoint({ policy: byArguments((step: number) => (Math.abs(step) > 5 ? 'inline' : 'native')) })
  async nudge(step: number): Promise<void> {
    this.duty += step;
    await this.slice.CC.write({ A: this.duty });
  }

  /** Native until it fails; then protected until ten calls in a row have succeeded. */
  @entryPoint({ policy: adaptive(10) })
  async phase(): Promise<number> {
    return (await this.slice.CTR.read()).COUNT;
  }
}
