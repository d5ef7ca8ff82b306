import type { BoardSession } from '../../runtime/board.js';
import {
  attach,
  Driver,
  entryPoint,
  peripheral,
  RegisterError,
  type Handle,
  type I2cAddress,
} from '../../runtime/index.js';
import {
  mcp23017,
  mcp23017Port,
  PORTS,
  type Mcp23017PortRegisters,
  type Mcp23017Registers,
  type PinName,
} from './definition.js';

/** All pins of a port. */
const ALL = 0xff;

/** How the pins INTA and INTB tell of interrupts (3.5.6, 3.6.1). */
export interface InterruptPins {
  /** Both tell of both ports. */
  readonly mirrored?: boolean;
  /** `active-low` if left out. An open-drain pin is low while active, and floats otherwise. */
  readonly output?: 'active-low' | 'active-high' | 'open-drain';
}

/** What makes an interrupt: the pin is not as it was, or it is at this level (3.6.2 to 3.6.5). */
export type Event = 'change' | 'low' | 'high';

/** The named bits of a mask, each as it is in `values`. */
function bits(mask: number, values: number): { readonly [Name in PinName]?: boolean } {
  if (!Number.isInteger(mask) || mask < 1 || mask > ALL || !Number.isInteger(values) || values < 0 || values > ALL)
    throw new RegisterError(
      'value-out-of-range',
      `Pins of an MCP23017 port are bits 0 to 7 of a number, at least one of them, not ${mask} at ${values}.`,
    );
  const named = Array.from({ length: 8 }, (_, pin) => [`P${pin}`, (values >> pin) & 1] as const);
  return Object.fromEntries(named.filter((_, pin) => (mask >> pin) & 1).map(([name, value]) => [name, value === 1]));
}

/** One port of an MCP23017: eight pins. Pins are bits of a number, bit 0 is pin 0. */
export class Mcp23017Port extends Driver {
  @peripheral accessor registers: Handle<Mcp23017PortRegisters>;

  constructor(board: BoardSession, at: I2cAddress, port: keyof typeof PORTS) {
    super(board);
    this.registers = attach(mcp23017Port(at, PORTS[port]), board);
  }

  /** Makes pins outputs, at these levels from the start. */
  @entryPoint
  async output(pins: number, levels: number): Promise<void> {
    await this.registers.OLAT.modify(bits(pins, levels));
    await this.registers.IODIR.modify(bits(pins, 0));
  }

  /** Makes pins inputs. Pin 7 had better be an output: one that moves while it is read disturbs SDA (3.5.1). */
  @entryPoint
  async input(pins: number, { pullUp = false, inverted = false } = {}): Promise<void> {
    await this.registers.IODIR.modify(bits(pins, ALL));
    await this.registers.GPPU.modify(bits(pins, pullUp ? ALL : 0));
    await this.registers.IPOL.modify(bits(pins, inverted ? ALL : 0));
  }

  /** Sets the levels of all outputs, or of those in `pins`. */
  @entryPoint
  async write(levels: number, pins = ALL): Promise<void> {
    await this.registers.OLAT.modify(bits(pins, levels));
  }

  /** The levels of all pins; inverted ones are read inverted. Ends the port's interrupt. */
  @entryPoint
  async read(): Promise<number> {
    return this.registers.GPIO.readBits();
  }

  /** Has inputs make an interrupt. */
  @entryPoint
  async interruptOn(pins: number, event: Event): Promise<void> {
    const { GPINTEN, DEFVAL, INTCON } = this.registers;
    // Off while it is set up: a level that was of interest before may not be now.
    await GPINTEN.modify(bits(pins, 0));
    // 3.6.5: there is an interrupt while the pin differs from DEFVAL.
    await DEFVAL.modify(bits(pins, event === 'low' ? ALL : 0));
    await INTCON.modify(bits(pins, event === 'change' ? 0 : ALL));
    await GPINTEN.modify(bits(pins, ALL));
  }

  @entryPoint
  async interruptOff(pins: number): Promise<void> {
    await this.registers.GPINTEN.modify(bits(pins, 0));
  }

  /** Which pins have made an interrupt, 0 if there is none, and all levels at that time (not inverted). Ends it. */
  @entryPoint
  async interrupted(): Promise<{ pins: number; levels: number }> {
    const [pins, levels] = await Promise.all([this.registers.INTF.readBits(), this.registers.INTCAP.readBits()]);
    return { pins, levels };
  }
}

/** Sixteen pins: a Microchip MCP23017. */
export class Mcp23017 extends Driver {
  @peripheral accessor registers: Handle<Mcp23017Registers>;
  readonly a: Mcp23017Port;
  readonly b: Mcp23017Port;

  constructor(board: BoardSession, at: I2cAddress) {
    super(board);
    this.registers = attach(mcp23017(at), board);
    this.a = new Mcp23017Port(board, at, 'a');
    this.b = new Mcp23017Port(board, at, 'b');
  }

  @entryPoint
  async interruptPins({ mirrored = false, output = 'active-low' }: InterruptPins): Promise<void> {
    const INTPOL = output === 'active-high' ? 'active-high' : 'active-low';
    await this.registers.IOCON.modify({ MIRROR: mirrored, ODR: output === 'open-drain', INTPOL });
  }

  /**
   * For a chip that another program may have left with IOCON.BANK = 1: call it before anything else. It cannot be
   * undone, and if BANK was 0, interrupts of port B are off afterwards.
   */
  @entryPoint
  async leaveBank1(): Promise<void> {
    await this.registers.IOCON_OF_BANK_1.write(0);
  }
}
