/** Web Workers of browsers: `fgft/isolation/web`. */
import type { Threads } from './threads.js';

export interface WebThreadOptions {
  /**
   * Makes a worker that runs `fgft/isolation/web-worker`. Bundlers want to see the URL in the call:
   * `() => new Worker(new URL('fgft/isolation/web-worker', import.meta.url), { type: 'module' })`.
   */
  readonly start?: () => Worker;
}

const startHere = (): Worker => new Worker(new URL('./web-worker.js', import.meta.url), { type: 'module' });

/**
 * Makes Web Workers. A browser limits neither their heap nor their buffers, and one that was terminated inside a loop may
 * go on for about two seconds: nothing that it still says is heard.
 */
export function webThreads({ start = startHere }: WebThreadOptions = {}): Threads {
  return {
    start(events) {
      const worker = start();
      let alive = true;
      worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => alive && events.message(data));
      const die = (what: string, cause?: unknown): void => {
        if (!alive) return;
        alive = false;
        // Unlike a thread of Node it lives on.
        worker.terminate();
        events.died({ code: 'worker-died', message: `The worker ${what}.`, cause });
      };
      worker.addEventListener('messageerror', () => die('sent something that could not be read'));
      worker.addEventListener('error', ({ message, error }) =>
        die(`was ended by an error that nobody caught: ${message}`, error),
      );
      return {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
        post: (message) => worker.postMessage(message),
        kill() {
          alive = false;
          worker.terminate();
        },
        hold: () => {},
      };
    },
  };
}
