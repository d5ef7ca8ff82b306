import type { Silicon } from './silicon.js';
import type { DataPacket, Refusal } from './usb-bus.js';
import { BUFFER, DPRAM, EP_CONTROL, SIE_CTRL, SIE_STATUS } from './usb-registers.js';

const ENDPOINT_KEYS = 32;
const NOBODY = -1;

/** What the buffers need of the registers around them. A key is the bit number in BUFF_STATUS: endpoint · 2 + OUT. */
export interface BufferSurroundings {
  sieCtrl(): number;
  stallArm(): number;
  isAborted(key: number): boolean;
  /** Sets flags in SIE_STATUS. */
  flag(status: number): void;
  /** A NAK or STALL went out on an endpoint that asked to be told of it. */
  refused(key: number): void;
  /** The transaction on this endpoint is over. */
  idle(key: number): void;
  warn(message: string): void;
}

/** A buffer as the controller reads it when a token comes. */
interface Selected {
  readonly key: number;
  readonly control: number;
  readonly half: 0 | 1;
  readonly word: number;
  /** The selected half of the buffer control word. */
  readonly bits: number;
  readonly address: number;
}

/**
 * Endpoints and their buffers in the DPRAM (RP2040 datasheet 4.1.2.5 and 4.1.2.6): who may use a buffer, which of two
 * is next, which are done.
 */
export class EndpointBuffers {
  /** The endpoint that has a transaction on the wires. */
  busyKey = NOBODY;
  readonly #silicon: Silicon;
  readonly #around: BufferSurroundings;
  /** Which buffer of a pair is next, by key. */
  readonly #select = new Uint8Array(ENDPOINT_KEYS);
  /** Buffers that are done and not acknowledged yet, oldest first, by key. */
  readonly #done: number[][] = Array.from({ length: ENDPOINT_KEYS }, () => []);
  /** The buffer control words as last written by firmware, to see what a write changes. */
  readonly #words = new Uint32Array(ENDPOINT_KEYS);
  /** BUFF_STATUS and BUFF_CPU_SHOULD_HANDLE. */
  completed = 0;
  secondHalves = 0;

  constructor(silicon: Silicon, around: BufferSurroundings) {
    this.#silicon = silicon;
    this.#around = around;
  }

  reset(): void {
    this.busyKey = NOBODY;
    this.#select.fill(0);
    this.completed = 0;
    this.secondHalves = 0;
    for (const queue of this.#done) queue.length = 0;
  }

  /** Firmware has written a buffer control word. */
  written(key: number, word: number): void {
    if (word & BUFFER.resetSelect) this.#select[key] = 0;
    const before = this.#words[key]!;
    this.#words[key] = word;
    for (const shift of [0, 16]) {
      const [was, is] = [before >>> shift, word >>> shift];
      const handedOver = is & ~was & BUFFER.available;
      if (handedOver && (was ^ is) & (BUFFER.full | BUFFER.last | BUFFER.data1 | BUFFER.length)) {
        const name = `EP${key >> 1} ${key & 1 ? 'OUT' : 'IN'}`;
        this.#around.warn(`${name}: AVAILABLE was set in the write that changed the rest (RP2040 datasheet 4.1.2.5.1)`);
      }
    }
  }

  /** Acknowledges one done buffer of each endpoint in `bits`; where two were done, the other one shows up at once. */
  acknowledge(bits: number): void {
    for (let key = 0; key < ENDPOINT_KEYS; key++) {
      if (!(bits & (1 << key))) continue;
      this.#done[key]!.shift();
      this.#show(key);
    }
  }

  isReady(endpoint: number, out: boolean): boolean {
    const buffer = this.#lookUp(endpoint, out);
    return buffer === undefined || this.#refusal(buffer, out) !== 'nak';
  }

  in(endpoint: number): DataPacket | Refusal | undefined {
    const buffer = this.#lookUp(endpoint, false);
    if (buffer === undefined) return undefined;
    const refusal = this.#refusal(buffer, false);
    if (refusal !== undefined) return this.#refuse(buffer, refusal);
    this.busyKey = buffer.key;
    const data = this.#silicon.usbDPRAM.slice(buffer.address, buffer.address + (buffer.bits & BUFFER.length));
    const done = (acknowledged: boolean): void => {
      if (acknowledged) {
        this.#around.flag(SIE_STATUS.ackReceived);
        this.#finish(buffer, buffer.bits & ~(BUFFER.available | BUFFER.full));
      } else this.#around.flag(SIE_STATUS.rxTimeout);
      this.#release(buffer.key);
    };
    return { data, toggle: buffer.bits & BUFFER.data1 ? 1 : 0, done };
  }

  out(endpoint: number, data: Uint8Array, toggle: number): (() => void) | Refusal | undefined {
    const buffer = this.#lookUp(endpoint, true);
    if (buffer === undefined) return undefined;
    const refusal = this.#refusal(buffer, true);
    if (refusal !== undefined) return this.#refuse(buffer, refusal);
    this.busyKey = buffer.key;
    return () => {
      const room = buffer.bits & BUFFER.length;
      const expected = buffer.bits & BUFFER.data1 ? 1 : 0;
      // A repetition of what is here already is acknowledged and dropped (USB 2.0 8.6.4).
      if (toggle !== expected) this.#around.flag(SIE_STATUS.dataSequenceError);
      else {
        if (data.length > room) this.#around.warn(`EP${endpoint} OUT: ${data.length} bytes for a buffer of ${room}`);
        const taken = Math.min(data.length, room);
        this.#silicon.usbDPRAM.set(data.subarray(0, taken), buffer.address);
        this.#finish(buffer, (buffer.bits & ~(BUFFER.available | BUFFER.length)) | BUFFER.full | taken);
      }
      this.#release(buffer.key);
    };
  }

  #lookUp(endpoint: number, out: boolean): Selected | undefined {
    const dpram = this.#silicon.usbDPRAMView;
    const key = endpoint * 2 + Number(out);
    const control = endpoint === 0 ? this.#ep0Control() : dpram.getUint32(DPRAM.control + (key - 2) * 4, true);
    if (!(control & EP_CONTROL.enable)) return undefined;
    const half = control & EP_CONTROL.double && this.#select[key] ? 1 : 0;
    const word = dpram.getUint32(DPRAM.buffers + key * 4, true);
    const address = (control & EP_CONTROL.address) + half * DPRAM.pairOffset;
    return { key, control, half, word, bits: (word >>> (16 * half)) & 0xffff, address };
  }

  /** Endpoint 0 is always on, and has its bits in SIE_CTRL (4.1.4, SIE_CTRL). */
  #ep0Control(): number {
    const sie = this.#around.sieCtrl();
    return (
      EP_CONTROL.enable |
      DPRAM.ep0 |
      (sie & (SIE_CTRL.ep0Double | SIE_CTRL.ep0EachBuffer | SIE_CTRL.ep0EachPair)) |
      (sie & SIE_CTRL.ep0NakStatus ? EP_CONTROL.nakStatus : 0) |
      (sie & SIE_CTRL.ep0StallStatus ? EP_CONTROL.stallStatus : 0)
    );
  }

  /** Token phase (4.1.2.6.2, 4.1.2.6.3). */
  #refusal({ key, word, bits }: Selected, out: boolean): Refusal | undefined {
    if (this.#around.isAborted(key)) return 'nak';
    if (word & BUFFER.stall && (key > 1 || this.#around.stallArm() & (1 << key))) return 'stall';
    const full = (bits & BUFFER.full) !== 0;
    return bits & BUFFER.available && full !== out ? undefined : 'nak';
  }

  #refuse({ key, control }: Selected, refusal: Refusal): Refusal {
    if (control & (refusal === 'nak' ? EP_CONTROL.nakStatus : EP_CONTROL.stallStatus)) this.#around.refused(key);
    return refusal;
  }

  /** Status phase (4.1.2.6.2): write back, flip the select, say that the buffer is done. */
  #finish({ key, control, half, bits }: Selected, written: number): void {
    const dpram = this.#silicon.usbDPRAMView;
    // Read again: firmware may have armed the other buffer while this one was on the wires.
    const now = dpram.getUint32(DPRAM.buffers + key * 4, true);
    const mask = 0xffff << (16 * half);
    const after = (((now & ~mask) | (written << (16 * half))) & ~BUFFER.resetSelect) >>> 0;
    dpram.setUint32(DPRAM.buffers + key * 4, after, true);
    this.#words[key] = after;
    if (control & EP_CONTROL.double) this.#select[key] = half ^ 1;
    if (bits & BUFFER.last) this.#around.flag(SIE_STATUS.transactionComplete);
    const tell = control & EP_CONTROL.eachBuffer || (control & EP_CONTROL.eachPair && half === 1);
    if (!tell) return;
    const queue = this.#done[key]!;
    if (!queue.includes(half)) queue.push(half);
    this.#show(key);
  }

  #show(key: number): void {
    const bit = 1 << key;
    const oldest = this.#done[key]![0];
    this.completed = (oldest === undefined ? this.completed & ~bit : this.completed | bit) >>> 0;
    this.secondHalves = (oldest === 1 ? this.secondHalves | bit : this.secondHalves & ~bit) >>> 0;
  }

  #release(key: number): void {
    this.busyKey = NOBODY;
    this.#around.idle(key);
  }
}
