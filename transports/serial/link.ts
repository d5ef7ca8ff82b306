import type { Environment } from '../environment.js';
import { TransportError, type TransportErrorCode } from '../errors.js';
import type { ResyncState, Transport } from '../transport.js';
import { within } from '../within.js';
import { CobsDecoder, encodeCobs } from './cobs.js';
import type { BytePort, OpenPort } from './port.js';
import { isResyncAnswer, readResyncAnswer, resyncRequest } from './resync.js';

/** The longest frame that a board may send. */
const LONGEST_FRAME = 1024;
/** In ms. A line that takes nothing for so long is stuck; 1 KB at 9600 baud takes 1.1 s. */
const WRITE_WITHIN = 2000;
const OPEN_WITHIN = 5000;
const CLOSE_WITHIN = 1000;
/** How long an answer to a resync may take, in ms, before it is asked for again: it, or the request, may be damaged. */
const RESYNC_WITHIN = 500;
const RESYNC_ATTEMPTS = 4;
/** An Arduino restarts when its port is opened, and its boot loader listens for a second or two. */
const FIRST_RESYNC_ATTEMPTS = 10;

interface Receiver {
  readonly resolve: (frame: Uint8Array) => void;
  readonly reject: (error: TransportError) => void;
}

/**
 * Carries frames over a serial line: a frame is one COBS packet that a zero ends (docs/protocol.md, "Serial lines").
 * Packets that are damaged are dropped, so that an answer is missing: whoever waits for it resynchronises.
 *
 * @param openPort opens the line; each `open` of the link opens it anew.
 */
export function serialLink(name: string, openPort: OpenPort, environment: Environment): Transport {
  return new SerialLink(name, openPort, environment);
}

class SerialLink implements Transport {
  readonly name: string;
  readonly environment: Environment;
  readonly #openPort: OpenPort;
  #port: BytePort | undefined;
  #opening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** Counts the closes: an `open` that is under way notices that it has been overtaken by one. */
  #closes = 0;
  /** Frames that nobody has asked for yet, and who asks for the next one. */
  #frames: Uint8Array[] = [];
  #receiver: Receiver | undefined;
  /** The resync that waits for its answer; frames that arrive before that are stale. */
  #resync: { readonly nonce: number; readonly resolve: (state: ResyncState) => void } | undefined;
  /** Why this connection is of no use any more. */
  #failure: TransportError | undefined;
  /** Rejects what waits for the line when the connection ends. */
  #onEnd = new Set<(error: TransportError) => void>();

  constructor(name: string, openPort: OpenPort, environment: Environment) {
    this.name = name;
    this.environment = environment;
    this.#openPort = openPort;
  }

  async open(): Promise<void> {
    await this.#closing;
    const closes = this.#closes;
    return (this.#opening ??= this.#open(closes).catch(async (error: unknown) => {
      if (this.#closes === closes) await this.close();
      throw error;
    }));
  }

  async send(frame: Uint8Array): Promise<void> {
    await this.#write(encodeCobs(frame));
  }

  async receive(): Promise<Uint8Array> {
    this.#require();
    const frame = this.#frames.shift();
    if (frame !== undefined) return frame;
    if (this.#receiver !== undefined)
      throw this.#error('link-failed', 'One receive at a time: another one waits already.');
    return new Promise((resolve, reject) => (this.#receiver = { resolve, reject }));
  }

  resync(): Promise<ResyncState> {
    return this.#resynchronise(RESYNC_ATTEMPTS);
  }

  async close(): Promise<void> {
    return (this.#closing ??= this.#close().finally(() => (this.#closing = undefined)));
  }

  async #open(closes: number): Promise<void> {
    const isCurrent = (): boolean => this.#closes === closes;
    const decoder = new CobsDecoder(LONGEST_FRAME, (packet) => this.#take(packet));
    const opened = this.#openPort({
      bytes: (bytes) => {
        if (isCurrent()) decoder.take(bytes);
      },
      lost: (cause) => {
        if (isCurrent()) this.#end(this.#error('device-lost', 'The board was unplugged, or its line hung up.', cause));
      },
    });
    const port = await within(this.environment, opened, OPEN_WITHIN, () => {
      opened.then((late) => late.close()).catch(ignore);
      throw this.#error('transfer-timeout', `The port did not open within ${OPEN_WITHIN} ms.`);
    });
    if (!isCurrent()) {
      await port.close().catch(ignore);
      throw this.#error('link-closed', 'The link was closed while it was being opened.');
    }
    this.#port = port;
    // What an earlier session left behind must not be taken for answers of this one.
    await this.#resynchronise(FIRST_RESYNC_ATTEMPTS);
  }

  async #close(): Promise<void> {
    this.#closes += 1;
    const port = this.#port;
    this.#end(this.#error('link-closed', 'The link was closed while somebody waited for a frame.'));
    this.#port = undefined;
    this.#opening = undefined;
    this.#failure = undefined;
    if (port !== undefined) await within(this.environment, port.close(), CLOSE_WITHIN, ignore).catch(ignore);
  }

  async #resynchronise(attempts: number): Promise<ResyncState> {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const nonce = this.environment.random();
      const answered = new Promise<ResyncState>((resolve) => (this.#resync = { nonce, resolve }));
      // The zero ends whatever is half on the line.
      await this.#write(Uint8Array.of(0, ...encodeCobs(resyncRequest(nonce))));
      const state = await within(this.environment, this.#untilEnd(answered), RESYNC_WITHIN, () => undefined);
      if (state !== undefined) return state;
    }
    this.#resync = undefined;
    const what = `The board did not answer to ${attempts} resyncs in ${attempts * RESYNC_WITHIN} ms.`;
    throw this.#error('link-failed', `${what} Check the baud rate, and that our firmware runs on it.`);
  }

  #take(packet: Uint8Array): void {
    if (isResyncAnswer(packet)) {
      const state = this.#resync && readResyncAnswer(packet, this.#resync.nonce);
      if (state === undefined) return;
      this.#resync!.resolve(state);
      this.#resync = undefined;
      this.#frames = [];
    } else if (this.#resync === undefined) {
      const receiver = this.#receiver;
      this.#receiver = undefined;
      if (receiver === undefined) this.#frames.push(packet);
      else receiver.resolve(packet);
    }
  }

  /** A line that has not taken all bytes in time may have taken some: the connection is of no use any more. */
  async #write(bytes: Uint8Array): Promise<void> {
    const written = this.#untilEnd(this.#require().write(bytes));
    try {
      await within(this.environment, written, WRITE_WITHIN, () => {
        const what = `The line did not take ${bytes.length} bytes within ${WRITE_WITHIN} ms.`;
        throw this.#error('transfer-timeout', `${what} Open the link anew.`);
      });
    } catch (cause) {
      const { message } = cause as Error;
      const isOurs = cause instanceof TransportError;
      const error = isOurs ? cause : this.#error('device-lost', `The line does not take bytes: ${message}`, cause);
      this.#end(error);
      throw error;
    }
  }

  async #untilEnd<R>(promise: Promise<R>): Promise<R> {
    let forget = ignore;
    const ended = new Promise<never>((_, reject) => {
      if (this.#failure !== undefined) reject(this.#failure);
      this.#onEnd.add(reject);
      forget = () => this.#onEnd.delete(reject);
    });
    try {
      return await Promise.race([promise, ended]);
    } finally {
      forget();
    }
  }

  #end(error: TransportError): void {
    this.#failure ??= error;
    this.#frames = [];
    this.#resync = undefined;
    this.#receiver?.reject(error);
    this.#receiver = undefined;
    for (const reject of this.#onEnd) reject(error);
    this.#onEnd.clear();
  }

  #require(): BytePort {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#port === undefined) throw this.#error('link-closed', 'The link is not open.');
    return this.#port;
  }

  #error(code: TransportErrorCode, message: string, cause?: unknown): TransportError {
    return new TransportError(code, `${this.name}: ${message}`, cause === undefined ? {} : { cause });
  }
}

/** For what is given back on the way out: there is nobody left to tell. */
function ignore(): void {}
