import { crc32 } from '../../../transports/crc32.js';
import { BOARDS, FEATURES, STATUS, type StatusName } from '../../../runtime/link/protocol.js';
import { TransportError } from '../../../transports/errors.js';
import type { ResyncState, Transport } from '../../../transports/transport.js';
import { virtualEnvironment, type VirtualEnvironment } from '../../../transports/virtual-environment.js';

export interface SeenRequest {
  readonly bytes: Uint8Array;
  readonly session: number;
  readonly sequence: number;
  readonly transaction: number;
  readonly ops: number;
}

export interface ScriptedAnswer {
  readonly status?: StatusName;
  readonly ran?: number;
  readonly results?: readonly number[];
  readonly epoch?: number;
  readonly session?: number;
  readonly sequence?: number;
  /** `expected` of the failure record. */
  readonly expected?: number;
  /** Bytes of the rollback report. */
  readonly report?: readonly number[];
}

/** What to do with a request: answer it, say nothing, or say these very bytes. */
export type Script = (request: SeenRequest) => ScriptedAnswer | 'silence' | Uint8Array;

export const EPOCH = 0xe90c;

/** The bytes of an answer, built here apart from the code under test. */
export function answerBytes(request: SeenRequest, answer: ScriptedAnswer): Uint8Array {
  const status = answer.status ?? 'ok';
  const results = answer.results ?? [];
  const tail =
    status === 'ok'
      ? []
      : [0xff, 0, 0, 0, answer.expected ?? 0, 0, 0, 0, 0, 0, 0, 0, ...(answer.report ?? [0, 0, 0, 0])];
  const bytes = new Uint8Array(14 + results.length + tail.length + 4);
  const view = new DataView(bytes.buffer);
  bytes.set([0x6f, 1]);
  view.setUint16(2, bytes.length, true);
  view.setUint16(4, answer.session ?? request.session, true);
  view.setUint16(6, answer.sequence ?? request.sequence, true);
  view.setUint32(8, answer.epoch ?? EPOCH, true);
  bytes.set([STATUS[status], answer.ran ?? (status === 'ok' ? request.ops : 0), ...results, ...tail], 12);
  view.setUint32(bytes.length - 4, crc32(bytes, 0, bytes.length - 4), true);
  return bytes;
}

/** A hello record of a plain RP2040: 1024-byte frames, a window of `window`, 64 peripherals, a lease of 300 ms. */
export function helloRecord(window = 4): number[] {
  const bytes = new Uint8Array(48);
  const view = new DataView(bytes.buffer);
  for (const feature of Object.values(FEATURES)) bytes[0]! |= feature;
  view.setUint8(2, BOARDS.rp2040);
  view.setUint16(8, 1024, true);
  view.setUint8(10, window);
  view.setUint8(11, 8);
  view.setUint8(16, 64);
  view.setUint16(18, 300, true);
  return [...bytes];
}

/** A transport whose other end is a script: for what a real controller never does, or does not do on request. */
export class ScriptedController implements Transport {
  readonly name = 'scripted';
  readonly environment: VirtualEnvironment = virtualEnvironment();
  readonly requests: SeenRequest[] = [];
  resyncs = 0;
  script: Script;
  resyncState: (last: SeenRequest) => ResyncState;
  #answers: Uint8Array[] = [];
  #receiver: { resolve: (frame: Uint8Array) => void; reject: (error: Error) => void } | undefined;

  constructor(script: Script) {
    this.script = script;
    this.resyncState = ({ session }) => ({ epoch: EPOCH, session, nextSequence: 0 });
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  send(bytes: Uint8Array): Promise<void> {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const request: SeenRequest = {
      bytes: bytes.slice(),
      session: view.getUint16(4, true),
      sequence: view.getUint16(6, true),
      transaction: bytes[8]!,
      ops: bytes[9]!,
    };
    this.requests.push(request);
    const answer = this.script(request);
    if (answer !== 'silence') this.say(answer instanceof Uint8Array ? answer : answerBytes(request, answer));
    return Promise.resolve();
  }

  /** Lets the board say something of its own accord. */
  say(bytes: Uint8Array): void {
    if (this.#receiver) this.#receiver.resolve(bytes);
    else this.#answers.push(bytes);
    this.#receiver = undefined;
  }

  receive(): Promise<Uint8Array> {
    const next = this.#answers.shift();
    if (next) return Promise.resolve(next);
    return new Promise((resolve, reject) => (this.#receiver = { resolve, reject }));
  }

  resync(): Promise<ResyncState> {
    this.resyncs++;
    this.#answers = [];
    return Promise.resolve(this.resyncState(this.requests.at(-1)!));
  }

  close(): Promise<void> {
    this.unplug(new TransportError('link-closed', 'closed'));
    return Promise.resolve();
  }

  unplug(error: Error = new TransportError('device-lost', 'unplugged')): void {
    this.#receiver?.reject(error);
    this.#receiver = undefined;
  }
}

/** Answers `hello` and then does what `rest` says. */
export const afterHello =
  (rest: Script, window?: number): Script =>
  (request) =>
    request.sequence === 0 ? { results: helloRecord(window) } : rest(request);
