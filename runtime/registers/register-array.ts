import { Register, type RegisterPort } from './register.js';
import type { CompiledPeripheral, CompiledRegister } from './compile.js';
import { checkRange } from './values.js';

/** The number of registers in one operation is one byte. */
const MOST = 0xff;

/** The registers of one kind that follow each other, each on its own or several in one operation. */
export class RegisterArray extends Array<Register> {
  /** What `map` and its like make of it is no such array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  readonly #port: RegisterPort;
  readonly #name: string;

  constructor(port: RegisterPort, peripheral: CompiledPeripheral, registers: readonly CompiledRegister[]) {
    super();
    this.#port = port;
    this.#name = `${peripheral.name}.${registers[0]!.name.replace('[0]', '')}`;
    for (const register of registers) this.push(new Register(port, peripheral, register));
  }

  readBlock(first: number, count: number): Promise<Uint32Array> {
    return this.#from(first, count, (register) => register.readBlock(count));
  }

  writeBlock(first: number, values: ArrayLike<number>): Promise<void> {
    return this.#from(first, values.length, (register) => register.writeBlock(values));
  }

  /** Runs on the first of `count` registers that must be there, or has the port refuse it. */
  #from<T>(first: number, count: number, run: (register: Register) => Promise<T>): Promise<T> {
    try {
      checkRange(`The first of a block of ${this.#name}`, first, this.length - 1);
      checkRange(`How many registers of ${this.#name} from ${first} on`, count, Math.min(MOST, this.length - first));
    } catch (error) {
      return this.#port.refuse(error as Error);
    }
    return run(this[first]!);
  }
}
