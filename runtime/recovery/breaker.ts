import type { Environment } from '../../transports/environment.js';
import { EntryPointError, RecoveryError, type FailureDetector } from '../errors.js';

/** When an entry point that keeps failing is left alone. */
export interface BreakerOptions {
  /** So many failures in a row. */
  readonly failures: number;
  /** For so long, in milliseconds; then one call is let through, and if it succeeds, all are. */
  readonly restMs: number;
}

/** The same for all entry points of a board, or by name (`Servo.angle`); undefined: never. */
export type BreakerPolicy = BreakerOptions | ((entryPoint: string) => BreakerOptions | undefined);

/** Failures that say nothing of the entry point: the caller's, of other calls, or of the board as a whole. */
const OF_OTHERS: ReadonlySet<FailureDetector> = new Set([
  'argument-schema',
  'deadlock',
  'lock-timeout',
  'board-broken',
]);

/** The circuit of one entry point of one driver. */
export class Circuit {
  readonly #name: string;
  readonly #options: BreakerOptions;
  readonly #environment: Environment;
  #inARow = 0;
  #restsUntil = 0;
  #last: unknown;
  /** The one call that was let through after the rest has not ended. */
  #tried = false;

  constructor(name: string, options: BreakerOptions, environment: Environment) {
    this.#name = name;
    this.#options = options;
    this.#environment = environment;
  }

  /** Throws `circuit-open` while the entry point rests. */
  admit(): void {
    if (this.#inARow < this.#options.failures) return;
    const left = this.#restsUntil - this.#environment.now();
    if (left > 0 || this.#tried) throw restsError(this.#name, this.#inARow, Math.max(0, left), this.#last);
    this.#tried = true;
  }

  succeeded(): void {
    this.#inARow = 0;
    this.#tried = false;
  }

  failed(error: unknown): void {
    this.#tried = false;
    if (error instanceof EntryPointError && OF_OTHERS.has(error.code)) return;
    this.#inARow++;
    this.#last = error;
    this.#restsUntil = this.#environment.now() + this.#options.restMs;
  }
}

/** The circuits of a board. */
export class Breakers {
  readonly #policy: BreakerPolicy | undefined;
  readonly #environment: Environment;
  readonly #circuits = new WeakMap<object, Map<string, Circuit | undefined>>();

  constructor(policy: BreakerPolicy | undefined, environment: Environment) {
    this.#policy = policy;
    this.#environment = environment;
  }

  /** The circuit of an entry point; undefined where it has none. */
  of({ drivers, name }: { readonly drivers: Iterable<object>; readonly name: string }): Circuit | undefined {
    if (!this.#policy) return undefined;
    const [driver] = drivers;
    if (!driver) return undefined;
    let circuits = this.#circuits.get(driver);
    if (!circuits) this.#circuits.set(driver, (circuits = new Map()));
    if (!circuits.has(name)) circuits.set(name, this.#make(name));
    return circuits.get(name);
  }

  #make(name: string): Circuit | undefined {
    const options = typeof this.#policy === 'function' ? this.#policy(name) : this.#policy;
    return options && new Circuit(name, options, this.#environment);
  }
}

const restsError = (name: string, failures: number, ms: number, last: unknown): RecoveryError =>
  new RecoveryError(
    'circuit-open',
    `${name} has failed ${failures} times in a row and rests${ms > 0 ? ` for another ${Math.ceil(ms)} ms` : ' until a call that tries it has ended'}; then one call is let through.`,
    last,
  );
