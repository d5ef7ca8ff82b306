import { BasePeripheral } from 'rp2040js';
import type { Alarm } from '../clock.js';
import type { Silicon } from '../silicon.js';
import { PwmSlice } from './pwm-slice.js';

const SLICES = 8;
const SLICE_STRIDE = 0x14;
const DIV_BITS = 0xfff;
const ALL = 0xff;
const PINS = 30;
const FUNCTION_PWM = 4;
const IRQ_PWM_WRAP = 4;

const CH = { csr: 0x00, div: 0x04, ctr: 0x08, cc: 0x0c, top: 0x10 } as const;
const EN = 0xa0;
const INTR = 0xa4;
const INTE = 0xa8;
const INTF = 0xac;
const INTS = 0xb0;

/**
 * The PWM block (RP2040 datasheet 4.5), in place of the package's, where EN reads 0, SET on EN stops the other slices,
 * a write to DIV starts a stopped counter, and CC and TOP written while a slice stands still wait for its next start.
 *
 * Events are scheduled only for what somebody can see at once: pins that are routed to the PWM, and enabled
 * interrupts. All else is worked out when it is read. (So the wrap signal to the DMA comes only with one of those.)
 */
export class Pwm extends BasePeripheral {
  /** Read by the package when the system clock changes; the slices here listen for that themselves. */
  readonly channels: readonly never[] = [];
  /** Levels and directions that the slices give to pins routed to them, read by the package, a bit a pin. */
  gpioValue = 0;
  gpioDirection = 0;
  readonly #silicon: Silicon;
  readonly #slices = Array.from({ length: SLICES }, () => new PwmSlice());
  readonly #alarm: Alarm;
  #clockNanos: number;
  #raised = 0;
  #enabled = 0;
  #forced = 0;

  constructor(silicon: Silicon) {
    super(silicon, 'PWM');
    this.#silicon = silicon;
    this.#clockNanos = 1e9 / silicon.clkSys;
    this.#alarm = silicon.clock.createAlarm(() => this.#settle());
    silicon.addClockListener((hertz) => {
      this.#sync();
      this.#clockNanos = 1e9 / hertz;
      this.#settle();
    });
  }

  /** Called by the package when the level of a pin routed to the PWM has changed. */
  gpioOnInput(pin: number): void {
    const slice = this.#sliceOf(pin);
    if (!(pin & 1) || slice.drivesB) return;
    this.#sync();
    slice.feedB(this.#silicon.gpio[pin]!.inputValue);
    this.#settle();
  }

  /** A pin got another function: what has to be watched may have changed. */
  routed(): void {
    this.#sync();
    this.#settle();
  }

  reset(): void {
    for (const slice of this.#slices) slice.reset();
    this.#raised = this.#enabled = this.#forced = 0;
    this.#settle();
  }

  override readUint32(offset: number): number {
    this.#sync();
    const slice = this.#slices[Math.floor(offset / SLICE_STRIDE)];
    if (slice !== undefined) {
      switch (offset % SLICE_STRIDE) {
        case CH.csr:
          return slice.csr;
        case CH.div:
          return slice.div;
        case CH.ctr:
          return slice.counter;
        case CH.cc:
          return slice.cc;
        case CH.top:
          return slice.top;
      }
    }
    switch (offset) {
      case EN:
        return this.#slices.reduce((bits, { enabled }, index) => bits | (Number(enabled) << index), 0);
      case INTR:
        return this.#raised;
      case INTE:
        return this.#enabled;
      case INTF:
        return this.#forced;
      case INTS:
        return this.#status;
    }
    this.warn(`read of offset 0x${offset.toString(16)}, where no register is`);
    return 0;
  }

  override writeUint32(offset: number, value: number): void {
    this.#sync();
    const slice = this.#slices[Math.floor(offset / SLICE_STRIDE)];
    if (slice !== undefined) writeSlice(slice, offset % SLICE_STRIDE, value);
    else if (offset === EN) {
      for (const [index, each] of this.#slices.entries()) each.writeCsr((each.csr & ~1) | ((value >> index) & 1));
    } else if (offset === INTR) this.#raised &= ~(this.rawWriteValue & ALL);
    else if (offset === INTE) this.#enabled = value & ALL;
    else if (offset === INTF) this.#forced = value & ALL;
    else if (offset !== INTS) this.warn(`write to offset 0x${offset.toString(16)}, where no register is`);
    this.#settle();
  }

  get #status(): number {
    return (this.#raised & this.#enabled) | this.#forced;
  }

  /** Slice n drives pins 2n and 2n + 1, and from 16 on the same again (RP2040 datasheet 4.5.2, table 525). */
  #sliceOf(pin: number): PwmSlice {
    return this.#slices[(pin >> 1) & (SLICES - 1)]!;
  }

  #sync(): void {
    const now = this.#silicon.clock.nanos;
    for (const [index, slice] of this.#slices.entries()) {
      slice.sync(now, this.#clockNanos);
      if (!slice.wrapped) continue;
      slice.wrapped = false;
      this.#raised |= 1 << index;
    }
  }

  #drivePins(): void {
    let [values, directions] = [0, 0];
    for (let pin = 0; pin < PINS; pin++) {
      const slice = this.#sliceOf(pin);
      if (pin & 1 ? slice.outputB : slice.outputA) values |= 1 << pin;
      if (!(pin & 1) || slice.drivesB) directions |= 1 << pin;
    }
    this.gpioValue = values;
    this.gpioDirection = directions;
  }

  /** After any change, and at every scheduled event: pins, interrupt, next event. */
  #settle(): void {
    this.#sync();
    this.#drivePins();
    const { gpio, clock } = this.#silicon;
    let watched = this.#enabled;
    for (let pin = 0; pin < PINS; pin++) {
      if (gpio[pin]!.functionSelect !== FUNCTION_PWM) continue;
      watched |= 1 << ((pin >> 1) & (SLICES - 1));
      gpio[pin]!.checkForUpdates();
    }
    this.#silicon.setInterrupt(IRQ_PWM_WRAP, this.#status !== 0);
    let next = Infinity;
    for (const [index, slice] of this.#slices.entries()) {
      if (watched & (1 << index)) next = Math.min(next, slice.nextEvent(this.#clockNanos));
    }
    if (next === Infinity) this.#alarm.cancel();
    else this.#alarm.schedule(next - clock.nanos);
  }
}

function writeSlice(slice: PwmSlice, register: number, value: number): void {
  switch (register) {
    case CH.csr:
      slice.writeCsr(value);
      break;
    case CH.div:
      slice.div = value & DIV_BITS;
      break;
    case CH.ctr:
      slice.writeCounter(value);
      break;
    case CH.cc:
      slice.writeCompare(value);
      break;
    case CH.top:
      slice.writeTop(value);
      break;
  }
}
