import type { Driver } from './driver.js';
import { TransactionError } from './errors.js';

type Check = (this: never) => boolean | Promise<boolean>;

/** By driver: what must hold whenever no call is running, by name. */
const invariants = new WeakMap<object, Map<string, Check>>();

/**
 * Declares what must hold when an entry point of the driver ends: a method that returns whether it does. It sees state and
 * registers as the call would leave them; where it returns false, or throws, the call fails and is undone.
 */
export function invariant<This extends Driver>(
  check: (this: This) => boolean | Promise<boolean>,
  context: ClassMethodDecoratorContext<This, (this: This) => boolean | Promise<boolean>>,
): void {
  context.addInitializer(function (this: This) {
    const declared = invariants.get(this) ?? new Map<string, Check>();
    invariants.set(this, declared.set(String(context.name), check));
  });
}

/** Checks everything that was declared, as `view` sees it; at once (undefined) where that is nothing. */
export function checkInvariants(driver: Driver, view: object): Promise<void> | undefined {
  const declared = invariants.get(driver);
  return declared && checkAll(driver, view, declared);
}

async function checkAll(driver: Driver, view: object, declared: ReadonlyMap<string, Check>): Promise<void> {
  for (const [name, check] of declared) {
    const what = `The invariant ${driver.constructor.name}.${name}`;
    let holds: boolean;
    try {
      holds = await check.call(view as never);
    } catch (cause) {
      throw new TransactionError('invariant', `${what} could not be checked.`, { cause });
    }
    if (!holds) throw new TransactionError('invariant', `${what} does not hold.`);
  }
}

/** The names of what was declared. */
export const invariantsOf = (driver: Driver): readonly string[] => [...(invariants.get(driver)?.keys() ?? [])];

/** Declares methods of a driver that was not constructed. */
export function adoptInvariants(driver: Driver, names: readonly string[]): void {
  invariants.set(driver, new Map(names.map((name) => [name, Reflect.get(driver, name) as Check])));
}
