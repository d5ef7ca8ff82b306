import { RegisterError } from '../errors.js';
import type { Op, OpResult, Place } from '../link/ops.js';
import { WAIT_MAX_US } from '../link/protocol.js';
import { accessClass, type Access } from './access.js';
import type { CompiledPeripheral, CompiledRegister } from './compile.js';
import { allBits } from './definition.js';
import { hex } from '../hex.js';
import { checkRange, decodeFields, encodeFields, type Purpose } from './values.js';

/** What carries out register operations: a board (each at once), or a transaction (writes posted). */
export interface RegisterPort {
  /** The number under which the controller knows the peripheral in this session. */
  numberOf(peripheral: CompiledPeripheral): number;
  /** Queues an op that has no result. On a board, resolves when it has run. */
  post(op: Op): Promise<void>;
  /** Runs an op, and everything posted before it, and resolves with its result. */
  ask(op: Op): Promise<OpResult>;
  /** Queues an op that cannot be undone: a transaction sends it only with its commit. */
  defer(op: Op): Promise<void>;
  /** Runs an op whose result could not be put back: a transaction refuses it. */
  take(op: Op): Promise<OpResult>;
  /** Bad input found before anything was sent. */
  refuse(error: Error): Promise<never>;
}

type Values = Readonly<Record<string, unknown>> | number;

const WRITTEN_WHOLE = ['rw', 'wo', 'write-once', 'permanent'] as const satisfies readonly Access[];

/** One register at work; which of its methods a caller sees is decided by `RegisterHandle`. */
export class Register {
  readonly #port: RegisterPort;
  readonly #peripheral: CompiledPeripheral;
  readonly #register: CompiledRegister;

  constructor(port: RegisterPort, peripheral: CompiledPeripheral, register: CompiledRegister) {
    this.#port = port;
    this.#peripheral = peripheral;
    this.#register = register;
  }

  async read(): Promise<unknown> {
    const bits = await this.readBits();
    return this.#register.spec.fields ? decodeFields(this.#register.spec, bits) : bits;
  }

  readBits(): Promise<number> {
    return this.#checked(() => {
      this.#requireReads();
      return this.#port
        .ask({ op: 'read', at: this.#place() })
        .then((bits) => ((bits as number) & this.#register.owned) >>> 0);
    });
  }

  poll(values: Values, timeoutUs: number): Promise<void> {
    return this.#checked(() => {
      this.#requireReads();
      const bits = this.#encode(values, 'compare');
      checkRange(`The time-out of ${this.#name} in µs`, timeoutUs, WAIT_MAX_US);
      return this.#port.ask({ op: 'poll', at: this.#place(), ...bits, timeoutUs }).then(() => undefined);
    });
  }

  write(values: Values): Promise<void> {
    return this.#checked(() => {
      const { mask, value } = this.#encode(values);
      const reset = this.#register.spec.reset ?? 0;
      return this.#put(((reset & ~mask) | value) >>> 0);
    });
  }

  writeBits(bits: number): Promise<void> {
    return this.#checked(() => this.#put(checkRange(this.#name, bits, allBits(this.#register.spec))));
  }

  modify(values: Values): Promise<void> {
    return this.#checked(() => {
      this.#require('rw');
      return this.#change({ op: 'masked', at: this.#place(), ...this.#encode(values, 'modify') });
    });
  }

  clear(flags: Values): Promise<void> {
    return this.#checked(() => {
      this.#require('w1c', 'w0c');
      const { value } = this.#encode(flags);
      const bits = this.#register.spec.access === 'w1c' ? value : (allBits(this.#register.spec) & ~value) >>> 0;
      return this.#change({ op: 'write', at: this.#place(), value: bits });
    });
  }

  set(flags: Values): Promise<void> {
    return this.#checked(() => {
      this.#require('w1s');
      return this.#change({ op: 'write', at: this.#place(), value: this.#encode(flags).value });
    });
  }

  push(values: ArrayLike<number>): Promise<void> {
    return this.#checked(() => {
      this.#require('fifo');
      checkRange(`How many values for ${this.#name}`, values.length, 0xff);
      return this.#change({ op: 'writeFifo', values: this.#checkedValues(values), at: this.#place() });
    });
  }

  pull(count: number): Promise<Uint32Array> {
    return this.#checked(() => {
      this.#require('fifo');
      checkRange(`How many values of ${this.#name}`, count, 0xff);
      return this.#port.take({ op: 'readFifo', at: this.#place(), count }).then((values) => values as Uint32Array);
    });
  }

  /** From this register of an array on. */
  readBlock(count: number): Promise<Uint32Array> {
    return this.#checked(() => {
      this.#requireReads();
      return this.#port.ask({ op: 'readBlock', at: this.#place(), count }).then((values) => values as Uint32Array);
    });
  }

  writeBlock(values: ArrayLike<number>): Promise<void> {
    return this.#checked(() => {
      this.#require(...WRITTEN_WHOLE);
      return this.#change({ op: 'writeBlock', values: this.#checkedValues(values), at: this.#place() });
    });
  }

  /** Writes all bits that are ours; a register that is shared keeps the others. */
  #put(bits: number): Promise<void> {
    const { owned, spec } = this.#register;
    this.#require(...WRITTEN_WHOLE);
    const at = this.#place();
    if (owned === allBits(spec)) return this.#change({ op: 'write', at, value: bits });
    return this.#change({ op: 'masked', at, mask: owned, value: (bits & owned) >>> 0 });
  }

  /** A locked register takes a write only right after its key; one that is then busy, no other for a while. */
  #change(op: Op): Promise<void> {
    const { access, unlock, busyUs } = this.#register.spec;
    const ops: Op[] = [op];
    if (unlock) {
      const at = this.#placeOf(this.#peripheral.registers.get(unlock.register)![0]!);
      ops.unshift({ op: 'write', at, value: unlock.value });
    }
    if (busyUs) ops.push({ op: 'delay', us: busyUs });
    const { irrevocable } = accessClass(access);
    const sent = ops.map((each) => (irrevocable ? this.#port.defer(each) : this.#port.post(each)));
    return sent.length === 1 ? sent[0]! : Promise.all(sent).then(() => undefined);
  }

  #checkedValues(values: ArrayLike<number>): number[] {
    const largest = allBits(this.#register.spec);
    return Array.from(values, (value, index) => checkRange(`${this.#name}, value ${index},`, value, largest));
  }

  #encode(values: Values, purpose: Purpose = 'write'): { mask: number; value: number } {
    const { owned, spec } = this.#register;
    if (typeof values === 'number') {
      const value = checkRange(this.#name, values, allBits(spec));
      if ((value & ~owned) === 0) return { mask: owned, value };
      throw new RegisterError(
        'value-out-of-range',
        `${this.#name} owns only the bits ${hex(owned)}, not ${hex(value)}.`,
      );
    }
    return encodeFields(this.#name, spec, values, purpose);
  }

  #place(): Place {
    return this.#placeOf(this.#register);
  }

  #placeOf({ at: { block, offset, width } }: CompiledRegister): Place {
    return { peripheral: this.#port.numberOf(this.#peripheral), block, offset, width };
  }

  get #name(): string {
    return `${this.#peripheral.name}.${this.#register.name}`;
  }

  #requireReads(): void {
    const { access } = this.#register.spec;
    if (!accessClass(access).reads || access === 'fifo') throw this.#forbidden('write-only', 'cannot be read');
  }

  #require(...classes: readonly Access[]): void {
    if (!classes.includes(this.#register.spec.access)) throw this.#forbidden('read-only', 'cannot be written that way');
  }

  #forbidden(code: 'read-only' | 'write-only', what: string): RegisterError {
    return new RegisterError(code, `${this.#name} is declared '${this.#register.spec.access}': it ${what}.`);
  }

  /** Bad input is the port's to refuse: a transaction must fail even when the driver does not await the write. */
  #checked<T>(run: () => Promise<T>): Promise<T> {
    try {
      return run();
    } catch (error) {
      return this.#port.refuse(error as Error);
    }
  }
}
