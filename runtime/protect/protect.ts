import type { BoardSession } from '../board.js';
import { joinTransaction, runAsTransaction } from '../call.js';
import { Driver } from '../driver.js';
import type { EntryPointOptions } from '../entry-point.js';
import { ProtectError } from '../errors.js';
import { isDriver, isObject, isPlainObject, markAsDriver, ObjectView, StateError } from '../state/index.js';
import type { Scope } from '../scope.js';
import { CallScope } from './call-scope.js';

/** How an object is protected. */
export interface ProtectPolicy extends Pick<EntryPointOptions, 'deadline'> {
  /** The board on which its calls are transactions. */
  readonly board: BoardSession;
  /** What to call the object in errors and traces; the name of its class if left out. */
  readonly name?: string;
  /** Fields that are used as they are, and not rolled back: what they hold has no copy, or a state of its own. */
  readonly shared?: readonly PropertyKey[];
}

type Code = (...args: never[]) => unknown;

/** The names of an object's methods. */
export type MethodName<T> = { [Name in keyof T]-?: T[Name] extends Code ? Name : never }[keyof T];

type EntryPoint<Method> = Method extends (...args: infer Args) => infer Result
  ? Result extends Promise<unknown>
    ? Method
    : (...args: Args) => Promise<Result>
  : never;

/** The object, whose protected methods all return promises. */
export type Protected<T, Name extends keyof T> = {
  [Each in keyof T]: Each extends Name ? EntryPoint<T[Each]> : T[Each];
};

/** The call that a view belongs to. */
interface Running {
  readonly transaction: Scope;
  readonly scope: CallScope;
}

const running = new WeakMap<object, Running>();

/**
 * Makes methods of any object entry points: each call of one is a transaction, in which the object's own fields and the
 * registers that it reaches through ports in its fields change together, or not at all. The other methods stay native.
 *
 * Returns the same object, with an own property for each of these methods; its class, and other objects of it, stay as
 * they are. See docs/protect-a-driver.md for what cannot be seen from outside. Throws ProtectError.
 */
export function protect<T extends object, const Name extends MethodName<T>>(
  driver: T,
  methods: readonly Name[],
  policy: ProtectPolicy,
): Protected<T, Name> {
  const name = policy.name ?? nameOf(driver);
  checkObject(driver, name);
  const codes = methods.map((method) => codeOf(driver, name, method));
  const subject: Subject = {
    ...policy,
    driver,
    name,
    shared: new Set(policy.shared),
  };
  markAsDriver(driver);
  methods.forEach((method, index) => {
    Object.defineProperty(driver, method, {
      value: asEntryPoint(subject, `${name}.${String(method)}`, codes[index]!),
      enumerable: Object.prototype.propertyIsEnumerable.call(driver, method),
      configurable: true,
      writable: true,
    });
  });
  return driver as Protected<T, Name>;
}

interface Subject extends Omit<ProtectPolicy, 'shared'> {
  readonly driver: object;
  readonly name: string;
  readonly shared: ReadonlySet<PropertyKey>;
}

type AnyCode = (this: unknown, ...args: unknown[]) => unknown;

function asEntryPoint({ driver, name, shared, ...policy }: Subject, call: string, code: AnyCode): AnyCode {
  return function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const outer = running.get(this as object);
    if (outer) {
      const joined = joinTransaction(outer.transaction, call, () => run(call, () => code.apply(this, args)));
      return outer.scope.join(call, joined);
    }
    return runAsTransaction({ ...policy, name: call, drivers: [driver] }, (transaction) => {
      const scope = new CallScope(policy.board, transaction);
      let view: ObjectView<object> | undefined;
      return {
        async run() {
          view = new ObjectView(driver, {
            name,
            shared,
            standIns: scope,
            onStray: ({ path }) => transaction.transaction.refusedState(path),
          });
          const { self } = view;
          running.set(self, { transaction, scope });
          const bound = args.map((arg) => (isObject(arg) && scope.for(arg)) || arg);
          const result = await run(call, () => code.apply(self, bound));
          await scope.settled();
          if (!isObject(result)) return result;
          return result === self ? driver : scope.originalOf(result);
        },
        prepare() {
          const commitState = view!.prepare();
          return () => {
            commitState();
            scope.commit();
          };
        },
        async discard() {
          await scope.abandoned();
          view?.discard();
        },
        ended: () => scope.end(),
      };
    });
  };
}

/** How engines and compilers say that an object has no such #private field, because it is the view. */
const PRIVATE = /private (member|field|method|element|name)|receiver must be an instance of class/i;

async function run(call: string, code: () => unknown): Promise<unknown> {
  try {
    return await code();
  } catch (cause) {
    if (!(cause instanceof TypeError && PRIVATE.test(cause.message))) throw cause;
    throw new StateError(
      'private-state',
      call,
      `${call} uses #private fields, of the driver or of an object that it holds, and nobody can see or roll those back from outside. ` +
        "Leave the method native; or, if the fields are those of an object that it holds, name that field in the policy's `shared`.",
      { cause },
    );
  }
}

function nameOf(driver: object): string {
  const { constructor } = driver as { constructor?: { name?: string } };
  return constructor?.name ?? 'Object';
}

function checkObject(driver: object, name: string): void {
  if (isDriver(driver) || driver instanceof Driver) {
    throw new ProtectError('already-protected', `${name} has entry points already: protect all its methods at once.`);
  }
  if (!isPlainObject(driver) || !Object.isExtensible(driver)) {
    throw new ProtectError(
      'no-view',
      `${name} cannot be protected: ${Object.isExtensible(driver) ? 'it is of a class of the platform, whose state no view can show' : 'nothing can be added to it, because it is frozen'}. Protect an object that holds it.`,
    );
  }
}

/** Arrow functions and bound ones have no `prototype`, nor have methods; their text tells them apart. */
const ARROW = /^(async\b\s*)?(\([^]*?\)|[\w$]+)\s*=>/;
const BOUND = /\{\s*\[native code\]\s*\}$/;

function codeOf(driver: object, name: string, method: PropertyKey): AnyCode {
  const code: unknown = Reflect.get(driver, method);
  const call = `${name}.${String(method)}`;
  if (typeof code !== 'function') throw new ProtectError('no-method', `${call} is not a method: ${typeof code}.`);
  const text = Function.prototype.toString.call(code);
  if (!Object.hasOwn(code, 'prototype') && (ARROW.test(text) || BOUND.test(text))) {
    throw new ProtectError(
      'fixed-this',
      `${call} is an arrow function or a bound one: it would change the object itself, past any view of it. Protect a method of the class instead.`,
    );
  }
  return code as AnyCode;
}
