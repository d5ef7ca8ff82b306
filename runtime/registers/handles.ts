import { RegisterError } from '../errors.js';
import type { Op, OpResult, Place } from '../link/ops.js';
import { WAIT_MAX_US } from '../link/protocol.js';
import { compile, type CompiledPeripheral, type CompiledRegister } from './compile.js';
import { accessClass, type Access } from './access.js';
import { allBits, hex, type FieldSpec, type PeripheralSpec, type RegisterSpec } from './definition.js';
import { checkRange, decodeFields, encodeFields } from './values.js';

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
  /** Bad input found before anything was sent. */
  refuse(error: RegisterError): Promise<never>;
}

type Fields<R extends RegisterSpec> = NonNullable<R['fields']>;
type HasFields<R extends RegisterSpec> = R extends { readonly fields: object } ? true : false;

type WrittenValue<F extends FieldSpec> = F extends { readonly flag: true }
  ? boolean
  : F extends { readonly values: infer Names }
    ? Extract<keyof Names, string>
    : number;
type ReadValue<F extends FieldSpec> = F extends { readonly values: object }
  ? WrittenValue<F> | number
  : WrittenValue<F>;

type WritableField<F extends FieldSpec> = F extends { readonly access: 'ro' } ? never : F;

/** What a register reads as: its fields by name, or a number where it has none. */
export type ReadOf<R extends RegisterSpec> =
  HasFields<R> extends true ? { -readonly [Name in keyof Fields<R>]: ReadValue<Fields<R>[Name]> } : number;

/** What can be written to a register: some of its fields, or a number where it has none. */
export type WriteOf<R extends RegisterSpec> =
  HasFields<R> extends true
    ? {
        readonly [
          Name in keyof Fields<R> as WritableField<Fields<R>[Name]> extends never ? never : Name
        ]?: WrittenValue<Fields<R>[Name]>;
      }
    : number;

export interface Readable<R extends RegisterSpec> {
  read(): Promise<ReadOf<R>>;
  /** The register as an unsigned number. */
  readBits(): Promise<number>;
  /** Waits on the controller until the given fields have the given values; fails with `poll-timeout` after `timeoutUs`. */
  poll(values: WriteOf<R> | ReadOf<R>, timeoutUs: number): Promise<void>;
}

export interface Writable<R extends RegisterSpec> {
  /** Writes the whole register: fields that are not given get their reset value. */
  write(values: WriteOf<R>): Promise<void>;
  writeBits(bits: number): Promise<void>;
}

export interface Modifiable<R extends RegisterSpec> {
  /** Changes the given fields and no others, in one operation on the controller. */
  modify(values: WriteOf<R>): Promise<void>;
}

export interface Clearable<R extends RegisterSpec> {
  /** Clears the given flags by writing 1 to them, and touches no others. */
  clear(flags: WriteOf<R>): Promise<void>;
}

export interface Settable<R extends RegisterSpec> {
  /** Sets the given flags by writing 1 to them, and touches no others. */
  set(flags: WriteOf<R>): Promise<void>;
}

/** A stream of values behind one address. What was pushed cannot be taken back, nor what was pulled put back. */
export interface Stream {
  /** Appends values. Inside a transaction they leave with the commit, and not at all if it fails. */
  push(values: ArrayLike<number>): Promise<void>;
  /** Takes `count` values. Refused inside a transaction (`irrevocable`): a rollback could not put them back. */
  pull(count: number): Promise<Uint32Array>;
}

interface Operations<R extends RegisterSpec> {
  rw: Readable<R> & Writable<R> & Modifiable<R>;
  ro: Readable<R>;
  wo: Writable<R>;
  w1c: Readable<R> & Clearable<R>;
  w1s: Readable<R> & Settable<R>;
  w0c: Readable<R> & Clearable<R>;
  rc: Readable<R>;
  rs: Readable<R>;
  fifo: Stream;
  'write-once': Readable<R> & Writable<R>;
}

/** The operations that a register's access class allows; the others do not exist on the type. */
export type RegisterHandle<R extends RegisterSpec> = Operations<R>[R['access']];

/** One register, or an array of them where the definition has a `count`. */
type RegisterHandles<R extends RegisterSpec> = R extends { readonly count: number }
  ? readonly RegisterHandle<R>[]
  : RegisterHandle<R>;

/** Carries the definition of a peripheral on its handle. */
export const SPEC: unique symbol = Symbol('fgft.spec');

/** Any peripheral's handle. */
export interface AnyHandle {
  readonly [SPEC]: PeripheralSpec;
}

/** A peripheral as a driver sees it: its registers by name. */
export type Handle<S extends PeripheralSpec> = { readonly [SPEC]: S } & {
  readonly [Name in keyof S['registers']]: RegisterHandles<S['registers'][Name]>;
};

const PORT: unique symbol = Symbol('fgft.port');

type Attached = object & { [PORT]: RegisterPort };

const prototypes = new WeakMap<PeripheralSpec, object>();

/** Makes a handle of `spec` that works through `port`. Cheap: the prototype is made once, registers when they are used. */
export function attach<S extends PeripheralSpec>(spec: S, port: RegisterPort): Handle<S> {
  let prototype = prototypes.get(spec);
  if (!prototype) prototypes.set(spec, (prototype = makePrototype(spec)));
  const handle = Object.create(prototype) as Attached;
  handle[PORT] = port;
  return handle as unknown as Handle<S>;
}

/** Register names are upper case, so that a mistyped one is told from what frameworks look for (`then`, `toJSON`). */
const LOOKS_LIKE_A_REGISTER = /^[A-Z][A-Z0-9_]*$/;

function makePrototype(spec: PeripheralSpec): object {
  const peripheral = compile(spec);
  // At the end of the prototype chain, so it is asked only for names that do not exist.
  const undeclared = new Proxy(Object.create(null) as object, {
    get(_, name) {
      if (typeof name !== 'string' || !LOOKS_LIKE_A_REGISTER.test(name)) return undefined;
      const known = [...peripheral.registers.keys()].join(', ');
      throw new RegisterError('undeclared-register', `${spec.name} has no register ${name}. Registers: ${known}.`);
    },
  });
  const prototype = Object.create(undeclared, { [SPEC]: { value: spec } }) as object;
  for (const [name, registers] of peripheral.registers) {
    const [first] = registers;
    const single = first!.spec.count === undefined;
    Object.defineProperty(prototype, name, {
      enumerable: true,
      get(this: Attached) {
        if (single) return new Register(this[PORT], peripheral, first!);
        return registers.map((register) => new Register(this[PORT], peripheral, register));
      },
    });
  }
  return prototype;
}

type Values = Readonly<Record<string, unknown>> | number;

/** One register at work; which of its methods a caller sees is decided by `RegisterHandle`. */
class Register {
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
      const bits = this.#encode(values);
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
      this.#unlock();
      return this.#port.post({ op: 'masked', at: this.#place(), ...this.#encode(values) });
    });
  }

  clear(flags: Values): Promise<void> {
    return this.#checked(() => {
      this.#require('w1c', 'w0c');
      const { value } = this.#encode(flags);
      const bits = this.#register.spec.access === 'w1c' ? value : (allBits(this.#register.spec) & ~value) >>> 0;
      return this.#port.post({ op: 'write', at: this.#place(), value: bits });
    });
  }

  set(flags: Values): Promise<void> {
    return this.#checked(() => {
      this.#require('w1s');
      return this.#port.post({ op: 'write', at: this.#place(), value: this.#encode(flags).value });
    });
  }

  push(values: ArrayLike<number>): Promise<void> {
    return this.#checked(() => {
      this.#require('fifo');
      const largest = allBits(this.#register.spec);
      for (let i = 0; i < values.length; i++) checkRange(`${this.#name}[${i}]`, values[i], largest);
      return this.#port.defer({ op: 'writeFifo', at: this.#place(), values: Array.from(values) });
    });
  }

  pull(count: number): Promise<Uint32Array> {
    return this.#checked(() => {
      this.#require('fifo');
      checkRange(`How many values of ${this.#name}`, count, 0xff);
      return this.#port.ask({ op: 'readFifo', at: this.#place(), count }).then((values) => values as Uint32Array);
    });
  }

  /** Writes all bits that are ours; a register that is shared keeps the others. */
  #put(bits: number): Promise<void> {
    const { owned, spec } = this.#register;
    this.#require('rw', 'wo', 'write-once');
    this.#unlock();
    const at = this.#place();
    if (spec.access === 'write-once') return this.#port.defer({ op: 'write', at, value: bits });
    if (owned === allBits(spec)) return this.#port.post({ op: 'write', at, value: bits });
    return this.#port.post({ op: 'masked', at, mask: owned, value: (bits & owned) >>> 0 });
  }

  /** A locked register takes a write only right after its key. */
  #unlock(): void {
    const { unlock } = this.#register.spec;
    if (!unlock) return;
    const at = this.#placeOf(this.#peripheral.registers.get(unlock.register)![0]!);
    void this.#port.post({ op: 'write', at, value: unlock.value });
  }

  #encode(values: Values): { mask: number; value: number } {
    const { owned, spec } = this.#register;
    if (typeof values === 'number') {
      const value = checkRange(this.#name, values, allBits(spec));
      if ((value & ~owned) === 0) return { mask: owned, value };
      throw new RegisterError(
        'value-out-of-range',
        `${this.#name} owns only the bits ${hex(owned)}, not ${hex(value)}.`,
      );
    }
    return encodeFields(this.#name, spec, values);
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
      return this.#port.refuse(error as RegisterError);
    }
  }
}
