import type { FromWorker, ToWorker } from './messages.js';
import type { Death, Thread, Threads } from './threads.js';

/** Who uses a thread. Until somebody does, it is a spare, and its death goes unnoticed. */
export interface Listener {
  message(message: FromWorker): void;
  died(death: Death): void;
}

/** A thread that has loaded, or is loading, a driver's module. */
export class WarmThread {
  readonly #thread: Thread;
  #listener: Listener | undefined;
  /** What it said or how it died before anybody used it. */
  #early: ((listener: Listener) => void) | undefined;

  constructor(threads: Threads, module: string, className: string) {
    this.#thread = threads.start({
      message: (message) => this.#tell((listener) => listener.message(message as FromWorker)),
      died: (death) => this.#tell((listener) => listener.died(death)),
    });
    this.post({ type: 'load', module, className });
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
  readonly #start: () => WarmThread;
  #spare: WarmThread | undefined;
  #users = 0;

  constructor(start: () => WarmThread) {
    this.#start = start;
  }

  join(): void {
    this.#users++;
    this.refill();
  }

  leave(): void {
    if (--this.#users > 0) return;
    this.#spare?.kill();
    this.#spare = undefined;
  }

  take(): WarmThread {
    const thread = this.#spare ?? this.#start();
    this.#spare = undefined;
    return thread;
  }

  refill(): void {
    if (this.#users > 0) this.#spare ??= this.#start();
  }
}

const spares = new WeakMap<Threads, Map<string, Spare>>();

/** The spare that all drivers of one class share which take their threads from the same place. */
export function spareOf(threads: Threads, module: string, className: string): Spare {
  let ofThreads = spares.get(threads);
  if (!ofThreads) spares.set(threads, (ofThreads = new Map()));
  const key = `${module} ${className}`;
  let spare = ofThreads.get(key);
  if (!spare) ofThreads.set(key, (spare = new Spare(() => new WarmThread(threads, module, className))));
  return spare;
}
