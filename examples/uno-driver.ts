/** A driver for an Arduino Uno: three lamps on D8, D9 and D10, and D7, which is low while current flows through one of them. */
import type { GpioPin, uno } from '../peripherals/atmega328p/index.js';
import { Driver, entryPoint, peripheral, state, type Board, type Handle } from '../runtime/index.js';

const COLOURS = ['green', 'yellow', 'red'] as const;
export type Colour = (typeof COLOURS)[number];

export class TrafficLight extends Driver {
  @peripheral accessor lamps: readonly Handle<GpioPin>[];
  @peripheral accessor current: Handle<GpioPin>;
  @state accessor colour: Colour | undefined;

  constructor(board: Board<(typeof uno)['peripherals']>) {
    super(board);
    const { D7, D8, D9, D10 } = board.pin;
    this.lamps = [D8, D9, D10];
    this.current = D7;
  }

  /** Lights one lamp and no other. One that is broken is noticed when the others are dark already. */
  @entryPoint
  async show(colour: Colour): Promise<void> {
    this.colour = colour;
    for (const [index, lamp] of this.lamps.entries()) {
      await lamp.PORT.write({ HIGH: COLOURS[index] === colour });
      await lamp.DDR.write({ OUTPUT: true });
    }
    const { HIGH: broken } = await this.current.PIN.read();
    if (broken) throw new Error(`The ${colour} lamp is broken: no current flows.`);
  }
}
