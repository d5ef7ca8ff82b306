import { survey, type Survey } from './exact.js';

/** What each field leads to, looked through when it is asked for. */
export class Reach {
  readonly #surveys = new Map<string, Survey>();
  readonly #owner: string;
  readonly #read: (name: string) => unknown;

  constructor(owner: string, read: (name: string) => unknown) {
    this.#owner = owner;
    this.#read = read;
  }

  of(name: string): Survey {
    let found = this.#surveys.get(name);
    if (!found) this.#surveys.set(name, (found = survey(`${this.#owner}.${name}`, this.#read(name))));
    return found;
  }

  /** The field holds something else now, or the same objects lead elsewhere. */
  changed(name: string): void {
    this.#surveys.delete(name);
  }

  /**
   * These fields and all that share an object with one of them, directly or over others: they cross together, or the one
   * object would become two.
   */
  together(names: Iterable<string>, all: readonly string[]): string[] {
    const group = new Set(names);
    const shared = new Set<object>();
    for (const name of group) for (const object of this.of(name).objects) shared.add(object);
    if (shared.size === 0) return [...group];
    for (let found = true; found;) {
      found = false;
      for (const name of all) {
        if (group.has(name)) continue;
        const { objects } = this.of(name);
        if (![...objects].some((object) => shared.has(object))) continue;
        group.add(name);
        for (const object of objects) shared.add(object);
        found = true;
      }
    }
    return [...group];
  }
}
