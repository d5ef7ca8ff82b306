import type { ControllerError } from './errors.js';
import type { Names } from './link/failures.js';
import type { CompiledPeripheral } from './registers/compile.js';

/** Which peripheral has which number on this board, and which definitions the controller refused. */
export class Definitions implements Names {
  readonly #numbers = new Map<CompiledPeripheral, number>();
  readonly #peripherals: CompiledPeripheral[] = [];
  readonly #refused = new Map<number, ControllerError>();

  numberOf(peripheral: CompiledPeripheral, define: (number: number) => void): number {
    let number = this.#numbers.get(peripheral);
    if (number === undefined) {
      number = this.#peripherals.length + 1;
      define(number);
      this.#peripherals.push(peripheral);
      this.#numbers.set(peripheral, number);
    }
    return number;
  }

  /** All that were numbered, in the order of their numbers. */
  get peripherals(): readonly CompiledPeripheral[] {
    return this.#peripherals;
  }

  /** Undefined for a number that was never given: a fault point may make one up. */
  peripheral(number: number): CompiledPeripheral | undefined {
    return this.#peripherals[number - 1];
  }

  /** A new session: nothing has been refused in it yet. */
  forgetRefusals(): void {
    this.#refused.clear();
  }

  refuse(number: number, error: ControllerError): void {
    this.#refused.set(number, error);
  }

  failureOf(number: number | undefined): ControllerError | undefined {
    return number === undefined ? undefined : this.#refused.get(number);
  }

  nameOf(number: number): string {
    return this.#peripherals[number - 1]?.name ?? `peripheral ${number}`;
  }

  register(at: { peripheral: number; block: number; offset: number }): string | undefined {
    const peripheral = this.#peripherals[at.peripheral - 1];
    if (!peripheral) return undefined;
    for (const { name, at: place } of [...peripheral.registers.values(), ...peripheral.commands.values()].flat())
      if (place.block === at.block && place.offset === at.offset) return `${peripheral.name}.${name}`;
    return peripheral.name;
  }

  saved(number: number, save: number): { peripheral: string; register: string } {
    const peripheral = this.#peripherals[number - 1];
    return {
      peripheral: this.nameOf(number),
      register: peripheral?.saves[save] ?? peripheral?.journaled[save - peripheral.saves.length] ?? `entry ${save}`,
    };
  }
}
