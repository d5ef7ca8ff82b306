/** What the worker knows of a driver's fields, and what it has to be told before a call. */
import type { Driver } from '../driver.js';
import { nameOfField, storageOf } from '../state/storage.js';
import { notTransferable } from './errors.js';
import { survey } from './exact.js';
import { Reach } from './groups.js';
import type { Fields } from './messages.js';
import { isSame, knownPairs, notingPairs, type Pairs } from './same.js';

/** No value that a field could have. */
const NEVER = Symbol('never sent');

interface Exposure {
  /** Code on this side may hold the object, and change it at any time. */
  exposed: boolean;
}

interface Field {
  live: unknown;
  /** What the worker has: the same primitive, or a copy of this object as it was. */
  sent: unknown;
  /** Shared by the fields that came in one message: they may share objects. */
  exposure: Exposure;
  /** The object as it was sent, to compare with; only of one that is exposed. */
  shadow: unknown;
  withheld: boolean;
}

/**
 * The fields of one kind of a driver. Assignments are seen where they happen. An object that came from the worker and that
 * nobody here has read since is unchanged; any other is compared with a copy of what was sent.
 */
export class SentFields {
  readonly #fields = new Map<string, Field>();
  /** The copies that shadows consist of. */
  readonly #shadows = new WeakMap<object, object>();
  readonly #owner: string;
  readonly #reach: Reach;

  constructor(owner: string) {
    this.#owner = owner;
    this.#reach = new Reach(owner, (name) => this.#fields.get(name)!.live);
  }

  /** Follows the `@state` fields of a driver from now on. */
  watchState(driver: Driver): void {
    const storage = storageOf(driver) as Record<symbol, unknown> | undefined;
    for (const slot of storage ? (Reflect.ownKeys(storage) as symbol[]) : []) {
      const name = nameOfField(slot);
      if (this.#fields.has(name)) throw new TypeError(`${this.#owner} declares two state fields named ${name}.`);
      const field = this.#add(name, storage![slot]);
      Object.defineProperty(storage, slot, {
        enumerable: true,
        configurable: true,
        get() {
          field.exposure.exposed = true;
          return field.live;
        },
        set(value) {
          field.live = value;
          field.exposure = { exposed: true };
        },
      });
    }
  }

  /** Looks at the other own properties of a driver as they are now. */
  lookAt(driver: Driver): void {
    for (const name of Object.keys(driver)) {
      if (name === 'board') continue;
      const live: unknown = Reflect.get(driver, name);
      const field = this.#fields.get(name) ?? this.#add(name, live);
      field.live = live;
    }
  }

  /** A new thread knows nothing. */
  forget(names: Iterable<string> = this.#fields.keys()): void {
    for (const name of names) {
      const field = this.#fields.get(name);
      if (field) field.sent = NEVER;
    }
  }

  /** What has changed since the worker was last told, as it will be told now. */
  takeChanges(): Fields {
    const pairs = knownPairs((original) => this.#shadows.get(original));
    let objects = false;
    const changed: string[] = [];
    for (const [name, field] of this.#fields) {
      if (!hasChanged(field, pairs)) continue;
      changed.push(name);
      if (typeof field.live === 'object' && field.live !== null) objects = true;
    }
    if (changed.length === 0) return NOTHING;
    // What code on this side can reach may lead anywhere by now.
    for (const [name, { exposure }] of this.#fields) if (exposure.exposed) this.#reach.changed(name);
    return this.#send(objects ? this.#withSharing(changed) : changed);
  }

  /** Takes over what a call in the worker has changed. */
  accept(changes: readonly (readonly [name: string, value: unknown])[]): void {
    const exposure: Exposure = { exposed: false };
    for (const [name, value] of changes) {
      this.#reach.changed(name);
      const field = this.#fields.get(name)!;
      Object.assign(field, { live: value, sent: value, exposure, shadow: undefined, withheld: false });
    }
  }

  has(name: unknown): boolean {
    return typeof name === 'string' && this.#fields.has(name);
  }

  #add(name: string, live: unknown): Field {
    const field: Field = { live, sent: NEVER, exposure: { exposed: true }, shadow: undefined, withheld: false };
    this.#fields.set(name, field);
    return field;
  }

  #withSharing(changed: readonly string[]): string[] {
    return this.#reach.together(changed, [...this.#fields.keys()]);
  }

  #send(names: readonly string[]): Fields {
    const obstacles = new Map<string, string>();
    for (const name of names) {
      const { obstacle } = this.#reach.of(name);
      if (obstacle) obstacles.set(name, `${obstacle.what} (at ${obstacle.path})`);
    }
    // What shares an object with a field that cannot be sent cannot be sent either.
    const hindered = obstacles.size > 0 ? new Set(this.#reach.together(obstacles.keys(), names)) : new Set<string>();
    const values = names
      .filter((name) => !hindered.has(name))
      .map((name) => [name, this.#fields.get(name)!.live] as const);
    const shadowed = values.filter(([name, live]) => this.#needsShadow(name, live));
    const copies = structuredClone(shadowed);
    isSame(shadowed, copies, notingPairs(this.#shadows));
    const shadows = new Map(copies);
    for (const [name, live] of values) {
      Object.assign(this.#fields.get(name)!, { sent: live, shadow: shadows.get(name), withheld: false });
    }
    const withheld = [...hindered].map((name): [string, string] => {
      Object.assign(this.#fields.get(name)!, { sent: this.#fields.get(name)!.live, withheld: true });
      return [name, obstacles.get(name) ?? 'something that shares an object with a field that cannot be sent'];
    });
    return { values, withheld };
  }

  #needsShadow(name: string, live: unknown): boolean {
    return typeof live === 'object' && live !== null && this.#fields.get(name)!.exposure.exposed;
  }
}

const NOTHING: Fields = { values: [], withheld: [] };

function hasChanged({ live, sent, exposure, shadow, withheld }: Field, pairs: Pairs): boolean {
  if (typeof live !== 'object' || live === null || live !== sent) return !Object.is(live, sent);
  // What could not be sent may have become something that can.
  if (withheld) return true;
  return exposure.exposed && (shadow === undefined || !isSame(live, shadow, pairs));
}

/** The arguments or the result of a call, if they can be sent. */
export function requireTransferable(where: string, value: unknown): void {
  if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol') return;
  const { obstacle } = survey(where, value);
  if (obstacle) throw notTransferable(obstacle.path, obstacle.what);
}
