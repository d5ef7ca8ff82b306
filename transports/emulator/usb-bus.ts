import type { Alarm, Clock } from './clock.js';

const BYTE_NANOS = (8 * 1e9) / 12e6;
/**
 * What a transaction costs beyond its data, in bytes of full-speed bus time (USB 2.0, table 5-9): sync, PID and CRC of
 * token, data and handshake, and the gaps between them. A refused IN has no data packet. Bit stuffing and the start of
 * frame packets (0.4 %) are left out.
 */
export const OVERHEAD_BYTES = { data: 13, refusedIn: 8 } as const;

/** Bus timing, nanoseconds, with the section of USB 2.0. */
export const TIMING = {
  frame: 1_000_000,
  /** From attach to reset. 7.1.7.3 asks for 100 ms; this is enough for the device to see an idle bus and suspend. */
  attach: 4_000_000,
  /** 7.1.7.5, TDRST of a hub port. */
  reset: 10_000_000,
  /** 7.1.7.5: the device looks for reset after 2.5 µs of SE0. */
  resetDetect: 2_500,
  /** 7.1.7.5, TRSTRCY: nothing is asked of a device for so long after reset. */
  resetRecovery: 10_000_000,
  /** 7.1.7.6: idle for so long means suspend. */
  idleToSuspend: 3_000_000,
  /** 7.1.7.7, TDRSMDN. */
  resume: 20_000_000,
  /** 9.2.6.3, TDSETADDR. */
  setAddress: 2_000_000,
} as const;

export type Refusal = 'nak' | 'stall';

export interface DataPacket {
  readonly data: Uint8Array;
  readonly toggle: number;
  /** Ends the transaction: whether the host has acknowledged the packet. */
  readonly done: (acknowledged: boolean) => void;
}

/** The device end of the cable. A method that answers `undefined` stands for silence. */
export interface BusDevice {
  /** A SETUP packet of 8 bytes; the returned function ends the transaction. */
  setup(address: number, packet: Uint8Array): (() => void) | undefined;
  in(address: number, endpoint: number): DataPacket | Refusal | undefined;
  /** The returned function ends the transaction: the data is the device's from then on. */
  out(address: number, endpoint: number, data: Uint8Array, toggle: number): (() => void) | Refusal | undefined;
  /** Whether the endpoint would answer anything but NAK. */
  isReady(endpoint: number, out: boolean): boolean;
  busReset(): void;
  /** The start of frame packets have begun, or stopped. */
  framesChanged(): void;
  suspend(): void;
  resume(): void;
}

/** The host end. */
export interface BusHost {
  attached(): void;
  detached(): void;
  /** The device can do something about this endpoint now: worth polling again. */
  ready(endpoint: number, out: boolean): void;
}

/**
 * One full-speed bus with one device: a cable, a pull-up, and wires that carry one transaction at a time. Everything
 * that takes bus time counts as in flight, which is what lets emulated time pass while the processor sleeps.
 */
export class UsbBus {
  host: BusHost | undefined;
  readonly clock: Clock;
  /** Bus time spent in transactions. */
  busyNanos = 0;
  #device: BusDevice | undefined;
  #cable = false;
  #frames = false;
  #frameOrigin = 0;
  #inFlight = 0;
  readonly #idle: Alarm;
  #idleCounted = false;

  constructor(clock: Clock) {
    this.clock = clock;
    this.#idle = clock.createAlarm(() => {
      this.#countIdle(false);
      this.#device?.suspend();
    });
  }

  get inFlight(): boolean {
    return this.#inFlight > 0;
  }

  /** The device, as long as both ends of the cable are in and its pull-up is on. */
  get device(): BusDevice | undefined {
    return this.#cable ? this.#device : undefined;
  }

  /** Whether start of frame packets run, the sign of life of a bus. */
  get active(): boolean {
    return this.#frames;
  }

  get frame(): number {
    return Math.floor((this.clock.nanos - this.#frameOrigin) / TIMING.frame) & 0x7ff;
  }

  get nanosToNextFrame(): number {
    return TIMING.frame - ((this.clock.nanos - this.#frameOrigin) % TIMING.frame);
  }

  plug(plugged: boolean): void {
    if (plugged === this.#cable) return;
    const attachedBefore = this.device !== undefined;
    this.#cable = plugged;
    this.#attachmentChanged(attachedBefore);
  }

  /** The device has switched its pull-up on. */
  attach(device: BusDevice): void {
    const attachedBefore = this.device !== undefined;
    this.#device = device;
    this.#attachmentChanged(attachedBefore);
  }

  /** The device has switched its pull-up off, or is gone. */
  detach(device: BusDevice): void {
    if (this.#device !== device) return;
    const attachedBefore = this.device !== undefined;
    this.#device = undefined;
    this.#attachmentChanged(attachedBefore);
  }

  /** Starts or stops the start of frame packets; without them the device suspends. */
  run(frames: boolean): void {
    if (frames && !this.#frames) this.#frameOrigin = this.clock.nanos;
    this.#frames = frames;
    this.#device?.framesChanged();
    this.#watchIdle();
  }

  /** Runs `then` after bus time that counts as in flight. */
  wait(nanos: number, then: () => void): void {
    this.#inFlight += 1;
    this.clock
      .createAlarm(() => {
        this.#inFlight -= 1;
        then();
      })
      .schedule(nanos);
  }

  /** Occupies the wires for a transaction of so many bytes. */
  transact(bytes: number, then: () => void): void {
    const nanos = bytes * BYTE_NANOS;
    this.busyNanos += nanos;
    this.wait(nanos, then);
  }

  /** Drives a reset: the device sees it early on, and is left alone until it has recovered. */
  reset(then: () => void): void {
    this.run(false);
    this.#countIdle(false);
    this.#idle.cancel();
    this.wait(TIMING.resetDetect, () => this.device?.busReset());
    this.wait(TIMING.reset, () => {
      this.run(this.device !== undefined);
      this.wait(TIMING.resetRecovery, then);
    });
  }

  /** Wakes a suspended device (USB 2.0 7.1.7.7). */
  resume(then: () => void): void {
    this.device?.resume();
    this.wait(TIMING.resume, () => {
      this.run(this.device !== undefined);
      then();
    });
  }

  #attachmentChanged(attachedBefore: boolean): void {
    const attached = this.device !== undefined;
    if (attached === attachedBefore) {
      this.#watchIdle();
      return;
    }
    this.run(false);
    if (attached) this.host?.attached();
    else this.host?.detached();
  }

  /** A device whose pull-up is on and that sees no frames, cable or not, suspends after a while. */
  #watchIdle(): void {
    const idle = this.#device !== undefined && !this.#frames;
    if (idle === this.#idle.scheduled) return;
    if (idle) this.#idle.schedule(TIMING.idleToSuspend);
    else this.#idle.cancel();
    this.#countIdle(idle);
  }

  #countIdle(counted: boolean): void {
    if (counted === this.#idleCounted) return;
    this.#idleCounted = counted;
    this.#inFlight += counted ? 1 : -1;
  }
}
