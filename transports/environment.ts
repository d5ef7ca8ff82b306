/**
 * Time and randomness, handed in: nothing above this layer starts a timer, reads a clock or draws a random number of
 * its own, so every test is deterministic.
 */
export interface Environment {
  /** Milliseconds since some fixed point; never goes back. */
  now(): number;
  /** Calls `run` once after `ms` milliseconds; the returned function cancels that. */
  after(ms: number, run: () => void): () => void;
  /** Calls `run` once in the next turn of the event loop. */
  turn(run: () => void): void;
  /** A uniformly distributed 32-bit unsigned integer. */
  random(): number;
}

declare const setImmediate: ((run: () => void) => unknown) | undefined;

function nextTurn(): (run: () => void) => void {
  if (typeof setImmediate === 'function') return (run) => void setImmediate(run);
  // Browsers: a message to oneself is the next turn without the 4 ms that nested time-outs are clamped to.
  const waiting: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener('message', () => waiting.shift()?.());
  port1.start();
  return (run) => {
    waiting.push(run);
    port2.postMessage(undefined);
  };
}

let turn: ((run: () => void) => void) | undefined;

/** The real clock and the platform's random numbers; works in Node and in browsers. */
export const systemEnvironment: Environment = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  turn: (run) => (turn ??= nextTurn())(run),
  random: () => crypto.getRandomValues(new Uint32Array(1))[0]!,
};
