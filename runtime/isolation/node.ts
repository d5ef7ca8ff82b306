/** Worker threads of Node: `fgft/isolation/node`. */
import { Worker } from 'node:worker_threads';
import { giveWay } from './linux-thread.js';
import type { Death, Threads } from './threads.js';

export interface NodeThreadOptions {
  /** JavaScript heap of a thread, in MiB; 64 if left out. */
  readonly memoryMb?: number;
  /** ArrayBuffers and typed arrays of a thread, in MiB; 256 if left out. */
  readonly buffersMb?: number;
  /** Where the worker's first file is, if a bundler has moved it: compiled `isolation/node-worker.js`. */
  readonly entry?: URL;
}

/** Young objects and machine code come on top of `memoryMb`. */
const YOUNG_MB = 16;
const CODE_MB = 16;

/**
 * Makes worker threads. Their intrinsics are frozen, so that nothing can change `Object.prototype` and its like; the
 * process's own flags (loaders, inspectors) are not passed on, so modules must be JavaScript that Node can load.
 */
export function nodeThreads(options: NodeThreadOptions = {}): Threads {
  const { memoryMb = 64, buffersMb = 256, entry = new URL('./node-worker.js', import.meta.url) } = options;
  return {
    start(events) {
      const thread = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      const worker = new Worker(entry, {
        execArgv: ['--frozen-intrinsics', '--disable-warning=ExperimentalWarning', '--unhandled-rejections=throw'],
        resourceLimits: {
          maxOldGenerationSizeMb: memoryMb,
          maxYoungGenerationSizeMb: YOUNG_MB,
          codeRangeSizeMb: CODE_MB,
        },
        workerData: { buffersMb, thread },
      });
      let alive = true;
      const die = (death: Death): void => {
        if (alive) events.died(death);
        alive = false;
      };
      worker.on('message', (message) => alive && events.message(message));
      worker.on('messageerror', (cause) => die(died(`sent something that could not be read`, cause)));
      worker.on('error', (cause) => die(deathOf(cause, memoryMb)));
      worker.on('exit', (code) => die(died(`ended itself with exit code ${code}`)));
      worker.unref();
      return {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
        post: (message) => worker.postMessage(message),
        kill() {
          if (alive) giveWay(thread[0]!);
          alive = false;
          void worker.terminate();
        },
        hold: (held) => (held ? worker.ref() : worker.unref()),
      };
    },
  };
}

const died = (what: string, cause?: unknown): Death => ({
  code: 'worker-died',
  message: `The worker thread ${what}.`,
  cause,
});

function deathOf(cause: unknown, memoryMb: number): Death {
  if ((cause as { code?: unknown } | undefined)?.code !== 'ERR_WORKER_OUT_OF_MEMORY')
    return died(
      `was ended by an error that nobody caught: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  return {
    code: 'worker-out-of-memory',
    message: `The worker thread used more than its ${memoryMb} MiB of memory.`,
    cause,
  };
}
