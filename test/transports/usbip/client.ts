/** A client of USB/IP as small as can be: what a kernel sends, and what it is answered. */
import { decode, encode, Inbox, joined, sizeOf } from '../../../transports/usbip/codec.js';
import type { Line, LineEnd } from '../../../transports/usbip/index.js';
import {
  ANSWER,
  COMMAND,
  DEVICE,
  IMPORT_REQUEST,
  OPERATION,
  OPERATION_HEADER,
  SUBMIT,
  SUBMIT_ANSWER,
  TO_HOST,
  UNLINK,
  UNLINK_ANSWER,
  VERSION,
} from '../../../transports/usbip/messages.js';

export interface Answer {
  readonly command: number;
  readonly sequence: number;
  readonly status: number;
  readonly length: number;
  readonly data: Uint8Array;
}

interface Transfer {
  readonly endpoint: number;
  /** How much to ask the device for. */
  readonly ask?: number;
  readonly send?: Uint8Array;
  readonly setup?: readonly number[];
  readonly flags?: number;
  readonly packets?: number;
}

const NO_SETUP = [0, 0, 0, 0, 0, 0, 0, 0];

export class Client {
  readonly answers: Answer[] = [];
  isOver = false;
  readonly line: Line;
  readonly #inbox = new Inbox();
  #end: LineEnd | undefined;
  #sequence = 0;
  /** Which sequence numbers were IN: only their answers are followed by data. */
  readonly #ins = new Set<number>();
  readonly #wake: (() => void)[] = [];

  constructor() {
    this.line = {
      write: (bytes) => {
        this.#inbox.put(bytes.slice());
        this.#wakeAll();
      },
      end: () => {
        this.isOver = true;
        this.#end?.ended();
        this.#wakeAll();
      },
    };
  }

  connect(end: LineEnd): this {
    this.#end = end;
    return this;
  }

  send(...parts: readonly Uint8Array[]): void {
    this.#end!.bytes(joined(...parts));
  }

  hangUp(): void {
    this.#end!.ended();
  }

  operation(code: number, ...parts: readonly Uint8Array[]): void {
    this.send(encode(OPERATION_HEADER, { version: VERSION, code, status: 0 }), ...parts);
  }

  /** Resolves with the status of the answer. */
  async attach(busId: string): Promise<number> {
    this.operation(OPERATION.importRequest, encode(IMPORT_REQUEST, { busId }));
    const { status } = decode(OPERATION_HEADER, await this.take(sizeOf(OPERATION_HEADER)));
    if (status === 0) await this.take(sizeOf(DEVICE));
    return status;
  }

  submit({ endpoint, ask, send = new Uint8Array(0), setup = NO_SETUP, flags = 0, packets = 0 }: Transfer): number {
    const sequence = ++this.#sequence;
    const direction = ask === undefined ? 0 : TO_HOST;
    if (direction === TO_HOST) this.#ins.add(sequence);
    const rest = { device: 0x10002, direction, endpoint, flags, startFrame: 0, packets, interval: 0 };
    const length = ask ?? send.length;
    this.send(
      encode(SUBMIT, { command: COMMAND.submit, sequence, length, setup: Uint8Array.from(setup), ...rest }),
      send,
    );
    return sequence;
  }

  unlink(wanted: number): number {
    const sequence = ++this.#sequence;
    const rest = { device: 0x10002, direction: 0, endpoint: 0 };
    this.send(encode(UNLINK, { command: COMMAND.unlink, sequence, wanted, ...rest }));
    return sequence;
  }

  async transfer(what: Transfer): Promise<Answer> {
    return this.answerTo(this.submit(what));
  }

  async answerTo(sequence: number): Promise<Answer> {
    for (;;) {
      this.#collect();
      const found = this.answers.find((each) => each.sequence === sequence);
      if (found !== undefined) return found;
      await this.#more();
    }
  }

  async take(count: number): Promise<Uint8Array> {
    for (;;) {
      const bytes = this.#inbox.take(count);
      if (bytes !== undefined) return bytes;
      await this.#more();
    }
  }

  #collect(): void {
    for (;;) {
      const head = this.#inbox.peek(sizeOf(SUBMIT_ANSWER));
      if (head === undefined) return;
      const { command, sequence, status, length } = decode(SUBMIT_ANSWER, head);
      if (command === ANSWER.unlink) {
        const unlinked = decode(UNLINK_ANSWER, this.#inbox.take(sizeOf(UNLINK_ANSWER))!);
        this.answers.push({ ...unlinked, length: 0, data: new Uint8Array(0) });
        continue;
      }
      const whole = this.#inbox.take(head.length + (this.#ins.has(sequence) ? length : 0));
      if (whole === undefined) return;
      this.answers.push({ command, sequence, status, length, data: whole.slice(head.length) });
    }
  }

  #more(): Promise<void> {
    if (this.isOver) throw new Error('the line has ended');
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
