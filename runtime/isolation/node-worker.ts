/** The first file of a worker thread of Node. */
import { parentPort, workerData } from 'node:worker_threads';
import { limitBuffers } from './buffer-limit.js';
import { threadNumber } from './linux-thread.js';
import { serve } from './serve.js';
import type { ToWorker } from './messages.js';

const port = parentPort!;
const { buffersMb, thread } = workerData as { buffersMb: number; thread: Int32Array };
thread[0] = threadNumber();
limitBuffers(buffersMb);
const take = serve({ post: (message) => port.postMessage(message), turn: (run) => void setImmediate(run) });
port.on('message', (message: ToWorker) => take(message));
