/** A lamp on a pin. */
import type { GpioPin, pico } from '../peripherals/rp2040/index.js';
import { Driver, entryPoint, peripheral, type Board, type Handle } from '../runtime/index.js';

export class Lamp extends Driver {
  @peripheral accessor pin: Handle<GpioPin>;

  constructor(board: Board<(typeof pico)['peripherals']>, gpio: number) {
    super(board);
    this.pin = board.pin[gpio]!;
  }

  @entryPoint
  async setUp(): Promise<void> {
    await this.pin.OUT.modify({ HIGH: false });
    await this.pin.OE.modify({ ENABLED: true });
    await this.pin.CTRL.modify({ FUNCSEL: 'sio' });
  }

  /** On and off again; undone where the pin is held low, or the battery is. */
  @entryPoint
  async flash(volts: number): Promise<void> {
    await this.pin.OUT.modify({ HIGH: true });
    const { HIGH } = await this.pin.IN.read();
    if (!HIGH || volts < 3) throw new Error('That would not be seen.');
    await this.pin.OUT.modify({ HIGH: false });
  }
}
