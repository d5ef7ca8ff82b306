/**
 * One of the two 8-bit ports of an emulated MCP23017: pins, registers, interrupt logic. Sections are those of the
 * MCP23017/MCP23S17 datasheet, DS20001952D.
 */

/** Registers of a port in the order of its addresses with IOCON.BANK = 1 (3.2, table 3-1); 5 is IOCON, which both share. */
export const PORT_REGISTER = {
  IODIR: 0,
  IPOL: 1,
  GPINTEN: 2,
  DEFVAL: 3,
  INTCON: 4,
  IOCON: 5,
  GPPU: 6,
  INTF: 7,
  INTCAP: 8,
  GPIO: 9,
  OLAT: 10,
} as const;
export const PORT_REGISTERS = 11;

const { IODIR, IPOL, GPINTEN, DEFVAL, INTCON, GPPU, INTF, INTCAP, GPIO, OLAT } = PORT_REGISTER;

/** All pins are inputs; everything else is 0 (3.5, table 3-4). */
const IODIR_RESET = 0xff;

export class Port {
  readonly #registers = new Uint8Array(PORT_REGISTERS);
  /** Pins that something outside drives, and the levels that it drives. */
  #outside = 0;
  #outsideLevels = 0;
  /** The port as interrupt-on-pin-change compares it (3.6.2). */
  #previous = 0;
  #interrupt = false;

  constructor() {
    this.reset();
  }

  /** Whether the port's interrupt signal is active (3.6.1). */
  get interrupt(): boolean {
    return this.#interrupt;
  }

  /** Levels on the pins: the latch on outputs; on inputs what drives them, or the pull-up; 0 on a floating input. */
  get levels(): number {
    const direction = this.#registers[IODIR]!;
    const inputs = (this.#outsideLevels & this.#outside) | (this.#registers[GPPU]! & ~this.#outside);
    return (this.#registers[OLAT]! & ~direction & 0xff) | (inputs & direction);
  }

  reset(): void {
    this.#registers.fill(0);
    this.#registers[IODIR] = IODIR_RESET;
    this.#interrupt = false;
    this.#previous = this.levels;
  }

  /** Drives pin `bit` from outside, or lets go of it. */
  drive(bit: number, level: boolean | undefined): void {
    const mask = 1 << bit;
    this.#outside = level === undefined ? this.#outside & ~mask : this.#outside | mask;
    this.#outsideLevels = level === true ? this.#outsideLevels | mask : this.#outsideLevels & ~mask;
    this.#compare();
  }

  /** What a register reads, without the effect of reading it. */
  peek(register: number): number {
    if (register === GPIO) return this.levels ^ this.#registers[IPOL]!;
    return this.#registers[register]!;
  }

  read(register: number): number {
    const value = this.peek(register);
    if (register === GPIO || register === INTCAP) this.#clear();
    return value;
  }

  write(register: number, value: number): void {
    if (register === INTF || register === INTCAP) return;
    // 3.4: a write to GPIO is a write to the latches.
    this.#registers[register === GPIO ? OLAT : register] = value;
    this.#compare();
  }

  /** 3.6.4: reading ends the interrupt; what is pending raises it anew and captures anew (note in 3.6.5). */
  #clear(): void {
    this.#interrupt = false;
    this.#registers[INTF] = 0;
    this.#compare();
  }

  /** 3.6.2 … 3.6.5: the first mismatch captures the port; until it is cleared, the captured port is what is compared to. */
  #compare(): void {
    const registers = this.#registers;
    const levels = this.levels;
    const enabled = registers[GPINTEN]! & registers[IODIR]!;
    const byDefault = registers[INTCON]!;
    const changed = (levels ^ this.#previous) & ~byDefault;
    const different = (levels ^ registers[DEFVAL]!) & byDefault;
    const mismatch = (changed | different) & enabled;
    if (!this.#interrupt && mismatch !== 0) {
      this.#interrupt = true;
      registers[INTF] = mismatch;
      registers[INTCAP] = levels;
      this.#previous = levels;
    } else {
      // A pin that is not compared has no previous value to differ from once it is.
      this.#previous = (this.#previous & enabled) | (levels & ~enabled);
    }
  }
}
