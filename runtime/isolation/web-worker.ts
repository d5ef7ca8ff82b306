/** The first file of a Web Worker. */
import { serve } from './serve.js';
import type { ToWorker } from './messages.js';
import { systemEnvironment } from '../../transports/environment.js';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
const take = serve({ post: (message) => self.postMessage(message), turn: (run) => systemEnvironment.turn(run) });
self.addEventListener('message', (event: MessageEvent<ToWorker>) => take(event.data));
// Unlike in Node, an unhandled rejection does not end a Web Worker: the error that it is thrown as tells the other side.
self.addEventListener('unhandledrejection', (event) => {
  setTimeout(() => {
    throw event.reason;
  });
});
