import type { Environment } from '../../environment.js';
import { TransportError } from '../../errors.js';
import type { PortListener } from '../../serial/port.js';
import type { PowerWhenUnplugged } from '../board.js';
import type { I2cTarget, SpiTarget } from '../bus-targets.js';
import { AvrChip } from './chip.js';
import { UartLine } from './line.js';
import type { AvrPin } from './ports.js';
import { AvrRunner } from './runner.js';
import { UnoSerialPort } from './serial-port.js';

const BAUD_RATE = 115200;
/** A host opens a port with two control requests to the USB bridge, a frame each. */
const OPENING_MS = 2;
/** Until a host has enumerated the bridge: it waits so long for the plug to sit (USB 2.0 7.1.7.3). */
const ATTACH_MS = 100;

export interface EmulatedUnoOptions {
  /** What stands in flash, from its first byte on; `readIntelHex` makes it of a `.hex`. */
  readonly image: Uint8Array;
  readonly environment: Environment;
  /** Whether the board has a supply of its own: what happens when it is unplugged. Default: 'lost'. */
  readonly power?: PowerWhenUnplugged;
  /** False: the trace RESET-EN is cut, so that opening the port does not restart the board. Default: true. */
  readonly resetOnOpen?: boolean;
}

export interface UnoPortOptions {
  /** Bits a second. Default 115200. */
  readonly baudRate?: number;
  /** Whether DTR falls when the port is closed. Default true. */
  readonly hupcl?: boolean;
}

/**
 * An emulated Arduino Uno: an ATmega328P whose USART is a serial port of the host. It starts unplugged and without power.
 *
 * On the board, DTR that rises pulls RESET low for a moment (Uno schematic, C5): opening the port restarts it, unless DTR was left
 * high when the port was closed the time before. There is no boot loader: the image runs from its first instruction on.
 */
export class EmulatedUno {
  readonly environment: Environment;
  readonly chip: AvrChip;
  readonly #line = new UartLine();
  readonly #runner: AvrRunner;
  readonly #power: PowerWhenUnplugged;
  readonly #resetOnOpen: boolean;
  #isPlugged = false;
  #dtr = false;
  #port: { readonly port: UnoSerialPort; readonly listener: PortListener } | undefined;

  constructor({ image, environment, power = 'lost', resetOnOpen = true }: EmulatedUnoOptions) {
    this.environment = environment;
    this.#power = power;
    this.#resetOnOpen = resetOnOpen;
    this.#line.baudRate = BAUD_RATE;
    this.chip = new AvrChip({ image, line: this.#line, random: () => environment.random() });
    this.#runner = new AvrRunner(this.chip, this.#line, environment);
    this.#line.onByte = (byte) => this.#port?.listener.bytes(Uint8Array.of(byte));
  }

  /** Plugs the cable in, and powers the board if it is not: 0.1 s later the port is there. */
  plug(): void {
    if (this.#isPlugged) return;
    this.#isPlugged = true;
    this.chip.powerOn();
    this.advance(ATTACH_MS);
  }

  /** Pulls the cable out: an open port is lost. A board with a supply of its own sees nothing but silence. */
  unplug({ power = this.#power }: { power?: PowerWhenUnplugged } = {}): void {
    this.#isPlugged = this.#dtr = false;
    if (power === 'lost') this.chip.powerOff();
    const open = this.#port;
    this.#closed();
    open?.listener.lost(new TransportError('device-lost', 'The emulated Uno was unplugged.'));
  }

  pressReset(): void {
    this.chip.pressReset();
  }

  /** Puts a chip on the two-wire bus; returns what takes it off again. */
  connectI2c(address: number, target: I2cTarget): () => void {
    return this.chip.connectI2c(address, target);
  }

  /** Puts a chip on SPI that is selected while a pin is low; returns what takes it off again. */
  connectSpi(chipSelect: AvrPin, target: SpiTarget): () => void {
    return this.chip.connectSpi(chipSelect, target);
  }

  /** Lets so many milliseconds of emulated time pass, running what falls due in it, in order, and returns after that. */
  advance(ms: number): void {
    this.#runner.advance(ms * 1e6);
  }

  /**
   * Opens the serial port, as a program on the host would: `serialLink(name, (listener) => uno.serialPort(listener), environment)`
   * is a transport over it. Rejects with `device-not-found`, or with `device-busy` while it is open.
   */
  async serialPort(
    listener: PortListener,
    { baudRate = BAUD_RATE, hupcl = true }: UnoPortOptions = {},
  ): Promise<UnoSerialPort> {
    if (!this.#isPlugged) throw new TransportError('device-not-found', 'The emulated Uno is not plugged in.');
    if (this.#port !== undefined)
      throw new TransportError('device-busy', 'The serial port of the emulated Uno is open already.');
    this.#line.baudRate = baudRate;
    const port = new UnoSerialPort(
      this.#line,
      () => this.#runner.wake(),
      () => {
        this.#dtr = !hupcl;
        this.#closed();
      },
    );
    this.#port = { port, listener };
    if (!this.#dtr && this.#resetOnOpen) this.chip.pressReset();
    this.#dtr = true;
    this.advance(OPENING_MS);
    return port;
  }

  /** Ends the emulation: nothing runs any more. */
  dispose(): void {
    this.unplug({ power: 'lost' });
    this.#runner.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #closed(): void {
    this.#port?.port.end();
    this.#port = undefined;
  }
}

/** Makes an emulated Uno. It has no power until it is plugged in. */
export function emulatedUno(options: EmulatedUnoOptions): EmulatedUno {
  return new EmulatedUno(options);
}
