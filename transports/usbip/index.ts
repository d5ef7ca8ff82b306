/** Lends emulated boards to kernels, which then have them on USB: USB/IP over any stream of bytes. */
export type { Line, LineEnd } from './line.js';
export { lend, serve, type LentBoard, type Listener } from './server.js';
export { serveUrbs } from './urbs.js';
