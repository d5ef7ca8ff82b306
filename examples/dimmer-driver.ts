/** A dimmable lamp on one pin, with scenes: a bit of everything that a driver is made of. */
import { pwmOf, type GpioPin, type pico, type PwmSlice } from '../peripherals/rp2040/index.js';
import { Driver, entryPoint, peripheral, state, type Board, type Handle } from '../runtime/index.js';

/** Brightness is in per mille: the counter wraps after TOP (RP2040 datasheet 4.5.2.1). */
const TOP = 999;
const STEP_US = 1000;

export class Dimmer extends Driver {
  @peripheral accessor pin: Handle<GpioPin>;
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor brightness = 0;
  @state accessor scenes = new Map<string, number>();
  /** Never changes, so it needs no `@state`. */
  readonly output: 'A' | 'B';

  constructor(board: Board<(typeof pico)['peripherals']>, gpio: number) {
    super(board);
    const { slice, output } = pwmOf(gpio);
    this.pin = board.pin[gpio]!;
    this.slice = board.pwm.ch[slice]!;
    this.output = output;
  }

  /** Writes only: one round trip, however many there are. */
  @entryPoint
  async start(): Promise<void> {
    await this.slice.TOP.write({ WRAP: TOP });
    await this.slice.CSR.modify({ EN: true });
    await this.pin.CTRL.modify({ FUNCSEL: 'pwm' });
  }

  @entryPoint
  async set(brightness: number): Promise<void> {
    if (brightness > TOP) throw new RangeError(`${brightness} is brighter than the lamp can be.`);
    this.brightness = brightness;
    await this.slice.CC.modify({ [this.output]: brightness });
  }

  /** Each `set` is a call inside this one. The controller waits between them, not the host. */
  @entryPoint({ deadline: 2000 })
  async fade(to: number, steps: number): Promise<void> {
    const from = this.brightness;
    this.tx.onRollback(() => console.log(`fading to ${to} was undone`));
    for (let step = 1; step <= steps; step++) {
      await this.set(Math.round(from + ((to - from) * step) / steps));
      await this.tx.delay(STEP_US);
    }
  }

  /** The first of these scenes that the lamp can show. One that it cannot is undone alone, and the next one is tried. */
  @entryPoint
  async show(...names: string[]): Promise<string | undefined> {
    for (const name of names) {
      const shown = await this.set(this.scenes.get(name) ?? 0).then(
        () => true,
        () => false,
      );
      if (shown) return name;
    }
    return undefined;
  }

  /** Without a decorator it is native: it runs as it is written, at once. */
  async level(): Promise<number> {
    return (await this.slice.CC.read())[this.output];
  }
}
