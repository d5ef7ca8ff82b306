/** The context of calls in Node: `fgft/context/node`. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallContext, RunningCall } from './context.js';

const calls = new AsyncLocalStorage<RunningCall>();

/** Lets calls be told apart by the code that they run. All boards of a process share one context, whichever they are given. */
export const nodeContext: CallContext = {
  get current() {
    return calls.getStore();
  },
  run: (call, code) => calls.run(call, code),
};

/**
 * From now on, a rejection that nobody handles fails the call whose code has caused it, and does not end the process;
 * others do, as ever. Returns what takes that back.
 */
export function attributeRejections(): () => void {
  process.on('unhandledRejection', attribute);
  return () => process.off('unhandledRejection', attribute);
}

function attribute(reason: unknown): void {
  const call = calls.getStore();
  if (call) call.unhandled(reason);
  // Without a listener, Node throws it; with this one alone, we do.
  else if (process.listenerCount('unhandledRejection') === 1) throw reason;
}
