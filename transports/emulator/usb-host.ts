import type { BusHost, UsbBus } from './usb-bus.js';
import { UsbTransactions } from './usb-transactions.js';
import { controlOf, resultOf, type Counters, type Pipe, type Transfer, type TransferStatus } from './usb-transfer.js';

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
  readonly #transactions: UsbTransactions;
  #turn = 0;
  #resetting = false;

  constructor(bus: UsbBus, frameNanos = 0) {
    this.#bus = bus;
    this.#frameNanos = frameNanos;
    this.#transactions = new UsbTransactions(bus, {
      completed: (pipe, status) => this.#complete(pipe, status),
      next: () => this.#next(),
    });
    bus.host = this;
  }

  get counters(): Counters {
    return this.#transactions.counters;
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
    this.#resetting = true;
    this.address = 0;
    this.resetToggles();
    this.#bus.reset(() => {
      this.#resetting = false;
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
    if (this.#resetting || this.#transactions.running || !this.#bus.active) return;
    const count = this.#pipes.length;
    for (let step = 0; step < count; step++) {
      const pipe = this.#pipes[(this.#turn + step) % count]!;
      const transfer = pipe.queue[0];
      if (transfer === undefined || pipe.parked || transfer.startAt > this.#bus.clock.nanos) continue;
      this.#turn = (this.#turn + step + 1) % count;
      this.#transactions.begin(this.address, pipe, transfer);
      return;
    }
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
