import { OVERHEAD_BYTES, type BusHost, type Refusal, type UsbBus } from './usb-bus.js';
import {
  controlOf,
  dataReceived,
  dataTaken,
  isTooLong,
  nextToken,
  resultOf,
  setupTaken,
  type Counters,
  type Pipe,
  type Token,
  type Transfer,
  type TransferStatus,
} from './usb-transfer.js';

/** USB 2.0 10.2.6. */
const RETRIES = 3;

/** Takes a transfer back. */
export type TakeBack = () => void;

/**
 * A USB host with one port: queues of transfers, one for each endpoint, served in turn, a transaction at a time. A
 * device that answers NAK is not asked again and again, as a real host would, but when it has something new to say.
 *
 * `frameNanos` models host controllers that look at new transfers once a frame and report at the end of one: 0 for
 * none of that, 1,000,000 for UHCI or OHCI.
 */
export class UsbHost implements BusHost {
  readonly counters: Counters = { transfers: 0, packets: 0, naks: 0, stalls: 0, bytes: 0 };
  /** The address that tokens carry. */
  address = 0;
  /** Counts the times that a device has appeared. */
  attachments = 0;
  onAttached: () => void = () => {};
  onDetached: () => void = () => {};
  /** Called whenever there is something new to do for the emulator. */
  onWork: () => void = () => {};
  readonly #bus: UsbBus;
  readonly #frameNanos: number;
  readonly #pipes: Pipe[] = [];
  #turn = 0;
  #transacting = false;

  constructor(bus: UsbBus, frameNanos = 0) {
    this.#bus = bus;
    this.#frameNanos = frameNanos;
    bus.host = this;
  }

  /** Whether something is under way on the bus, which is over at a time that is known. */
  get busy(): boolean {
    return this.#bus.inFlight;
  }

  /**
   * Whether the host wants the device to take something, an OUT or control transfer. A pending IN does not count: one
   * is pending all the time, for whatever the device may have to say.
   */
  get offering(): boolean {
    return this.#pipes.some(({ out, endpoint, queue }) => queue.length > 0 && (out || endpoint === 0));
  }

  /** Returns, as the two below do, what takes the transfer back; after its end that does nothing. */
  in(endpoint: number, maxPacket: number, length: number, done: Transfer['done']): TakeBack {
    return this.#submit(this.#pipe(endpoint, false, maxPacket), { done, data: new Uint8Array(0), length });
  }

  /** `endsShort`: data that fill their last packet are followed by an empty one (USB 2.0 5.8.3). */
  out(endpoint: number, maxPacket: number, data: Uint8Array, done: Transfer['done'], endsShort = false): TakeBack {
    return this.#submit(this.#pipe(endpoint, true, maxPacket), { done, data, length: data.length, endsShort });
  }

  /** `setup`: 8 bytes. `data`: what to send, for a request to the device. */
  control(maxPacket: number, setup: Uint8Array, data: Uint8Array, done: Transfer['done']): TakeBack {
    const length = setup[6]! | (setup[7]! << 8);
    return this.#submit(this.#pipe(0, true, maxPacket), { done, data, length, control: controlOf(setup) });
  }

  /** Takes back the pending transfers of one endpoint, or of all. */
  cancel(status: TransferStatus, endpoint?: number, out?: boolean): void {
    for (const pipe of this.#pipes) {
      if (endpoint !== undefined && (pipe.endpoint !== endpoint || pipe.out !== out)) continue;
      pipe.parked = false;
      for (const transfer of pipe.queue.splice(0)) this.#finish(transfer, status);
    }
  }

  /** After what resets the toggles of the device: configuration, alternate setting, CLEAR_FEATURE (USB 2.0 9.4.5). */
  resetToggles(endpoint?: number, out?: boolean): void {
    for (const pipe of this.#pipes) {
      if (endpoint === undefined || (pipe.endpoint === endpoint && pipe.out === out)) pipe.toggle = 0;
    }
  }

  /** Resets the bus; the device then answers at address 0. */
  reset(then: () => void): void {
    this.#transacting = true;
    this.address = 0;
    this.resetToggles();
    this.#bus.reset(() => {
      this.#transacting = false;
      then();
      this.#next();
    });
    this.onWork();
  }

  /** Stops the frames: the device suspends after 3 ms. */
  suspend(): void {
    this.#bus.run(false);
    this.onWork();
  }

  resume(then: () => void): void {
    this.#bus.resume(() => {
      then();
      this.#next();
    });
    this.onWork();
  }

  wait(nanos: number, then: () => void): void {
    this.#bus.wait(nanos, then);
    this.onWork();
  }

  attached(): void {
    this.attachments += 1;
    this.onAttached();
  }

  detached(): void {
    this.address = 0;
    this.cancel('gone');
    this.onDetached();
  }

  ready(endpoint: number, out: boolean): void {
    for (const pipe of this.#pipes) {
      if (pipe.endpoint === endpoint && (endpoint === 0 || pipe.out === out)) pipe.parked = false;
    }
    this.#next();
  }

  #pipe(endpoint: number, out: boolean, maxPacket: number): Pipe {
    let pipe = this.#pipes.find((each) => each.endpoint === endpoint && each.out === out);
    if (pipe === undefined) {
      pipe = { endpoint, out, maxPacket, toggle: 0, queue: [], parked: false };
      this.#pipes.push(pipe);
    }
    pipe.maxPacket = maxPacket;
    return pipe;
  }

  #submit(pipe: Pipe, asked: Pick<Transfer, 'done' | 'data' | 'length' | 'control' | 'endsShort'>): TakeBack {
    const startAt = this.#frameBoundary();
    const transfer = { ...asked, startAt, received: [], bytes: 0, failures: 0 };
    if (this.#bus.device === undefined) {
      this.#finish(transfer, 'gone');
      return () => {};
    }
    if (startAt > this.#bus.clock.nanos) this.#bus.wait(startAt - this.#bus.clock.nanos, () => this.#next());
    pipe.queue.push(transfer);
    this.#next();
    this.onWork();
    return () => this.#takeBack(pipe, transfer);
  }

  #takeBack(pipe: Pipe, transfer: Transfer): void {
    const at = pipe.queue.indexOf(transfer);
    if (at < 0) return;
    pipe.queue.splice(at, 1);
    if (at === 0) pipe.parked = false;
    this.#finish(transfer, 'cancelled');
    this.#next();
  }

  #frameBoundary(): number {
    const { nanos } = this.#bus.clock;
    return this.#frameNanos === 0 ? nanos : Math.ceil(nanos / this.#frameNanos) * this.#frameNanos;
  }

  #next(): void {
    if (this.#transacting || !this.#bus.active) return;
    const count = this.#pipes.length;
    for (let step = 0; step < count; step++) {
      const pipe = this.#pipes[(this.#turn + step) % count]!;
      const transfer = pipe.queue[0];
      if (transfer === undefined || pipe.parked || transfer.startAt > this.#bus.clock.nanos) continue;
      this.#turn = (this.#turn + step + 1) % count;
      this.#transact(pipe, transfer);
      return;
    }
  }

  #transact(pipe: Pipe, transfer: Transfer): void {
    const token = nextToken(pipe, transfer);
    if (token.kind === 'setup') this.#setup(pipe, transfer, token);
    else if (token.kind === 'out') this.#out(pipe, transfer, token);
    else this.#in(pipe, transfer, token);
  }

  /** Puts a transaction on the wires; `finish` runs at its end, unless the device has gone meanwhile. */
  #onWires(pipe: Pipe, bytes: number, finish: () => void): void {
    const { device } = this.#bus;
    this.#transacting = true;
    this.#bus.transact(bytes, () => {
      this.#transacting = false;
      if (device !== undefined && this.#bus.device === device) {
        finish();
        // It may have become ready while the NAK was on its way.
        if (pipe.parked && device.isReady(pipe.endpoint, this.#isOut(pipe))) pipe.parked = false;
      }
      this.#next();
    });
  }

  #isOut(pipe: Pipe): boolean {
    const [transfer] = pipe.queue;
    return transfer === undefined ? pipe.out : nextToken(pipe, transfer).kind !== 'in';
  }

  #setup(pipe: Pipe, transfer: Transfer, { packet }: Token & { kind: 'setup' }): void {
    const take = this.#bus.device!.setup(this.address, packet);
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

  #out(pipe: Pipe, transfer: Transfer, { data, toggle }: Token & { kind: 'out' }): void {
    const reply = this.#bus.device!.out(this.address, pipe.endpoint, data, toggle);
    this.#onWires(pipe, OVERHEAD_BYTES.data + data.length, () => {
      if (typeof reply !== 'function') {
        this.#refused(pipe, transfer, reply);
        return;
      }
      reply();
      this.#moved(pipe, transfer, data.length);
      if (pipe.queue[0] !== transfer) return;
      const status = dataTaken(pipe, transfer, data.length);
      if (status !== undefined) this.#complete(pipe, status);
    });
  }

  #in(pipe: Pipe, transfer: Transfer, token: Token & { kind: 'in' }): void {
    const reply = this.#bus.device!.in(this.address, pipe.endpoint);
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
      if (status !== undefined) this.#complete(pipe, status);
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
      if (pipe.queue[0] === transfer) this.#complete(pipe, 'stall');
    }
  }

  #noAnswer(pipe: Pipe, transfer: Transfer): void {
    if (pipe.queue[0] !== transfer) return;
    transfer.failures += 1;
    if (transfer.failures >= RETRIES) this.#complete(pipe, 'failed');
  }

  #complete(pipe: Pipe, status: TransferStatus): void {
    pipe.parked = false;
    const transfer = pipe.queue.shift()!;
    const delay = this.#frameBoundary() - this.#bus.clock.nanos;
    if (delay === 0) this.#finish(transfer, status);
    else this.#bus.wait(delay, () => this.#finish(transfer, status));
  }

  #finish(transfer: Transfer, status: TransferStatus): void {
    this.counters.transfers += 1;
    transfer.done(resultOf(transfer, status));
  }
}
