/** What is tortured: a driver whose every call changes six peripherals, two of them in a chip behind I²C, in five frames. */
import { mcp23017Port } from '../../peripherals/mcp23017/index.js';
import { I2cBus, type GpioPin, type pico, type PwmSlice } from '../../peripherals/rp2040/index.js';
import { attach, Driver, entryPoint, peripheral, state, type Board, type Handle } from '../../runtime/index.js';

export type Pico = Board<(typeof pico)['peripherals']>;

export const EXPANDER = { index: 0, target: 0x20 } as const;
export const PINS = [2, 9] as const;
export const SLICES = [1, 4] as const;
export const PORTS = [0, 1] as const;

/** The registers of one peripheral after the call with the number `n`, in the order in which the witness reads them. */
export const pinAfter = (n: number, pin: number): number[] => [(n >> (pin & 3)) & 1, (n >> 2) & 3];
export const sliceAfter = (n: number, slice: number): number[] => [
  (n * 7 + slice) & 0xffff,
  (n * 11 + slice) & 0xffff,
  (n * 13) & 0xffff,
];
export const portAfter = (n: number, port: number): number[] => [(n + 3 * port) & 0xff, (n * 5 + port) & 0xff];

const DRIVES = ['2mA', '4mA', '8mA', '12mA'] as const;

export class Mover extends Driver {
  @peripheral accessor pins: readonly Handle<GpioPin>[];
  @peripheral accessor slices: readonly Handle<PwmSlice>[];
  @peripheral accessor ports: readonly Handle<ReturnType<typeof mcp23017Port>>[];
  @state accessor moved = 0;

  constructor(board: Pico) {
    super(board);
    this.pins = PINS.map((pin) => board.pin[pin]!);
    this.slices = SLICES.map((slice) => board.pwm.ch[slice]!);
    this.ports = PORTS.map((port) => attach(mcp23017Port(EXPANDER, port), board));
  }

  /** All six, to what they are after the call with this number. */
  @entryPoint
  async move(n: number): Promise<void> {
    this.moved = n;
    for (const [index, slice] of this.slices.entries()) {
      const [top, a, b] = sliceAfter(n, SLICES[index]!);
      await slice.TOP.write({ WRAP: top! });
      await slice.CC.write({ A: a!, B: b! });
    }
    // A read sends what was posted: the call goes on in another frame.
    await this.slices[0]!.CC.read();
    for (const [index, port] of this.ports.entries()) {
      const [latch, pullUp] = portAfter(n, PORTS[index]!);
      await port.OLAT.writeBits(latch!);
      await port.GPPU.writeBits(pullUp!);
      await port.OLAT.readBits();
    }
    for (const [index, pin] of this.pins.entries()) {
      const [level, drive] = pinAfter(n, PINS[index]!);
      await pin.OUT.write({ HIGH: level === 1 });
      await pin.PAD.modify({ DRIVE: DRIVES[drive!]! });
      await pin.PAD.read();
    }
  }
}

/** Sets the bus up, on which the chip is. */
export async function startBus(board: Pico): Promise<void> {
  await new I2cBus(board, EXPANDER.index).start({ sda: 4, scl: 5, hz: 400_000 });
}
