/// <reference types="node" />
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { systemEnvironment } from '../../transports/environment.js';
import { emulatedUno, inRealTime, type EmulatedUno } from '../../transports/emulator/index.js';
import { firmwareImage } from './image.js';
import { close, listen } from './tcp.js';
import type { Console } from './verb.js';

const TAKEN = 'Choose another port with --tcp, or leave it out: then a free one is found.';

export interface UnoOptions {
  readonly port: number;
  readonly host: string;
  readonly json: boolean;
}

/** Lends the serial line of an emulated Uno over TCP: a connection is an open port, and the next one waits until it has ended. */
export async function emulateUno({ port, host, json }: UnoOptions, { out, signal }: Console): Promise<void> {
  const image = await firmwareImage('atmega328p-full');
  // TCP has no DTR that could restart the board.
  const uno = emulatedUno({ image, environment: systemEnvironment, power: 'kept', resetOnOpen: false });
  uno.plug();
  const stop = inRealTime(uno);
  const tell = (event: 'attached' | 'detached'): void => out(json ? `${JSON.stringify({ event })}\n` : `${event}\n`);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    socket.on('error', () => {});
    if (sockets.size > 1) socket.destroy();
    else void connect(socket, uno, tell);
  });
  try {
    const at = await listen(server, port, host, TAKEN);
    out(json ? `${JSON.stringify({ event: 'listening', host: at.address, port: at.port })}\n` : greeting(at));
    if (!signal.aborted) await once(signal, 'abort');
    await close(server, sockets);
  } finally {
    stop();
    uno.dispose();
  }
}

/** Joins one TCP connection to the serial port. */
async function connect(
  socket: Socket,
  uno: EmulatedUno,
  tell: (event: 'attached' | 'detached') => void,
): Promise<void> {
  socket.setNoDelay();
  const opening = uno.serialPort({ bytes: (bytes) => void socket.write(bytes), lost: () => void socket.destroy() });
  socket.on('data', (bytes) => void opening.then((port) => port.write(bytes)).catch(() => {}));
  socket.on('close', () => {
    tell('detached');
    void opening.then((port) => port.close());
  });
  tell('attached');
}

const greeting = ({
  address,
  port,
}: AddressInfo): string => `The serial line of an Arduino Uno is at ${address}, port ${port}.
Make a serial port of it:
  socat PTY,link=/tmp/uno,raw,echo=0,ignoreeof TCP:${address}:${port}
Ctrl-C unplugs it.
`;
