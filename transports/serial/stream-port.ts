import { SerialPortStream, type OpenOptions } from '@serialport/stream';
import type { Environment } from '../environment.js';
import { TransportError, type TransportErrorCode } from '../errors.js';
import type { BytePort, OpenPort } from './port.js';

/** What reaches the ports: `autoDetect()` of `@serialport/bindings-cpp`, or anything else with its interface. */
export type SerialBinding = OpenOptions['binding'];

export interface SerialOptions {
  /** `/dev/ttyACM0`, `COM3`, `/dev/tty.usbmodem…` */
  readonly path: string;
  /** Bits a second; a board that is a USB device itself ignores it. Default 115200. */
  readonly baudRate?: number;
  /**
   * Whether DTR falls when the port is closed, and when this process ends. Default true: a board on USB then knows at
   * once. An Arduino restarts when it rises again; with false it does so only the first time.
   */
  readonly hupcl?: boolean;
  /** `@serialport/bindings-cpp` if left out. */
  readonly binding?: SerialBinding;
}

const DEFAULT_BAUD_RATE = 115_200;
/** Milliseconds between two looks whether the port is still there. */
const LOOK_EVERY = 250;
/** What Linux and macOS say of a port that was hung up. */
const HUNG_UP = /input\/output error|EIO|no such device|not configured|ENXIO/i;

/** Opens serial ports through `@serialport/stream`: a new stream for each connection, because a failed one is destroyed. */
export function streamPort(
  { path, baudRate = DEFAULT_BAUD_RATE, hupcl = true, binding }: SerialOptions,
  environment: Environment,
): OpenPort {
  return async (listener) => {
    const found = binding ?? (await defaultBinding());
    const stream = new SerialPortStream({ binding: found, path, baudRate, hupcl, autoOpen: false });
    // Errors have listeners from the beginning: one that nobody listens to would end the process.
    stream.on('error', (error) => listener.lost(error));
    stream.on('close', (error: unknown) => listener.lost(error));
    stream.on('end', () => listener.lost(new Error('The port has come to its end.')));
    stream.on('data', (bytes: Uint8Array) => listener.bytes(bytes));
    await new Promise<void>((resolve, reject) => {
      stream.open((error) => (error ? reject(openError(path, error)) : resolve()));
    });
    const stopWatching = watch(stream, environment, (cause) => listener.lost(cause));
    return bytePort(stream, stopWatching);
  };
}

/**
 * Asks for the modem lines now and then. bindings-cpp on Linux does not notice that a port was hung up: it reads nothing,
 * again and again, with all the processor's time, until the port is closed.
 */
function watch(stream: SerialPortStream, environment: Environment, lost: (cause: unknown) => void): () => void {
  let cancel = (): void => {};
  const look = (): void =>
    stream.get((error) => {
      if (!stream.isOpen) return;
      if (error === null || !HUNG_UP.test(error.message)) cancel = environment.after(LOOK_EVERY, look);
      else {
        lost(error);
        stream.close();
      }
    });
  cancel = environment.after(LOOK_EVERY, look);
  return () => cancel();
}

const bytePort = (stream: SerialPortStream, stopWatching: () => void): BytePort => ({
  write: (bytes) =>
    new Promise((resolve, reject) => {
      stream.write(bytes, (error) => (error ? reject(error) : resolve()));
    }),
  async close() {
    stopWatching();
    if (!stream.isOpen) return;
    // Bytes that a dead line has not taken would keep the port from closing.
    await new Promise((resolve) => stream.flush(resolve));
    await new Promise((resolve) => stream.close(resolve));
    stream.destroy();
  },
});

/** Loaded when it is needed: who brings a binding of their own need not have it installed. */
async function defaultBinding(): Promise<SerialBinding> {
  try {
    return (await import('@serialport/bindings-cpp')).autoDetect();
  } catch (cause) {
    const message = 'Serial ports cannot be reached: npm install @serialport/bindings-cpp, or give a binding.';
    throw new TransportError('no-bus', message, { cause });
  }
}

/** What the binding's words mean. Windows denies access to a port that another program has open. */
const MEANINGS: readonly (readonly [words: RegExp, code: TransportErrorCode, advice: string])[] = [
  [/no such file|ENOENT|file not found|no such device/i, 'device-not-found', 'Is the board plugged in?'],
  [/permission denied|EACCES/i, 'access-denied', 'On Linux, join the group dialout (docs/connect-a-board.md).'],
  [/lock|busy|access denied/i, 'device-busy', 'Close the other program that uses it.'],
  [/(?:)/, 'link-failed', 'Is it a serial port?'],
];

function openError(path: string, cause: Error): TransportError {
  const [, code, advice] = MEANINGS.find(([words]) => words.test(cause.message))!;
  return new TransportError(code, `serial ${path}: ${cause.message}. ${advice}`, { cause });
}
