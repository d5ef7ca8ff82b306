import { runAsTransaction } from './call.js';
import { TRANSACTION, viewIn, WORKER, type Driver } from './driver.js';
import { checkInvariants } from './invariant.js';
import { PROTECTION, startPolicy, type Isolation, type Policy, type PolicyState } from './policy.js';
import { validate, type StandardSchema } from './schema.js';
import type { Scope } from './scope.js';
import {
  discardState,
  openSavepoint,
  openStateView,
  prepareState,
  releaseSavepoint,
  revertSavepoint,
  STATE_VIEW,
  type StateSavepoint,
} from './state/index.js';

export interface EntryPointOptions {
  /** Milliseconds after which the call fails and is rolled back, even if it never returns. */
  readonly deadline?: number;
  /** How calls are protected, unless whoever deploys the driver says otherwise; `worker` if left out. */
  readonly policy?: Policy;
  /** What each argument must be, in their order. A call with others fails before it begins. */
  readonly args?: readonly StandardSchema[];
  /** What the result must be. A call with another is undone. */
  readonly result?: StandardSchema;
}

type Method<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Promise<Result>;
type EntryPointDecorator = <This extends Driver, Args extends unknown[], Result>(
  method: Method<This, Args, Result>,
  context: ClassMethodDecoratorContext<This, Method<This, Args, Result>>,
) => Method<This, Args, Result>;

/** Makes a method an entry point: each call is a transaction. `@entryPoint` or `@entryPoint({ deadline: 500 })`. */
export function entryPoint<This extends Driver, Args extends unknown[], Result>(
  method: Method<This, Args, Result>,
  context: ClassMethodDecoratorContext<This, Method<This, Args, Result>>,
): Method<This, Args, Result>;
export function entryPoint(options: EntryPointOptions): EntryPointDecorator;
export function entryPoint(...args: [EntryPointOptions] | Parameters<EntryPointDecorator>): unknown {
  if (args.length === 1) {
    const [options] = args;
    const decorate: EntryPointDecorator = (method, context) => asEntryPoint(method, String(context.name), options);
    return decorate;
  }
  const [method, context] = args;
  return asEntryPoint(method, String(context.name), {});
}

/** The names of a driver's methods that may be entry points. */
type MethodNames<T> = {
  [Name in keyof T]: T[Name] extends (...args: never[]) => Promise<unknown> ? Name : never;
}[keyof T];

/** By driver: the policies of its entry points at work, by name. */
const policies = new WeakMap<object, Map<PropertyKey, PolicyState>>();

/** Decides about the protection of a driver's entry points, whatever their author has said. Takes effect with the next calls. */
export function setPolicies<T extends Driver>(driver: T, chosen: { readonly [Name in MethodNames<T>]?: Policy }): void {
  for (const [name, policy] of Object.entries<Policy | undefined>(chosen as Record<string, Policy>))
    if (policy) policiesOf(driver).set(name, startPolicy(policy));
}

function policiesOf(driver: object): Map<PropertyKey, PolicyState> {
  let known = policies.get(driver);
  if (!known) policies.set(driver, (known = new Map()));
  return known;
}

function policyOf(driver: object, name: string, declared: Policy): PolicyState {
  const known = policiesOf(driver);
  let state = known.get(name);
  if (!state) known.set(name, (state = startPolicy(declared)));
  return state;
}

/** An entry point as it was written. */
interface Written<Args extends unknown[], Result> {
  readonly name: string;
  readonly method: (this: never, ...args: Args) => Promise<Result>;
  readonly options: EntryPointOptions;
}

/** Entry points as they were written, by what was made of them. */
const codes = new WeakMap<object, unknown>();

/** What an entry point of this name runs, without the transaction; undefined if the driver has none. */
export function codeOf(driver: Driver, name: string): ((...args: never[]) => unknown) | undefined {
  const method: unknown = Reflect.get(driver, name);
  return typeof method === 'function' ? (codes.get(method) as ReturnType<typeof codeOf>) : undefined;
}

function asEntryPoint<This extends Driver, Args extends unknown[], Result>(
  method: Method<This, Args, Result>,
  name: string,
  options: EntryPointOptions,
): Method<This, Args, Result> {
  const written: Written<Args, Result> = { name, method, options };
  const entry = async function (this: This, ...args: Args): Promise<Result> {
    if (this[TRANSACTION]) return nestedCall(this, this[TRANSACTION], written, args);
    const policy = policyOf(this, name, options.policy ?? PROTECTION);
    const isolation = policy.choose(args, this.board.environment);
    try {
      const result = await (isolation === 'native'
        ? method.apply(this, args)
        : protectedCall(this, written, args, isolation));
      policy.ended?.(false);
      return result;
    } catch (error) {
      policy.ended?.(true);
      throw error;
    }
  };
  codes.set(entry, method);
  return entry;
}

function protectedCall<Args extends unknown[], Result>(
  driver: Driver,
  { name, method, options }: Written<Args, Result>,
  args: Args,
  isolation: Isolation,
): Promise<Result> {
  const call = { board: driver.board, deadline: options.deadline, name: nameOf(driver, name), drivers: [driver] };
  return runAsTransaction(call, (scope) => {
    const worker = isolation === 'worker' ? driver[WORKER] : undefined;
    if (worker) {
      return worker.begin(scope, name, {
        args: () => checkedArgs(call.name, options, args),
        result: (result) => checkedResult(call.name, options, result as Result),
      });
    }
    const state = openStateView(driver);
    const view = viewIn(driver, scope);
    view[STATE_VIEW] = state;
    return {
      run: async () => {
        // What has no schema is not waited for: each wait costs every call.
        const checked = options.args ? await checkedArgs(call.name, options, args) : args;
        const result = await method.apply(view as never, checked);
        return options.result ? checkedResult(call.name, options, result) : result;
      },
      prepare: () => {
        const checking = checkInvariants(driver, view);
        return checking ? checking.then(() => prepareState(state)) : prepareState(state);
      },
      discard: () => discardState(state),
    };
  });
}

/** Called by another entry point of the same driver: what it does can be undone alone, and is part of what that one does. */
function nestedCall<Args extends unknown[], Result>(
  view: Driver,
  outer: Scope,
  { name, method, options }: Written<Args, Result>,
  args: Args,
): Promise<Result> {
  const call = nameOf(view, name);
  let savepoint: StateSavepoint;
  const run = async (scope: Scope): Promise<Result> => {
    const nested = viewIn(view, scope);
    // What the nested call leaves behind when it ends is refused the state, even while its caller still has it.
    nested[STATE_VIEW] = savepoint;
    const result = await method.apply(nested as never, await checkedArgs(call, options, args));
    return checkedResult(call, options, result);
  };
  return outer.nested(call, run, () => {
    savepoint = openSavepoint(view[STATE_VIEW]!);
    return { release: () => releaseSavepoint(savepoint), revert: () => revertSavepoint(savepoint) };
  });
}

const nameOf = (driver: Driver, method: string): string => `${driver.constructor.name}.${method}`;

async function checkedArgs<Args extends unknown[]>(
  call: string,
  options: EntryPointOptions,
  args: Args,
): Promise<Args> {
  if (!options.args) return args;
  const checked: unknown[] = [...args];
  for (const [index, schema] of options.args.entries())
    checked[index] = await validate('argument-schema', `Argument ${index + 1} of ${call}`, schema, args[index]);
  return checked as Args;
}

async function checkedResult<Result>(
  call: string,
  { result: schema }: EntryPointOptions,
  result: Result,
): Promise<Result> {
  return schema ? ((await validate('result-schema', `The result of ${call}`, schema, result)) as Result) : result;
}
