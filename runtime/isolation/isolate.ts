import type { Body } from '../call.js';
import { WORKER, type Checks, type Driver, type DriverWorker } from '../driver.js';
import { compile, type CompiledPeripheral } from '../registers/compile.js';
import type { Scope } from '../scope.js';
import { CarriedCall, PATIENCE_MS } from './carried-call.js';
import { closedError, IsolationError } from './errors.js';
import { ErrorPost } from './failures.js';
import { requireTransferable, SentFields } from './fields.js';
import type { FromWorker, Setup } from './messages.js';
import { setupOf } from './shape.js';
import type { Death, Threads } from './threads.js';
import { spareOf, type Spare, type WarmThread } from './warm.js';

export interface IsolateOptions {
  /** The JavaScript module that exports the driver's class, as a URL that the worker can import. */
  readonly module: URL | string;
  /** The name under which it does; the name of the class if left out. */
  readonly className?: string;
  /** Where worker threads come from: `nodeThreads()` of `fgft/isolation/node`, `webThreads()` of `fgft/isolation/web`. */
  readonly threads: Threads;
}

/** A spare that is started right after a kill would make the next call wait: it may follow at once, and be answered first. */
const AFTER_KILL_MS = 25;

/** The worker of one driver. */
export interface DriverIsolation {
  /** Ends the worker, and the call that is running in it: that fails. Entry points run inline from then on. */
  close(): void;
}

/**
 * Gives a driver a worker thread, in which an instance of its class lives. Its entry points run there unless their policy
 * says `inline` or `native`; the driver's source stays as it is. Throws TypeError for a driver that has a worker already.
 */
export function isolate(driver: Driver, options: IsolateOptions): DriverIsolation {
  const { className = driver.constructor.name, module, threads } = options;
  if (driver[WORKER]) throw new TypeError(`This ${className} has a worker already.`);
  const worker = new IsolatedDriver(driver, spareOf(threads, String(module), className));
  driver[WORKER] = worker;
  return {
    close() {
      worker.close();
      delete driver[WORKER];
    },
  };
}

class IsolatedDriver implements DriverWorker {
  readonly #driver: Driver;
  readonly #name: string;
  readonly #spare: Spare;
  readonly #state: SentFields;
  readonly #plain: SentFields;
  readonly #setup: Setup;
  readonly #peripherals: readonly CompiledPeripheral[];
  #thread: WarmThread | undefined;
  #call: CarriedCall | undefined;
  #calls = 0;
  #closed = false;
  #cancelUnwinding: (() => void) | undefined;

  constructor(driver: Driver, spare: Spare) {
    this.#driver = driver;
    this.#name = driver.constructor.name;
    this.#spare = spare;
    this.#state = new SentFields(this.#name);
    this.#state.watchState(driver);
    this.#plain = new SentFields(this.#name);
    this.#setup = setupOf(driver);
    this.#peripherals = this.#setup.specs.map(compile);
    spare.join(this.#setup);
  }

  begin<Result>(scope: Scope, method: string, checks: Checks<Result>): Body<Result> {
    let call: CarriedCall | undefined;
    return {
      run: async () => {
        const args = await checks.args();
        requireTransferable(`The arguments of ${scope.call}`, args);
        call = this.#start(scope, method, args);
        return checks.result(await call.result);
      },
      prepare: () => {
        const { changes } = call!;
        return () => this.#state.accept(changes);
      },
      discard: () => {
        if (!call) return;
        // The worker has kept what the transaction could not: it is told the old values again.
        if (call.ended) this.#state.forget(call.changes.map(([name]) => name));
        else this.#unwind(call);
      },
      ended: () => {
        this.#thread?.hold(false);
        const { environment } = this.#driver.board;
        const refill = (): void => this.#spare.refill(this.#setup);
        if (this.#thread) environment.turn(refill);
        else environment.after(AFTER_KILL_MS, refill);
      },
    };
  }

  close(): void {
    this.#closed = true;
    if (this.#call) this.#lose(closedError(this.#call.scope.call));
    else this.#kill();
    this.#spare.leave();
  }

  #start(scope: Scope, method: string, args: readonly unknown[]): CarriedCall {
    if (this.#closed) throw closedError(scope.call);
    // A call that has failed and still does not end is not waited for.
    if (this.#call && !this.#call.ended) this.#kill();
    const fresh = this.#thread === undefined;
    const thread = (this.#thread ??= this.#takeThread());
    const call = new CarriedCall(++this.#calls, scope, this.#peripherals, (message) => thread.post(message));
    // Where the transaction fails first, nobody waits for the worker.
    call.result.catch(() => {});
    this.#call = call;
    this.#plain.lookAt(this.#driver);
    thread.hold(true);
    try {
      thread.post({
        type: 'call',
        call: call.number,
        method,
        args,
        ...(fresh && thread.setup !== this.#setup && { setup: this.#setup }),
        state: this.#state.takeChanges(),
        plain: this.#plain.takeChanges(),
      });
    } catch (error) {
      // What could not be sent after all counts as sent: a new thread is told everything.
      this.#kill();
      throw error;
    }
    return call;
  }

  #takeThread(): WarmThread {
    this.#state.forget();
    this.#plain.forget();
    const thread = this.#spare.take(this.#setup);
    thread.use({
      message: (message) => {
        try {
          this.#take(message);
        } catch (error) {
          // It asks for what no definition allows, or does not even speak the language: nothing of it is believed.
          this.#lose(error);
        }
      },
      died: (death) => this.#lose(deathError(this.#call, death)),
    });
    return thread;
  }

  #take(message: FromWorker): void {
    if (message.type === 'unusable') {
      const cause = new ErrorPost().receive(message.error);
      const what = `The worker could not load the driver ${this.#name}: ${cause instanceof Error ? cause.message : String(cause)}`;
      this.#lose(new IsolationError('worker-unusable', what, { cause }));
      return;
    }
    const call = this.#call;
    // Only the last call can have anything to say: messages of one thread arrive in order.
    if (!call || message.call !== call.number) return;
    if (message.type === 'hooked') {
      call.hooked(message.hook, message.error && call.errors.receive(message.error));
      return;
    }
    if (message.type !== 'failed') for (const asked of message.ops) call.carryOut(asked);
    if (message.type === 'ops') return;
    const changed = message.type === 'done' ? message.state.map(([name]) => name) : message.lost;
    if (!changed.every((name) => this.#state.has(name))) throw new TypeError('The worker sent an unknown field.');
    // Of a call that has failed, on whichever side, nothing is kept here.
    if (message.type === 'failed' || this.#cancelUnwinding) this.#state.forget(changed);
    this.#stopUnwinding();
    if (message.type === 'done') call.done(message.result, message.state);
    else call.failed(call.errors.receive(message.error));
  }

  /** The call has failed on this side. Its code is told, and has a while to come to its end. */
  #unwind(call: CarriedCall): void {
    const error: unknown = call.scope.signal.reason;
    if (isDeadline(error)) {
      this.#kill();
      return;
    }
    call.abort(error);
    this.#cancelUnwinding = this.#driver.board.environment.after(PATIENCE_MS, () => this.#kill());
  }

  #lose(cause: unknown): void {
    const call = this.#call;
    this.#kill();
    call?.lost(cause);
  }

  #stopUnwinding(): void {
    this.#cancelUnwinding?.();
    this.#cancelUnwinding = undefined;
  }

  #kill(): void {
    this.#stopUnwinding();
    this.#thread?.kill();
    this.#thread = undefined;
    this.#call = undefined;
  }
}

const isDeadline = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'deadline';

function deathError(call: CarriedCall | undefined, { code, message, cause }: Death): IsolationError {
  const during = call && !call.ended ? ` It was running ${call.scope.call}.` : '';
  return new IsolationError(code, `${message}${during}`, { cause });
}
