import { TransportError } from '../errors.js';
import type { Environment } from '../environment.js';
import type { PortListener } from '../serial/port.js';
import type { I2cTarget, SpiTarget } from './bus-targets.js';
import { Chip, type ChipResetCause } from './chip.js';
import { Clock } from './clock.js';
import { Runner } from './runner.js';
import { TIMING, UsbBus } from './usb-bus.js';
import { EmulatedUsbDevice } from './usb-device.js';
import { addressDevice, describeDevice, EnumerationError } from './usb-enumeration.js';
import { ConnectionEvents } from './usb-events.js';
import { matches } from './usb-filter.js';
import { UsbHost } from './usb-host.js';
import { openSerialPort, type EmulatedSerialPort } from './usb-serial-port.js';
import type { Counters } from './usb-transfer.js';
import type { ChipWarning } from './warnings.js';

/** The Pico measures VBUS with this pin (Pico datasheet 2.1). */
const VBUS_SENSE_PIN = 24;
/** How long a board may take from power-on until it has been enumerated, in emulated time. */
const APPEARS_WITHIN_NANOS = 3e9;
const LAST_ADDRESS = 127;

export type PowerWhenUnplugged = 'lost' | 'kept';

export interface EmulatedBoardOptions {
  /** What stands in flash, from its first byte on (a `.bin`, not a `.uf2`). */
  readonly image: Uint8Array;
  readonly environment: Environment;
  /** The unique number of the flash chip, 64 bits; drawn from `environment.random` if not given. */
  readonly flashId?: Uint8Array | bigint;
  /** Whether the board has a supply of its own: what happens when it is unplugged. Default: 'lost'. */
  readonly power?: PowerWhenUnplugged;
  /**
   * Models hosts that look at new transfers only when a frame begins, and report at the end of one: the length of a
   * frame in microseconds, 1000 for UHCI and OHCI. Default 0: at once.
   */
  readonly hostFrameMicros?: number;
}

/**
 * An emulated Pico on an emulated USB port. It can stand in for `navigator.usb`: it has `getDevices`, `requestDevice`,
 * `connect` and `disconnect`. It starts unplugged and without power.
 */
export class EmulatedBoard extends ConnectionEvents implements USB {
  readonly environment: Environment;
  readonly chip: Chip;
  /** The host end of the bus, for what a `USBDevice` does not show. */
  readonly host: UsbHost;
  readonly #bus: UsbBus;
  readonly #runner: Runner;
  readonly #power: PowerWhenUnplugged;
  #device: EmulatedUsbDevice | undefined;
  #lastAddress = 0;
  /** Who waits for the device to appear. */
  readonly #waiting: { readonly resolve: (device: USBDevice) => void; readonly reject: (error: Error) => void }[] = [];

  constructor({ image, environment, flashId, power = 'lost', hostFrameMicros = 0 }: EmulatedBoardOptions) {
    super();
    this.environment = environment;
    this.#power = power;
    const clock = new Clock();
    const random = (): number => environment.random();
    this.#bus = new UsbBus(clock);
    this.host = new UsbHost(this.#bus, hostFrameMicros * 1000);
    this.chip = new Chip({ image, flashId: flashIdOf(flashId, random), clock, bus: this.#bus, random });
    const isAwaited = (): boolean => this.#waiting.length > 0 && this.#bus.device === undefined;
    this.#runner = new Runner(this.chip, this.host, environment, isAwaited);
    this.chip.onWork = () => this.#runner.wake();
    this.host.onAttached = () => void this.#appeared();
    this.host.onDetached = () => this.#disappeared();
  }

  /** The board as it is on the bus now; undefined while it is not. */
  get device(): USBDevice | undefined {
    return this.#device;
  }

  get counters(): Readonly<Counters> {
    return this.host.counters;
  }

  /** Bus time spent in transactions, nanoseconds. */
  get busNanos(): number {
    return this.#bus.busyNanos;
  }

  /** Puts a chip on an I²C bus; returns what takes it off again, as if it had fallen off. */
  connectI2c(bus: 0 | 1, address: number, target: I2cTarget): () => void {
    return this.chip.i2c[bus].connect(address, target);
  }

  /** Puts a chip on an SPI bus that is selected while a pin is low; returns what takes it off again. */
  connectSpi(bus: 0 | 1, chipSelectPin: number, target: SpiTarget): () => void {
    return this.chip.spi[bus].connect(chipSelectPin, target);
  }

  get warnings(): readonly ChipWarning[] {
    return this.chip.warnings;
  }

  /**
   * Plugs the cable in, powers the board if it is not, and waits until the host has enumerated it. Rejects with
   * `link-failed` when nothing that can be enumerated appears within 3 s of emulated time.
   */
  async plug(): Promise<USBDevice> {
    if (this.#device !== undefined) return this.#device;
    this.chip.setPin(VBUS_SENSE_PIN, true);
    this.chip.powerOn();
    this.#bus.plug(true);
    return this.#appearance();
  }

  /**
   * Pulls the cable out and waits until everybody has noticed: pending transfers have failed, `disconnect` has been
   * dispatched, and a board that keeps its power has had time to see that the bus has fallen silent.
   */
  async unplug({ power = this.#power }: { power?: PowerWhenUnplugged } = {}): Promise<void> {
    this.chip.setPin(VBUS_SENSE_PIN, undefined);
    this.#bus.plug(false);
    if (power === 'lost') this.chip.powerOff();
    else await this.#pass(TIMING.idleToSuspend + TIMING.frame);
    await this.#turn();
  }

  /** Takes all power away for a moment, whatever the board could do to keep it. */
  async powerCycle(): Promise<USBDevice> {
    await this.unplug({ power: 'lost' });
    return this.plug();
  }

  /** Pulls the RUN pin low for a moment; resolves when the board is back on the bus. */
  async pressReset(): Promise<USBDevice> {
    this.chip.pressReset();
    await this.#pass(TIMING.frame);
    return this.#device ?? this.#appearance();
  }

  /**
   * Resets the bus, as a hub or an operating system does on its own account: pending transfers fail, and the device
   * gets its address and its configuration back.
   */
  async busReset(): Promise<void> {
    if (this.#device === undefined)
      throw new TransportError('device-lost', 'There is no device on the bus to be reset.');
    await this.#device.resetPort('failed');
  }

  /** Stops the bus for good, until `resume`: the board sees it as suspended after 3 ms. */
  async suspend(): Promise<void> {
    this.host.suspend();
    await this.#pass(TIMING.idleToSuspend + TIMING.frame);
  }

  async resume(): Promise<void> {
    await new Promise<void>((resolve) => this.host.resume(resolve));
  }

  /**
   * Lets so many milliseconds of emulated time pass, running what falls due in it, in order, and returns after that.
   * Time stands still by itself while the processor sleeps and the bus is idle. A processor that does not sleep needs
   * about 3 ms of real time for every millisecond.
   */
  advance(ms: number): void {
    this.#runner.advance(ms * 1e6);
  }

  /** A word of the chip's address space; throws a `RangeError` where there is none. */
  read32(address: number): number {
    return this.chip.read32(address);
  }

  write32(address: number, value: number): void {
    this.chip.write32(address, value);
  }

  /** Tells of every start of the processor, before its first instruction; returns what ends that. */
  onReset(listener: (cause: ChipResetCause) => void): () => void {
    return this.chip.onReset(listener);
  }

  async getDevices(): Promise<USBDevice[]> {
    return this.#device === undefined || this.#device.forgotten ? [] : [this.#device];
  }

  async requestDevice(options?: USBDeviceRequestOptions): Promise<USBDevice> {
    const device = this.#device;
    const filters = options?.filters ?? [];
    if (device === undefined || (filters.length > 0 && !filters.some((filter) => matches(device, filter)))) {
      throw new DOMException('No device selected.', 'NotFoundError');
    }
    device.forgotten = false;
    return device;
  }

  /**
   * Opens the serial port of the board, as another program on the same host would:
   * `serialLink(name, (listener) => board.serialPort(listener), environment)` is a transport over it.
   */
  async serialPort(listener: PortListener): Promise<EmulatedSerialPort> {
    if (this.#device === undefined) throw new TransportError('device-not-found', 'There is no device on the bus.');
    return openSerialPort(this.host, this.#device, listener);
  }

  /** Ends the emulation: nothing runs any more, pending transfers fail. */
  dispose(): void {
    this.#bus.plug(false);
    this.chip.powerOff();
    this.#runner.dispose();
    const error = new TransportError('link-closed', 'The emulated board was disposed of.');
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async #appeared(): Promise<void> {
    const address = (this.#lastAddress % LAST_ADDRESS) + 1;
    this.#lastAddress = address;
    const { attachments } = this.host;
    try {
      await this.#pass(TIMING.attach);
      if (this.host.attachments !== attachments) return;
      const maxPacket = await addressDevice(this.host, address);
      const description = await describeDevice(this.host, maxPacket);
      const device = new EmulatedUsbDevice(this.host, address, description);
      this.#device = device;
      await this.#turn();
      this.dispatch('connect', device);
      if (this.#device === device) for (const { resolve } of this.#waiting.splice(0)) resolve(device);
    } catch (cause) {
      // A device that went away while it was asked will perhaps come back: those who wait go on waiting.
      if (cause instanceof EnumerationError && cause.result.status === 'gone') return;
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#giveUp(`The emulated board cannot be enumerated: ${reason}.`, cause);
    }
  }

  #disappeared(): void {
    const device = this.#device;
    if (device === undefined) return;
    this.#device = undefined;
    device.disconnected();
    // In a turn of its own: whoever waits for a transfer hears of its failure first.
    this.environment.turn(() => this.dispatch('disconnect', device));
  }

  async #appearance(): Promise<USBDevice> {
    const limit = this.chip.clock.createAlarm(() => {
      this.#giveUp('No USB device appeared within 3 s of emulated time.');
    });
    limit.schedule(APPEARS_WITHIN_NANOS);
    this.#runner.wake();
    try {
      return await new Promise<USBDevice>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    } finally {
      limit.cancel();
    }
  }

  #giveUp(message: string, cause?: unknown): void {
    const warnings = this.warnings.map((warning) => ` ${warning.source}: ${warning.message}.`).join('');
    const hint = warnings === '' ? '' : ` The chip complained:${warnings}`;
    const error = new TransportError('link-failed', message + hint, cause === undefined ? {} : { cause });
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #pass(nanos: number): Promise<void> {
    return new Promise((resolve) => this.host.wait(nanos, resolve));
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.environment.turn(resolve));
  }
}

function flashIdOf(id: Uint8Array | bigint | undefined, random: () => number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  if (id === undefined) {
    view.setUint32(0, random());
    view.setUint32(4, random());
  } else if (typeof id === 'bigint') view.setBigUint64(0, id);
  else if (id.length === bytes.length) bytes.set(id);
  else throw new RangeError(`A flash chip's unique number has 8 bytes, not ${id.length}.`);
  return bytes;
}
