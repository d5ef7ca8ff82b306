import { OVERHEAD_BYTES, type BusHost, type Refusal, type UsbBus } from './usb-bus.js';

/**
 * - `stall`, `babble`: the device refused; it sent more than there was room for.
 * - `failed`: it did not answer three times in a row, or against the rules (USB 2.0 10.2.6).
 * - `cancelled`, `gone`: the host took the transfer back; the device is no longer on the bus.
 */
export type TransferStatus = 'ok' | 'stall' | 'babble' | 'failed' | 'cancelled' | 'gone';

export interface TransferResult {
  readonly status: TransferStatus;
  /** What came from the device. */
  readonly data: Uint8Array;
  /** How many bytes of data went over, in the transfer's direction. */
  readonly bytes: number;
}

export interface Counters {
  transfers: number;
  packets: number;
  naks: number;
  stalls: number;
  /** Payload, both directions. */
  bytes: number;
}

/** The transactions that a transfer still has to go through, as it goes through them. */
interface Transfer {
  readonly done: (result: TransferResult) => void;
  readonly data: Uint8Array;
  readonly length: number;
  readonly startAt: number;
  received: Uint8Array[];
  bytes: number;
  failures: number;
  /** Control transfers only. */
  readonly control?: {
    readonly setup: Uint8Array;
    readonly in: boolean;
    stage: 'setup' | 'data' | 'status';
    toggle: number;
  };
}

interface Pipe {
  readonly endpoint: number;
  readonly out: boolean;
  maxPacket: number;
  toggle: number;
  readonly queue: Transfer[];
  /** The device has refused with NAK and has not changed its mind since. */
  parked: boolean;
}

const NO_DATA = new Uint8Array(0);
const RETRIES = 3;

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

  /** Whether emulated time has to pass for the host's sake. A pending IN alone is no reason: it waits for the device. */
  get busy(): boolean {
    return (
      this.#bus.inFlight || this.#pipes.some(({ out, endpoint, queue }) => queue.length > 0 && (out || endpoint === 0))
    );
  }

  in(endpoint: number, maxPacket: number, length: number, done: Transfer['done']): void {
    this.#submit(this.#pipe(endpoint, false, maxPacket), { done, data: NO_DATA, length });
  }

  out(endpoint: number, maxPacket: number, data: Uint8Array, done: Transfer['done']): void {
    this.#submit(this.#pipe(endpoint, true, maxPacket), { done, data, length: data.length });
  }

  /** `setup`: 8 bytes. `data`: what to send, for a request to the device. */
  control(maxPacket: number, setup: Uint8Array, data: Uint8Array, done: Transfer['done']): void {
    const length = setup[6]! | (setup[7]! << 8);
    const control = { setup, in: (setup[0]! & 0x80) !== 0, stage: 'setup' as const, toggle: 0 };
    this.#submit(this.#pipe(0, true, maxPacket), { done, data, length, control });
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

  #submit(pipe: Pipe, transfer: Pick<Transfer, 'done' | 'data' | 'length' | 'control'>): void {
    const startAt = this.#frameBoundary();
    if (startAt > this.#bus.clock.nanos) this.#bus.wait(startAt - this.#bus.clock.nanos, () => this.#next());
    pipe.queue.push({ ...transfer, startAt, received: [], bytes: 0, failures: 0 });
    this.#next();
    this.onWork();
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
    const { control } = transfer;
    if (control?.stage === 'setup') this.#setup(pipe, transfer, control.setup);
    else if (control === undefined ? pipe.out : control.in === (control.stage === 'status')) this.#out(pipe, transfer);
    else this.#in(pipe, transfer);
  }

  /** Puts a transaction on the wires; `finish` runs at its end, unless the device has gone or the transfer was taken back. */
  #onWires(pipe: Pipe, transfer: Transfer, bytes: number, finish: () => void): void {
    const { device } = this.#bus;
    this.#transacting = true;
    this.#bus.transact(bytes, () => {
      this.#transacting = false;
      if (this.#bus.device === device && device !== undefined) {
        finish();
        if (pipe.parked && device.isReady(pipe.endpoint, this.#direction(pipe, transfer))) pipe.parked = false;
      }
      this.#next();
    });
  }

  #direction(pipe: Pipe, { control }: Transfer): boolean {
    return control === undefined ? pipe.out : control.in === (control.stage === 'status');
  }

  #setup(pipe: Pipe, transfer: Transfer, packet: Uint8Array): void {
    const accept = this.#bus.device!.setup(this.address, packet);
    this.#onWires(pipe, transfer, OVERHEAD_BYTES.data + packet.length, () => {
      if (accept === undefined) this.#noAnswer(pipe, transfer);
      else {
        accept();
        this.counters.packets += 1;
        transfer.control!.stage = transfer.length > 0 ? 'data' : 'status';
        transfer.control!.toggle = 1;
      }
    });
  }

  #out(pipe: Pipe, transfer: Transfer): void {
    const { control } = transfer;
    const isStatus = control?.stage === 'status';
    const data = isStatus ? NO_DATA : transfer.data.subarray(transfer.bytes, transfer.bytes + pipe.maxPacket);
    const toggle = control?.toggle ?? pipe.toggle;
    const reply = this.#bus.device!.out(this.address, pipe.endpoint, data, toggle);
    this.#onWires(pipe, transfer, OVERHEAD_BYTES.data + data.length, () => {
      if (typeof reply !== 'function') {
        this.#refused(pipe, transfer, reply);
        return;
      }
      reply();
      this.#count(data.length);
      this.#flip(pipe, transfer);
      if (pipe.queue[0] !== transfer) return;
      transfer.failures = 0;
      transfer.bytes += data.length;
      if (isStatus || (control === undefined && transfer.bytes >= transfer.length)) this.#complete(pipe, 'ok');
      else if (transfer.bytes >= transfer.length) toStatus(transfer);
    });
  }

  #in(pipe: Pipe, transfer: Transfer): void {
    const { control } = transfer;
    const isStatus = control?.stage === 'status';
    const expected = control?.toggle ?? pipe.toggle;
    const reply = this.#bus.device!.in(this.address, pipe.endpoint);
    const size = typeof reply === 'object' ? OVERHEAD_BYTES.data + reply.data.length : OVERHEAD_BYTES.refusedIn;
    this.#onWires(pipe, transfer, size, () => {
      if (typeof reply !== 'object') {
        this.#refused(pipe, transfer, reply);
        return;
      }
      const room = isStatus ? 0 : transfer.length - transfer.bytes;
      const tooLong = reply.data.length > Math.min(room, pipe.maxPacket);
      const isRepetition = reply.toggle !== expected;
      reply.done(isRepetition || !tooLong);
      if (isRepetition) return;
      if (!tooLong) {
        this.#count(reply.data.length);
        this.#flip(pipe, transfer);
      }
      if (pipe.queue[0] !== transfer) return;
      transfer.failures = 0;
      transfer.received.push(tooLong ? reply.data.subarray(0, room) : reply.data);
      transfer.bytes += Math.min(reply.data.length, room);
      if (tooLong) {
        this.#complete(pipe, isStatus ? 'failed' : 'babble');
        return;
      }
      const isOver = reply.data.length < pipe.maxPacket || transfer.bytes >= transfer.length;
      if (isStatus || (control === undefined && isOver)) this.#complete(pipe, 'ok');
      else if (isOver) toStatus(transfer);
    });
  }

  #count(bytes: number): void {
    this.counters.packets += 1;
    this.counters.bytes += bytes;
  }

  #flip(pipe: Pipe, { control }: Transfer): void {
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
    const { received, bytes, control } = transfer;
    transfer.done({ status, bytes, data: control && !control.in ? NO_DATA : joined(received) });
  }
}

function toStatus({ control }: Transfer): void {
  control!.stage = 'status';
  control!.toggle = 1;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
