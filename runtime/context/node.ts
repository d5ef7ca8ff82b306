/** The context of calls in Node: `fgft/context/node`. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallContext, RunningCall } from './context.js';

const calls = new AsyncLocalStorage<RunningCall>();
let listening = false;

/**
 * Lets calls be told apart by the code that they run. All boards of a process may have the same one. A rejection that
 * nobody handles fails the call whose code has caused it, and no longer ends the process; others do, as ever.
 */
export function nodeContext(): CallContext {
  if (!listening) process.on('unhandledRejection', attribute);
  listening = true;
  return {
    get current() {
      return calls.getStore();
    },
    run: (call, code) => calls.run(call, code),
  };
}

function attribute(reason: unknown): void {
  const call = calls.getStore();
  if (call) call.unhandled(reason);
  // Without a listener, Node throws it; with this one alone, we do.
  else if (process.listenerCount('unhandledRejection') === 1) throw reason;
}
