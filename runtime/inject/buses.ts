import type { EmulatedBoard, I2cTarget } from '../../transports/emulator/index.js';

/** What a workload connects chips to, and whose pins it can drive. */
export type Buses = Pick<EmulatedBoard, 'connectI2c' | 'connectSpi' | 'chip'>;

/** Asked for what passes between an I²C bus and the chips on it: whether the chip hears of it, and so acknowledges it. */
export interface Taps {
  /** A START with the address of a chip. */
  start?: ((bus: 0 | 1) => boolean) | undefined;
  /** A byte that the controller sends to a chip. */
  byte?: ((bus: 0 | 1) => boolean) | undefined;
}

/** The buses of a board, with taps to whatever is connected to them. */
export function tappedBuses(emulated: EmulatedBoard, taps: Taps): Buses {
  return {
    chip: emulated.chip,
    connectI2c: (bus, address, target) => emulated.connectI2c(bus, address, tapped(target, bus, taps)),
    connectSpi: (bus, pin, target) => emulated.connectSpi(bus, pin, target),
  };
}

const tapped = (target: I2cTarget, bus: 0 | 1, taps: Taps): I2cTarget => ({
  start: (direction) => (taps.start?.(bus) ?? true) && target.start(direction),
  write: (byte) => (taps.byte?.(bus) ?? true) && target.write(byte),
  read: () => target.read(),
  stop: () => target.stop(),
});
