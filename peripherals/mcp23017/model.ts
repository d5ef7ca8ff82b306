/**
 * An emulated Microchip MCP23017 on an I²C bus. Sections are those of the MCP23017/MCP23S17 datasheet, DS20001952D.
 *
 * Not modelled: times (the chip acts at once), the harm that 3.5.1 warns of when GPA7 or GPB7 is an input (both are
 * plain pins here), slew rate, and HAEN, which is kept without effect as only the MCP23S17 has it.
 * Not said by the datasheet, and chosen here: addresses without a register are acknowledged, read 0 and keep nothing;
 * with BANK = 1 the address pointer counts through them; IPOL inverts outputs as well when GPIO is read; INTCAP and the
 * comparisons of the interrupt logic see the pins, not inverted by IPOL.
 */
import type { I2cTarget, ModelClock } from '../../transports/emulator/bus-targets.js';
import { Port, PORT_REGISTER, PORT_REGISTERS } from './model-port.js';

/** IOCON (3.5.6, register 3-5); bit 0 is not implemented. */
const BANK = 1 << 7;
const MIRROR = 1 << 6;
const SEQOP = 1 << 5;
const ODR = 1 << 2;
const INTPOL = 1 << 1;
const IOCON_BITS = 0xfe;
/** Table 3-1: the last register, and with BANK = 1 the bit of an address that means port B. */
const LAST = { paired: 0x15, segregated: 0x1a };
const SEGREGATED_B = 0x10;
const PINS = 16;

export interface Mcp23017Options {
  /** The chip has no notion of time; taken so that all models are made alike. */
  readonly clock?: ModelClock;
  /** 0x20 with A2, A1 and A0 low, to 0x27 (3.3.1). */
  readonly address?: number;
}

/** An MCP23017 just after power-on, with nothing on its pins. */
export function mcp23017Model(options: Mcp23017Options = {}): Mcp23017Model {
  return new Mcp23017Model(options);
}

/** Pins are 0 to 7 for GPA0 to GPA7 and 8 to 15 for GPB0 to GPB7. */
export class Mcp23017Model implements I2cTarget {
  readonly address: number;
  readonly #ports = [new Port(), new Port()] as const;
  #powered = true;
  #iocon = 0;
  #pointer = 0;
  #expects: 'register' | 'data' = 'register';

  constructor({ address = 0x20 }: Mcp23017Options) {
    this.address = address;
  }

  /** The level on a pin: what the chip drives, or what it sees. */
  pin(index: number): boolean {
    const [port, bit] = this.#pin(index);
    return this.#powered && Boolean((port.levels >> bit) & 1);
  }

  /** Whether the chip drives a pin. */
  drives(index: number): boolean {
    const [port, bit] = this.#pin(index);
    return this.#powered && !((port.peek(PORT_REGISTER.IODIR) >> bit) & 1);
  }

  /** Drives a pin from outside, or lets go of it. Where the chip drives too, the chip wins. */
  setPin(index: number, level: boolean | undefined): void {
    const [port, bit] = this.#pin(index);
    port.drive(bit, level);
  }

  /** Level of an interrupt pin; undefined while it floats, which an open-drain output does when inactive (3.5.6). */
  interruptPin(pin: 'a' | 'b'): boolean | undefined {
    if (!this.#powered) return undefined;
    const [a, b] = this.#ports;
    const own = pin === 'a' ? a : b;
    const active = own.interrupt || (Boolean(this.#iocon & MIRROR) && (a.interrupt || b.interrupt));
    if (this.#iocon & ODR) return active ? false : undefined;
    return active === Boolean(this.#iocon & INTPOL);
  }

  /** What every address of the map in use would read now, as far as its last register; looking has no effect. */
  get registers(): Uint8Array {
    return Uint8Array.from({ length: this.#last + 1 }, (_, address) => {
      const found = this.#register(address);
      if (found === undefined) return 0;
      return found.register === PORT_REGISTER.IOCON ? this.#iocon : found.port.peek(found.register);
    });
  }

  power(on: boolean): void {
    if (on === this.#powered) return;
    this.#powered = on;
    this.reset();
  }

  powerCycle(): void {
    this.power(false);
    this.power(true);
  }

  /** What a pulse on the RESET pin does: all registers to their values after power-on (table 3-4). */
  reset(): void {
    this.#iocon = 0;
    this.#pointer = 0;
    this.#expects = 'register';
    for (const port of this.#ports) port.reset();
  }

  start(direction: 'read' | 'write'): boolean {
    if (direction === 'write') this.#expects = 'register';
    return this.#powered;
  }

  write(byte: number): boolean {
    if (this.#expects === 'register') {
      this.#pointer = byte;
      this.#expects = 'data';
      return true;
    }
    const address = this.#pointer;
    // 3.5.6: the pointer moves by the map in which the byte arrived; then the map changes.
    this.#advance();
    const found = this.#register(address);
    if (found?.register === PORT_REGISTER.IOCON) this.#iocon = byte & IOCON_BITS;
    else found?.port.write(found.register, byte);
    return true;
  }

  read(): number {
    const found = this.#register(this.#pointer);
    this.#advance();
    if (found === undefined) return 0;
    return found.register === PORT_REGISTER.IOCON ? this.#iocon : found.port.read(found.register);
  }

  stop(): void {
    this.#expects = 'register';
  }

  get #last(): number {
    return this.#iocon & BANK ? LAST.segregated : LAST.paired;
  }

  /** 3.2.1: byte mode stays, or with BANK = 0 toggles within a pair; sequential mode counts and rolls over. */
  #advance(): void {
    if (!(this.#iocon & SEQOP)) this.#pointer = this.#pointer >= this.#last ? 0 : this.#pointer + 1;
    else if (!(this.#iocon & BANK)) this.#pointer ^= 1;
  }

  #register(address: number): { port: Port; register: number } | undefined {
    const [a, b] = this.#ports;
    if (address > this.#last) return undefined;
    if (!(this.#iocon & BANK)) return { port: address & 1 ? b : a, register: address >> 1 };
    const register = address & (SEGREGATED_B - 1);
    return register < PORT_REGISTERS ? { port: address & SEGREGATED_B ? b : a, register } : undefined;
  }

  #pin(index: number): [port: Port, bit: number] {
    if (!Number.isInteger(index) || index < 0 || index >= PINS) {
      throw new RangeError(`The MCP23017 has pins 0 to 15, not ${index}.`);
    }
    return [this.#ports[index < 8 ? 0 : 1], index & 7];
  }
}
