import type { Environment } from '../transports/environment.js';
import { TransactionError } from './errors.js';

export type LockMode = 'read' | 'write';

/** Who holds locks: a call, by its name in messages. */
export interface Owner {
  readonly call: string;
  /** The call whose code has made this one, where that is known: it goes on when this one has ended. */
  readonly caller?: Owner | undefined;
}

interface Lock {
  readonly name: string;
  readonly holders: Map<Owner, LockMode>;
  readonly queue: Request[];
}

interface Request {
  readonly owner: Owner;
  readonly mode: LockMode;
  readonly granted: Promise<void>;
  readonly grant: () => void;
  readonly refuse: (error: TransactionError) => void;
}

/** One step of a deadlock: who waits for what; without a lock, a call for one that its code has made. */
interface Wait {
  readonly lock?: string;
  readonly on: Owner;
}

/** How long a call waits for what others hold, in ms. */
export const LOCK_TIMEOUT_MS = 10_000;
const GRANTED = undefined;

/**
 * Locks on peripherals and drivers: many readers or one writer, first come, first served. A call takes a lock when it
 * first touches what the lock guards, and keeps all of them until it has committed or rolled back (strict two-phase
 * locking), so calls are serialisable. A request that could never be granted is refused at once, with the cycle.
 */
export class Locks {
  readonly #environment: Environment;
  readonly #locks = new Map<unknown, Lock>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Locks that somebody holds or waits for; none when no call is running. */
  get size(): number {
    return this.#locks.size;
  }

  /**
   * Takes a lock, at once (undefined) or later (a promise). Rejects with `deadlock` where waiting would never end, and
   * with `lock-timeout` after `timeoutMs`. Who reads may go on to write, before all who wait.
   */
  acquire(
    owner: Owner,
    key: unknown,
    name: string,
    mode: LockMode,
    timeoutMs = LOCK_TIMEOUT_MS,
  ): Promise<void> | undefined {
    let lock = this.#locks.get(key);
    if (!lock) this.#locks.set(key, (lock = { name, holders: new Map(), queue: [] }));
    const held = lock.holders.get(owner);
    if (held && covers(held, mode)) return GRANTED;
    // A call that goes on without awaiting what it posts may want again what it waits for.
    const waiting = lock.queue.find((request) => request.owner === owner && covers(request.mode, mode));
    if (waiting) return waiting.granted;
    if (canHold(lock, owner, mode, lock.queue)) {
      lock.holders.set(owner, mode);
      return GRANTED;
    }
    return this.#wait(lock, owner, mode, timeoutMs);
  }

  /** Gives back all that a call holds or waits for. */
  release(owner: Owner): void {
    for (const [key, lock] of this.#locks) {
      const held = lock.holders.delete(owner);
      const waits = lock.queue.filter((request) => request.owner === owner);
      for (const request of waits) {
        lock.queue.splice(lock.queue.indexOf(request), 1);
        request.refuse(endedError(owner, lock));
      }
      if (held || waits.length > 0) grantWaiting(lock);
      if (lock.holders.size === 0 && lock.queue.length === 0) this.#locks.delete(key);
    }
  }

  #wait(lock: Lock, owner: Owner, mode: LockMode, timeoutMs: number): Promise<void> {
    const request = requestFor(owner, mode, () => cancelTimer());
    const remove = (error: TransactionError) => {
      lock.queue.splice(lock.queue.indexOf(request), 1);
      grantWaiting(lock);
      request.refuse(error);
    };
    const cancelTimer = this.#environment.after(timeoutMs, () => remove(timeoutError(owner, lock, timeoutMs)));
    // Who holds it already comes first: those who wait cannot have it before that one has ended.
    if (lock.holders.has(owner)) lock.queue.unshift(request);
    else lock.queue.push(request);
    const cycle = this.#cycleFrom(owner);
    if (cycle) remove(cycleError(owner, lock, cycle));
    return request.granted;
  }

  /** The waits that lead from a call back to itself. */
  #cycleFrom(start: Owner): readonly Wait[] | undefined {
    const seen = new Set<Owner>();
    const follow = (owner: Owner): Wait[] | undefined => {
      for (const wait of this.#waitsOf(owner)) {
        if (wait.on === start) return [wait];
        if (seen.has(wait.on)) continue;
        seen.add(wait.on);
        const rest = follow(wait.on);
        if (rest) return [wait, ...rest];
      }
      return undefined;
    };
    return follow(start);
  }

  *#waitsOf(owner: Owner): Generator<Wait> {
    for (const lock of this.#locks.values()) {
      for (const [index, { owner: waiting, mode }] of lock.queue.entries()) {
        if (isMadeBy(waiting, owner)) yield { on: waiting };
        if (waiting !== owner) continue;
        for (const [holder, held] of lock.holders)
          if (holder !== owner && excludes(mode, held)) yield { lock: lock.name, on: holder };
        for (const earlier of lock.queue.slice(0, index))
          if (earlier.owner !== owner && excludes(mode, earlier.mode)) yield { lock: lock.name, on: earlier.owner };
      }
    }
  }
}

/** A request that settles once. */
function requestFor(owner: Owner, mode: LockMode, over: () => void): Request {
  let grant!: () => void;
  let refuse!: (error: TransactionError) => void;
  const granted = new Promise<void>((resolve, reject) => {
    grant = () => {
      over();
      resolve();
    };
    refuse = (error) => {
      over();
      reject(error);
    };
  });
  return { owner, mode, granted, grant, refuse };
}

const covers = (held: LockMode, wanted: LockMode): boolean => held === 'write' || held === wanted;

const excludes = (one: LockMode, other: LockMode): boolean => one === 'write' || other === 'write';

/** Nobody else holds it in a way that excludes this, and nobody who came earlier waits for that. */
function canHold(lock: Lock, owner: Owner, mode: LockMode, earlier: readonly Request[]): boolean {
  for (const [holder, held] of lock.holders) if (holder !== owner && excludes(mode, held)) return false;
  return lock.holders.has(owner) || !earlier.some((request) => excludes(mode, request.mode));
}

function grantWaiting(lock: Lock): void {
  const stillWaiting: Request[] = [];
  for (const request of lock.queue.splice(0)) {
    if (canHold(lock, request.owner, request.mode, stillWaiting)) {
      lock.holders.set(request.owner, request.mode);
      request.grant();
    } else stillWaiting.push(request);
  }
  lock.queue.push(...stillWaiting);
}

/** Whether a call was made by the code of another, or by that of one which that has made. */
function isMadeBy({ caller }: Owner, other: Owner): boolean {
  return caller !== undefined && (caller === other || isMadeBy(caller, other));
}

function cycleError(owner: Owner, { name }: Lock, cycle: readonly Wait[]): TransactionError {
  const [{ on: holder }] = cycle as [Wait];
  if (isMadeBy(owner, holder)) {
    return new TransactionError(
      're-entrancy',
      `${owner.call} waits for ${name}, which ${holder.call} holds until it ends, and the code of ${holder.call} has called ${owner.call}: that would wait for its own caller. Call it from \`tx.onCommit\`, or do both in one entry point.`,
    );
  }
  const steps = cycle.map(({ lock, on }) =>
    lock === undefined ? `waits for its call ${on.call}` : `waits for ${lock}, which is held by ${on.call}`,
  );
  return new TransactionError(
    'deadlock',
    `${owner.call} ${steps.join(', which ')}: none of them could ever go on, so ${owner.call} was chosen to fail. Touch peripherals in the same order everywhere, or call it again.`,
  );
}

const endedError = (owner: Owner, lock: Lock): TransactionError =>
  new TransactionError('transaction-ended', `${owner.call} ended while it waited for ${lock.name}.`);

const timeoutError = (owner: Owner, lock: Lock, timeoutMs: number): TransactionError =>
  new TransactionError(
    'lock-timeout',
    `${owner.call} waited ${timeoutMs} ms for ${lock.name}, which ${[...lock.holders.keys()].map(({ call }) => call).join(' and ')} holds.`,
  );
