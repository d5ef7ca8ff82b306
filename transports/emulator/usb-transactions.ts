import { OVERHEAD_BYTES, type Refusal, type UsbBus } from './usb-bus.js';
import {
  dataReceived,
  dataTaken,
  isTooLong,
  nextToken,
  setupTaken,
  type Counters,
  type Pipe,
  type Token,
  type Transfer,
  type TransferStatus,
} from './usb-transfer.js';

/** USB 2.0 10.2.6. */
const RETRIES = 3;

/** What a host does about its transactions. */
export interface TransactionListener {
  /** The first transfer of the pipe has come to its end. */
  completed(pipe: Pipe, status: TransferStatus): void;
  /** The wires are free for the next one. */
  next(): void;
}

/** A transaction at a time: token, data and handshake on the wires, and what they mean for the transfer that they belong to. */
export class UsbTransactions {
  readonly counters: Counters = { transfers: 0, packets: 0, naks: 0, stalls: 0, bytes: 0 };
  readonly #bus: UsbBus;
  readonly #listener: TransactionListener;
  #running = false;

  constructor(bus: UsbBus, listener: TransactionListener) {
    this.#bus = bus;
    this.#listener = listener;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Begins the next one of a transfer, which is the first of its pipe. */
  begin(address: number, pipe: Pipe, transfer: Transfer): void {
    const token = nextToken(pipe, transfer);
    if (token.kind === 'setup') this.#setup(address, pipe, transfer, token);
    else if (token.kind === 'out') this.#out(address, pipe, transfer, token);
    else this.#in(address, pipe, transfer, token);
  }

  /** Puts a transaction on the wires; `finish` runs at its end, unless the device has gone meanwhile. */
  #onWires(pipe: Pipe, bytes: number, finish: () => void): void {
    const { device } = this.#bus;
    this.#running = true;
    this.#bus.transact(bytes, () => {
      this.#running = false;
      if (device !== undefined && this.#bus.device === device) {
        finish();
        // It may have become ready while the NAK was on its way.
        if (pipe.parked && device.isReady(pipe.endpoint, isOut(pipe))) pipe.parked = false;
      }
      this.#listener.next();
    });
  }

  #setup(address: number, pipe: Pipe, transfer: Transfer, { packet }: Token & { kind: 'setup' }): void {
    const take = this.#bus.device!.setup(address, packet);
    this.#onWires(pipe, OVERHEAD_BYTES.data + packet.length, () => {
      if (take === undefined) {
        this.#noAnswer(pipe, transfer);
        return;
      }
      take();
      this.counters.packets += 1;
      setupTaken(transfer);
    });
  }

  #out(address: number, pipe: Pipe, transfer: Transfer, { data, toggle }: Token & { kind: 'out' }): void {
    const reply = this.#bus.device!.out(address, pipe.endpoint, data, toggle);
    this.#onWires(pipe, OVERHEAD_BYTES.data + data.length, () => {
      if (typeof reply !== 'function') {
        this.#refused(pipe, transfer, reply);
        return;
      }
      reply();
      this.#moved(pipe, transfer, data.length);
      if (pipe.queue[0] !== transfer) return;
      const status = dataTaken(pipe, transfer, data.length);
      if (status !== undefined) this.#listener.completed(pipe, status);
    });
  }

  #in(address: number, pipe: Pipe, transfer: Transfer, token: Token & { kind: 'in' }): void {
    const reply = this.#bus.device!.in(address, pipe.endpoint);
    const size = typeof reply === 'object' ? OVERHEAD_BYTES.data + reply.data.length : OVERHEAD_BYTES.refusedIn;
    this.#onWires(pipe, size, () => {
      if (typeof reply !== 'object') {
        this.#refused(pipe, transfer, reply);
        return;
      }
      // A repetition is acknowledged and dropped (USB 2.0 8.6.4); what is too long is not acknowledged.
      const isRepetition = reply.toggle !== token.toggle;
      const tooLong = isTooLong(pipe, token, reply);
      reply.done(isRepetition || !tooLong);
      if (isRepetition) return;
      if (!tooLong) this.#moved(pipe, transfer, reply.data.length);
      if (pipe.queue[0] !== transfer) return;
      const status = dataReceived(pipe, transfer, token, reply);
      if (status !== undefined) this.#listener.completed(pipe, status);
    });
  }

  /** A data packet has gone over and was acknowledged, whoever still wants it. */
  #moved(pipe: Pipe, { control }: Transfer, bytes: number): void {
    this.counters.packets += 1;
    this.counters.bytes += bytes;
    if (control === undefined) pipe.toggle ^= 1;
    else control.toggle ^= 1;
  }

  #refused(pipe: Pipe, transfer: Transfer, refusal: Refusal | undefined): void {
    if (refusal === undefined) this.#noAnswer(pipe, transfer);
    else if (refusal === 'nak') {
      this.counters.naks += 1;
      pipe.parked = pipe.queue[0] === transfer;
    } else {
      this.counters.stalls += 1;
      if (pipe.queue[0] === transfer) this.#listener.completed(pipe, 'stall');
    }
  }

  #noAnswer(pipe: Pipe, transfer: Transfer): void {
    if (pipe.queue[0] !== transfer) return;
    transfer.failures += 1;
    if (transfer.failures >= RETRIES) this.#listener.completed(pipe, 'failed');
  }
}

function isOut(pipe: Pipe): boolean {
  const [transfer] = pipe.queue;
  return transfer === undefined ? pipe.out : nextToken(pipe, transfer).kind !== 'in';
}
