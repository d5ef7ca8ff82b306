import type { FromWorker, Setup, ToWorker } from './messages.js';
import type { Death, Thread, Threads } from './threads.js';

/** Who uses a thread. Until somebody does, it is a spare, and its death goes unnoticed. */
export interface Listener {
  message(message: FromWorker): void;
  died(death: Death): void;
}

/** A thread that has loaded, or is loading, a driver's module, and made an instance of its class. */
export class WarmThread {
  /** What the instance is for. */
  readonly setup: Setup;
  readonly #thread: Thread;
  #listener: Listener | undefined;
  /** What it said or how it died before anybody used it. */
  #early: ((listener: Listener) => void) | undefined;

  constructor(threads: Threads, module: string, className: string, setup: Setup) {
    this.setup = setup;
    this.#thread = threads.start({
      message: (message) => this.#tell((listener) => listener.message(message as FromWorker)),
      died: (death) => this.#tell((listener) => listener.died(death)),
    });
    this.post({ type: 'load', module, className, setup });
  }

  use(listener: Listener): void {
    this.#listener = listener;
    this.#early?.(listener);
  }

  post(message: ToWorker): void {
    this.#thread.post(message);
  }

  hold(held: boolean): void {
    this.#thread.hold(held);
  }

  kill(): void {
    this.#listener = undefined;
    this.#thread.kill();
  }

  #tell(event: (listener: Listener) => void): void {
    if (this.#listener) event(this.#listener);
    else this.#early ??= event;
  }
}

/** Threads that are ready before they are needed: starting one takes tens of milliseconds. */
export class Spare {
  readonly #start: (setup: Setup) => WarmThread;
  #spare: WarmThread | undefined;
  #users = 0;

  constructor(start: (setup: Setup) => WarmThread) {
    this.#start = start;
  }

  join(setup: Setup): void {
    this.#users++;
    this.refill(setup);
  }

  leave(): void {
    if (--this.#users > 0) return;
    this.#spare?.kill();
    this.#spare = undefined;
  }

  take(setup: Setup): WarmThread {
    const thread = this.#spare ?? this.#start(setup);
    this.#spare = undefined;
    return thread;
  }

  /** The spare is made for the driver that has used the last one, but can be had by any. */
  refill(setup: Setup): void {
    if (this.#users > 0) this.#spare ??= this.#start(setup);
  }
}

const spares = new WeakMap<Threads, Map<string, Spare>>();

/** The spare that all drivers of one class share which take their threads from the same place. */
export function spareOf(threads: Threads, module: string, className: string): Spare {
  let ofThreads = spares.get(threads);
  if (!ofThreads) spares.set(threads, (ofThreads = new Map()));
  const key = `${module} ${className}`;
  let spare = ofThreads.get(key);
  if (!spare) ofThreads.set(key, (spare = new Spare((setup) => new WarmThread(threads, module, className, setup))));
  return spare;
}
