import type { Alarm } from './clock.js';
import type { Silicon } from './silicon.js';
import type { BusDevice, DataPacket, Refusal, UsbBus } from './usb-bus.js';
import { EndpointBuffers } from './usb-buffers.js';
import {
  BUFFER,
  DPRAM,
  INT,
  MAIN_CTRL,
  MUXING,
  PWR,
  REG,
  SIE_CTRL,
  SIE_STATUS,
  USB_REGISTERS,
} from './usb-registers.js';
import { RegisterBlock } from './mends/registers.js';

const IRQ_USBCTRL = 5;
const ADDRESS_BITS = 0x7f;

/** Which flag of SIE_STATUS raises which interrupt (RP2040 datasheet 4.1.4, INTR). */
const FLAG_INTERRUPTS: readonly (readonly [flag: number, interrupt: number])[] = [
  [SIE_STATUS.transactionComplete, INT.transactionComplete],
  [SIE_STATUS.dataSequenceError, INT.dataSequence],
  [SIE_STATUS.rxTimeout, INT.rxTimeout],
  [SIE_STATUS.busReset, INT.busReset],
  [SIE_STATUS.resume, INT.resumeFromHost],
  [SIE_STATUS.setupReceived, INT.setup],
];

/**
 * The USB controller in device mode (RP2040 datasheet 4.1), in place of the package's, which cannot refuse: that one
 * copies data out as soon as a buffer is armed, and knows neither NAK and STALL nor toggles, addresses and suspend.
 * Here the device answers one token at a time, from what stands in the DPRAM when the token comes.
 */
export class UsbController extends RegisterBlock implements BusDevice {
  readonly #silicon: Silicon;
  readonly #bus: UsbBus;
  readonly #vbusPin: () => boolean;
  readonly #buffers: EndpointBuffers;
  readonly #frameAlarm: Alarm;
  #attached = false;
  #vbus = false;
  #suspended = false;
  /** Changes that firmware has not acknowledged yet: INT.connectionChanged, suspendChanged, startOfFrame. */
  #changes = 0;

  /** `vbusPin`: the level on the pin that has the function VBUS DET, for firmware that does not override it. */
  constructor(silicon: Silicon, bus: UsbBus, vbusPin: () => boolean) {
    super(silicon, 'USBCTRL', USB_REGISTERS);
    this.#silicon = silicon;
    this.#bus = bus;
    this.#vbusPin = vbusPin;
    this.#buffers = new EndpointBuffers(silicon, {
      sieCtrl: () => this.get(REG.sieCtrl),
      stallArm: () => this.get(REG.epStallArm),
      isAborted: (key) => (this.get(REG.epAbort) & (1 << key)) !== 0,
      flag: (status) => this.#flag(status),
      refused: (key) => this.set(REG.epStatusStallNak, this.get(REG.epStatusStallNak) | (1 << key)),
      idle: (key) => this.#idle(key),
      warn: (message) => this.warn(message),
    });
    this.#frameAlarm = silicon.clock.createAlarm(() => {
      this.#changes |= INT.startOfFrame;
      this.#settle();
    });
  }

  /** The block is reset, or the chip loses power: among other things, the pull-up goes. */
  override reset(): void {
    super.reset();
    this.#buffers.reset();
    this.#suspended = false;
    this.#changes = 0;
    this.#connect();
    this.#settle();
  }

  /** Called by the chip's memory for every store into the DPRAM. */
  DPRAMUpdated(offset: number, value: number): void {
    if (offset < DPRAM.buffers || offset >= DPRAM.buffersEnd) return;
    const key = (offset - DPRAM.buffers) >> 2;
    this.#buffers.written(key, value);
    const isOffer = value & (BUFFER.available | (BUFFER.available << 16) | BUFFER.stall);
    if (isOffer) this.#bus.host?.ready(key >> 1, !!(key & 1));
  }

  /** The level on the VBUS DET pin may have changed. */
  vbusChanged(): void {
    this.#connect();
    this.#settle();
  }

  setup(address: number, packet: Uint8Array): (() => void) | undefined {
    if (!this.#answersTo(address)) return undefined;
    return () => {
      // 4.1.2.6.1: always accepted, into its own buffer, and EP0 no longer stalls.
      this.#silicon.usbDPRAM.set(packet, DPRAM.setup);
      this.set(REG.epStallArm, 0);
      this.#flag(SIE_STATUS.setupReceived);
      this.#settle();
    };
  }

  in(address: number, endpoint: number): DataPacket | Refusal | undefined {
    if (!this.#answersTo(address)) return undefined;
    const reply = this.#buffers.in(endpoint);
    if (typeof reply !== 'object') {
      this.#settle();
      return reply;
    }
    const done = (acknowledged: boolean): void => {
      reply.done(acknowledged);
      this.#settle();
    };
    return { ...reply, done };
  }

  out(address: number, endpoint: number, data: Uint8Array, toggle: number): (() => void) | Refusal | undefined {
    if (!this.#answersTo(address)) return undefined;
    const reply = this.#buffers.out(endpoint, data, toggle);
    if (typeof reply !== 'function') {
      this.#settle();
      return reply;
    }
    return () => {
      reply();
      this.#settle();
    };
  }

  isReady(endpoint: number, out: boolean): boolean {
    return this.#buffers.isReady(endpoint, out);
  }

  /** The address is not touched: on this chip that is for firmware to do. */
  busReset(): void {
    this.#setSuspended(false);
    this.#flag(SIE_STATUS.busReset);
    this.#settle();
  }

  suspend(): void {
    this.#setSuspended(true);
    this.#settle();
  }

  framesChanged(): void {
    this.#settle();
  }

  resume(): void {
    if (!this.#suspended) return;
    this.#setSuspended(false);
    this.#flag(SIE_STATUS.resume);
    this.#settle();
  }

  protected override read(offset: number, stored: number): number {
    switch (offset) {
      case REG.sofRd:
        this.#changes &= ~INT.startOfFrame;
        this.#settle();
        return this.#bus.frame;
      case REG.sieStatus:
        return (
          stored |
          (this.#vbus ? SIE_STATUS.vbusDetected : 0) |
          (this.#attached ? SIE_STATUS.connected | SIE_STATUS.lineJ : 0) |
          (this.#suspended ? SIE_STATUS.suspended : 0)
        );
      case REG.buffStatus:
        return this.#buffers.completed;
      case REG.buffCpuShouldHandle:
        return this.#buffers.secondHalves;
      case REG.intr:
        return this.#raw;
      case REG.ints:
        return this.#status;
      default:
        return stored;
    }
  }

  protected override written(offset: number, before: number, after: number, onBus: number): void {
    switch (offset) {
      case REG.mainCtrl:
        if (after & MAIN_CTRL.host) this.warn('host mode is not emulated');
        this.#connect();
        break;
      case REG.sieCtrl:
      case REG.muxing:
      case REG.pwr:
        this.#connect();
        break;
      case REG.sieStatus:
        if (onBus & SIE_STATUS.connected) this.#changes &= ~INT.connectionChanged;
        if (onBus & SIE_STATUS.suspended) this.#changes &= ~INT.suspendChanged;
        break;
      case REG.buffStatus:
        this.#buffers.acknowledge(onBus);
        break;
      case REG.epAbort:
        this.#abort(before, after);
        break;
      case REG.epStallArm:
        if (after & 1) this.#bus.host?.ready(0, false);
        if (after & 2) this.#bus.host?.ready(0, true);
        break;
    }
    this.#settle();
  }

  #answersTo(address: number): boolean {
    return this.#attached && !this.#suspended && (this.get(REG.addrEndp) & ADDRESS_BITS) === address;
  }

  #flag(status: number): void {
    this.set(REG.sieStatus, this.get(REG.sieStatus) | status);
  }

  #setSuspended(suspended: boolean): void {
    if (suspended !== this.#suspended) this.#changes |= INT.suspendChanged;
    this.#suspended = suspended;
  }

  /** EP_ABORT: NAK from now on; safe to touch the buffer once no transaction is under way (4.1.4, EP_ABORT_DONE). */
  #abort(before: number, after: number): void {
    for (let key = 0; key < 32; key++) {
      const bit = 1 << key;
      if (after & ~before & bit && key !== this.#buffers.busyKey) this.#idle(key);
      if (before & ~after & bit) this.#bus.host?.ready(key >> 1, !!(key & 1));
    }
  }

  #idle(key: number): void {
    if (this.get(REG.epAbort) & (1 << key)) this.set(REG.epAbortDone, this.get(REG.epAbortDone) | (1 << key));
  }

  /** VBUS and pull-up, from the registers that decide about them. The pull-up needs VBUS, the PHY and the block on. */
  #connect(): void {
    const pwr = this.get(REG.pwr);
    const vbus = pwr & PWR.vbusDetectOverride ? (pwr & PWR.vbusDetect) !== 0 : this.#vbusPin();
    const attached =
      vbus &&
      (this.get(REG.mainCtrl) & (MAIN_CTRL.enable | MAIN_CTRL.host)) === MAIN_CTRL.enable &&
      (this.get(REG.muxing) & MUXING.toPhy) !== 0 &&
      (this.get(REG.sieCtrl) & SIE_CTRL.pullUp) !== 0;
    this.#vbus = vbus;
    if (attached === this.#attached) return;
    this.#attached = attached;
    this.#changes |= INT.connectionChanged;
    if (attached) this.#bus.attach(this);
    else this.#bus.detach(this);
  }

  get #raw(): number {
    let raw = this.#changes;
    const flags = this.get(REG.sieStatus);
    for (const [flag, interrupt] of FLAG_INTERRUPTS) if (flags & flag) raw |= interrupt;
    if (this.#buffers.completed) raw |= INT.buffStatus;
    if (this.#vbus) raw |= INT.vbusDetect;
    if (this.get(REG.epAbortDone)) raw |= INT.abortDone;
    if (this.get(REG.epStatusStallNak)) raw |= INT.stallNak;
    return raw;
  }

  get #status(): number {
    return (this.#raw & this.get(REG.inte)) | this.get(REG.intf);
  }

  #settle(): void {
    this.#silicon.setInterrupt(IRQ_USBCTRL, this.#status !== 0);
    const wanted = (this.get(REG.inte) & INT.startOfFrame) !== 0 && this.#bus.active;
    if (wanted) this.#frameAlarm.schedule(this.#bus.nanosToNextFrame);
    else this.#frameAlarm.cancel();
  }
}
