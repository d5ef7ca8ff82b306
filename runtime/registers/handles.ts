import { RegisterError } from '../errors.js';
import { Command, type CommandHandle } from './command.js';
import { compile } from './compile.js';
import type { PeripheralSpec } from './definition.js';
import type { RegisterHandles } from './operations.js';
import { Register, type RegisterPort } from './register.js';
import { RegisterArray } from './register-array.js';

/** Carries the definition of a peripheral on its handle. */
export const SPEC: unique symbol = Symbol('fgft.spec');

/** Any peripheral's handle. */
export interface AnyHandle {
  readonly [SPEC]: PeripheralSpec;
}

/** A peripheral as a driver sees it: its registers and commands by name. */
export type Handle<S extends PeripheralSpec> = { readonly [SPEC]: S } & {
  readonly [Name in keyof S['registers']]: RegisterHandles<S['registers'][Name]>;
} & {
  readonly [Name in Extract<keyof NonNullable<S['commands']>, string>]: CommandHandle<NonNullable<S['commands']>[Name]>;
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
      const known = [...peripheral.registers.keys(), ...peripheral.commands.keys()].join(', ');
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
        return new RegisterArray(this[PORT], peripheral, registers);
      },
    });
  }
  for (const [name, command] of peripheral.commands) {
    Object.defineProperty(prototype, name, {
      enumerable: true,
      get(this: Attached) {
        return new Command(this[PORT], peripheral, command);
      },
    });
  }
  return prototype;
}
