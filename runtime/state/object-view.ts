/**
 * A view of all own fields of any object, for code that declares nothing. The entry point runs with `this` = `self`, a
 * stand-in that has the object's prototype and fields; what it reads is copied on first touch, and new, changed and
 * deleted fields come into the object at the commit, or not at all.
 */
import { backUp, backUpProperties, planRestore } from './backup.js';
import type { NamedValue } from './backup.js';
import { copyOf, noCopies } from './copy.js';
import type { Copies } from './copy.js';
import { StateError } from './errors.js';
import { nameOfObstacle } from './kind-of.js';
import { ordinary } from './kinds.js';
import { pathTo } from './path.js';
import { isObject } from './properties.js';
import type { SavedState } from './savepoint.js';
import { markAsDriver } from './storage.js';
import { planWriteBack } from './write-back.js';

export interface StandIns {
  /** From each original so far. */
  readonly of: ReadonlyMap<object, object>;
  /** The object that takes the place of this one; itself if it stands in for another; undefined: a copy does. */
  for(value: object): object | undefined;
  /** The other way round; an object that stands in for none is itself. */
  originalOf(value: object): object;
}

export interface ObjectViewOptions {
  /** What to call the object in messages: `PCA9685`. */
  readonly name: string;
  /** Fields that are used as they are, and are not state. */
  readonly shared: ReadonlySet<PropertyKey>;
  /** What takes the places of objects in the view without being copies of them. */
  readonly standIns: StandIns;
  /** Told before work that the entry point has left behind is refused. */
  onStray(error: StateError): void;
}

const describe = (name: string, key: PropertyKey): string =>
  typeof key === 'symbol' ? `${name}[${String(key)}]` : `${name}.${key}`;

/** The state of one object as one entry point sees it. */
export class ObjectView<T extends object> implements ProxyHandler<T> {
  /** `this` of the entry point. */
  readonly self: T;
  readonly savepoints: SavedState[] = [];
  /** Why what the entry point has made of the object cannot be committed. */
  spoiled: StateError | undefined;
  readonly #target: T;
  readonly #options: ObjectViewOptions;
  /** What is behind `self`: a real object, so that the language keeps its invariants for us. */
  readonly #shell: T;
  readonly #copies: Copies;
  /** Fields of the shell that still hold the live object. */
  readonly #pending = new Set<PropertyKey>();
  /** Once the entry point has ended: the fields that there were. */
  #ended: ReadonlySet<PropertyKey> | undefined;

  /** Throws StateError where a constant field holds what cannot be copied: there is no later time to copy it. */
  constructor(target: T, options: ObjectViewOptions) {
    this.#target = target;
    this.#options = options;
    this.#shell = Object.create(Reflect.getPrototypeOf(target)) as T;
    this.self = new Proxy(this.#shell, this);
    markAsDriver(this.self);
    this.#copies = {
      ...noCopies(target, this.self),
      standInFor: (value) => options.standIns.for(value),
      homeOf: (value) => (value === this.self || value === this.#shell ? target : undefined),
    };
    this.#copies.pairs.push({ kind: ordinary, original: target, copy: this.#shell, regular: false });
    for (const key of Reflect.ownKeys(target)) {
      const property = Reflect.getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
      if (isObject(property.value) && !options.shared.has(key)) {
        if (property.configurable === true || property.writable === true) this.#pending.add(key);
        else property.value = this.#copy(key, property.value);
      }
      Reflect.defineProperty(this.#shell, key, property);
    }
    if (!Object.isExtensible(target)) Reflect.preventExtensions(this.#shell);
  }

  get name(): string {
    return this.#options.name;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /**
   * The first half of a commit: ends the view, unless a StateError says what cannot be kept. The function that it
   * returns is the second half: it writes, and cannot fail.
   */
  prepare(): () => void {
    if (this.spoiled !== undefined) throw this.spoiled;
    const copies = { ...this.#copies, asIs: this.#untouched() };
    // Those that came up in the call may be anywhere in what it leaves behind.
    for (const [original, standIn] of this.#options.standIns.of) copies.of.set(original, standIn);
    const plan = planWriteBack(copies, [], {
      notCopyable: (obstacle) => {
        throw this.#notCopyable(this.#pathOf(obstacle), obstacle);
      },
      pinnedDown: (original) => {
        const path = this.#pathOf(this.#copies.of.get(original) ?? original);
        throw new StateError(
          'state-conflict',
          path,
          `${path} was frozen, sealed or detached by a native call while an entry point was using it. ` +
            'Nothing was committed: call the entry point again.',
        );
      },
    });
    this.discard();
    return () => plan.apply();
  }

  /** Ends the view; the object was never touched. */
  discard(): void {
    this.savepoints.length = 0;
    this.#ended = new Set(Reflect.ownKeys(this.#shell));
    // Stray work may hold on to the view for long; it must not hold the copies as well.
    for (const key of this.#ended) Reflect.deleteProperty(this.#shell, key);
    this.#copies.of.clear();
    this.#copies.buffers.clear();
    this.#copies.pairs.length = 0;
  }

  /** Remembers the fields, and all that they lead to, for a savepoint. Throws StateError for what has no exact copy. */
  save(): SavedState['planRevert'] {
    const copies = { ...this.#copies, asIs: this.#untouched() };
    const planFields = backUpProperties(this.#shell);
    const pending = [...this.#pending];
    const fields = Reflect.ownKeys(this.#shell)
      .filter((key) => !this.#pending.has(key) && !this.#isShared(key))
      .map((key): NamedValue => [describe(this.name, key), Reflect.getOwnPropertyDescriptor(this.#shell, key)?.value]);
    const backup = backUp(copies, fields, (obstacle) => {
      throw this.#notCopyable(this.#pathOf(obstacle), obstacle);
    });
    return (refuse) => {
      const restoreFields = planFields(() => refuse(this.name));
      const restore = planRestore(backup, (path) => refuse(path ?? this.name));
      return () => {
        restore();
        restoreFields();
        this.#updateShared();
        for (const key of pending) this.#pending.add(key);
      };
    };
  }

  get(shell: T, key: PropertyKey, receiver: unknown): unknown {
    if (this.#ended) {
      // Methods are code; they fail when they come to the state.
      const prototype = Reflect.getPrototypeOf(shell);
      if (prototype && key in prototype) return Reflect.get(prototype, key, receiver);
      return this.#ended.has(key) ? this.#refuseStray(key) : undefined;
    }
    if (this.#isShared(key)) return Reflect.get(this.#target, key);
    this.#touch(key);
    return Reflect.get(shell, key, receiver);
  }

  set(shell: T, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    if (this.#ended) this.#refuseStray(key);
    if (this.#isShared(key)) {
      return Reflect.set(this.#target, key, isObject(value) ? this.#options.standIns.originalOf(value) : value);
    }
    const own = Reflect.getOwnPropertyDescriptor(shell, key);
    // Not by way of `receiver`, which would be asked for the old value: that may be what has no copy.
    if (receiver !== this.self || own?.writable === undefined) return Reflect.set(shell, key, value, receiver);
    return own.writable && this.defineProperty(shell, key, { value });
  }

  has(shell: T, key: PropertyKey): boolean {
    if (this.#ended) this.#refuseStray(key);
    return Reflect.has(this.#isShared(key) ? this.#target : shell, key);
  }

  deleteProperty(shell: T, key: PropertyKey): boolean {
    if (this.#ended) this.#refuseStray(key);
    if (this.#isShared(key)) Reflect.deleteProperty(this.#target, key);
    const deleted = Reflect.deleteProperty(shell, key);
    if (deleted) this.#pending.delete(key);
    return deleted;
  }

  defineProperty(shell: T, key: PropertyKey, property: PropertyDescriptor): boolean {
    if (this.#ended) this.#refuseStray(key);
    if (!('value' in property)) this.#touch(key);
    const seen = 'value' in property ? { ...property, value: this.#seen(property.value) } : property;
    const defined = Reflect.defineProperty(shell, key, seen);
    if (defined) this.#pending.delete(key);
    return defined;
  }

  getOwnPropertyDescriptor(shell: T, key: PropertyKey): PropertyDescriptor | undefined {
    if (this.#ended) this.#refuseStray(key);
    this.#touch(key);
    return Reflect.getOwnPropertyDescriptor(shell, key);
  }

  ownKeys(shell: T): (string | symbol)[] {
    if (this.#ended) this.#refuseStray('(all fields)');
    return Reflect.ownKeys(shell);
  }

  #isShared(key: PropertyKey): boolean {
    return this.#options.shared.has(key);
  }

  #updateShared(): void {
    for (const key of this.#options.shared) {
      const property = Reflect.getOwnPropertyDescriptor(this.#target, key);
      if (property) Reflect.defineProperty(this.#shell, key, property);
      else Reflect.deleteProperty(this.#shell, key);
    }
  }

  /** What is in the fields that are no copies; those that are shared are brought up to date. */
  #untouched(): ReadonlySet<object> {
    this.#updateShared();
    const values = [...this.#pending, ...this.#options.shared].map(
      (key): unknown => Reflect.getOwnPropertyDescriptor(this.#shell, key)?.value,
    );
    return new Set(values.filter(isObject));
  }

  /** Puts the copy in the place of the live object. */
  #touch(key: PropertyKey): void {
    if (!this.#pending.has(key)) return;
    const live = Reflect.getOwnPropertyDescriptor(this.#shell, key)?.value as object;
    Reflect.defineProperty(this.#shell, key, { value: this.#copy(key, live) });
    this.#pending.delete(key);
  }

  #copy(key: PropertyKey, live: object): object {
    return copyOf(this.#copies, live, (obstacle) => {
      const root = describe(this.#options.name, key);
      const path = pathTo([[root, live]], obstacle, (object) => object) ?? root;
      throw this.#notCopyable(path, obstacle);
    });
  }

  /** What the view shows of a value that is stored into it. */
  #seen(value: unknown): unknown {
    if (!isObject(value)) return value;
    return this.#copies.of.get(value) ?? this.#options.standIns.for(value) ?? value;
  }

  #pathOf(target: object): string {
    const { of } = this.#copies;
    const fields = Reflect.ownKeys(this.#shell).map((key): [string, unknown] => [
      describe(this.#options.name, key),
      Reflect.getOwnPropertyDescriptor(this.#shell, key)?.value,
    ]);
    return pathTo(fields, target, (object) => of.get(object) ?? object) ?? this.#options.name;
  }

  #notCopyable(path: string, obstacle: object): StateError {
    return new StateError(
      'state-not-copyable',
      path,
      `${path} is ${nameOfObstacle(obstacle)}, of which no exact copy can be made to roll back to. ` +
        "Name the field in the policy's `shared`: it is then used as it is, and not rolled back.",
    );
  }

  #refuseStray(key: PropertyKey): never {
    const path = describe(this.#options.name, key);
    const error = new StateError(
      'stray-state-access',
      path,
      `${path} was accessed by work that an entry point had left behind when it ended. ` +
        'Await all work inside the entry point, or leave the method native.',
    );
    this.#options.onStray(error);
    throw error;
  }
}
