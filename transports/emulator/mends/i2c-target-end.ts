import type { I2cTarget } from '../bus-targets.js';

export type Line = 'sda' | 'scl';

interface Wires {
  level(line: Line): boolean;
  pull(line: Line, low: boolean): void;
}

/** First byte of a 10-bit address: 11110, its two highest bits, direction (UM10204 3.1.11). */
const TEN_BITS = 0xf0;
const READ = 1;
const BYTE = 8;

/**
 * A target's end of the wires: it turns levels into bytes and bytes into levels, bit by bit (UM10204 3.1), for a model
 * that knows bytes only. It takes SDA in when SCL rises and changes what it pulls when SCL falls, so it holds SDA low
 * for as long as SCL stands still in a 0 of a byte that it sends or in its acknowledge, whatever became of the
 * controller; a START or a STOP, which nobody can make before that is over, ends everything.
 */
export class TargetEnd {
  readonly #address: number;
  readonly #target: I2cTarget;
  readonly #wires: Wires;
  /** `address` takes the first byte after a START, `low-address` the second one of ten bits. */
  #state: 'deaf' | 'address' | 'low-address' | 'write' | 'read' = 'deaf';
  #shift = 0;
  #bits = 0;
  #acknowledges = false;
  #sending = 0;
  /** The controller did not acknowledge the byte that it got. */
  #refused = false;
  /** A transfer with the model, from the first acknowledged address to the STOP. */
  #open = false;
  /** All ten bits of the address have been seen since the last STOP. */
  #knowsTenBits = false;

  constructor(address: number, target: I2cTarget, wires: Wires) {
    this.#address = address;
    this.#target = target;
    this.#wires = wires;
  }

  changed(line: Line, level: boolean): void {
    if (line === 'scl') {
      if (level) this.#rose();
      else this.#fell();
    } else if (this.#wires.level('scl')) {
      if (level) this.#stopped();
      else this.#listen('address');
    }
  }

  #listen(state: 'deaf' | 'address' | 'low-address' | 'write'): void {
    this.#state = state;
    this.#shift = this.#bits = 0;
    this.#acknowledges = false;
    this.#wires.pull('sda', false);
  }

  #stopped(): void {
    this.#listen('deaf');
    this.#knowsTenBits = false;
    if (!this.#open) return;
    this.#open = false;
    this.#target.stop();
  }

  #rose(): void {
    const high = this.#wires.level('sda');
    if (this.#state === 'read') {
      if (this.#bits === BYTE) this.#refused = high;
    } else if (this.#state !== 'deaf' && this.#bits < BYTE) {
      this.#shift = (this.#shift << 1) | (high ? 1 : 0);
      this.#bits++;
    }
  }

  #fell(): void {
    if (this.#state === 'read') this.#sendNext();
    else if (this.#state === 'deaf' || this.#bits < BYTE) return;
    else if (this.#acknowledges) this.#acknowledged();
    else if (this.#takes(this.#shift)) {
      this.#acknowledges = true;
      this.#wires.pull('sda', true);
    } else this.#listen('deaf');
  }

  /** The ninth clock is over: what comes next was decided by the byte before it. */
  #acknowledged(): void {
    const first = this.#state === 'address';
    if (first && this.#shift & READ) this.#send();
    else this.#listen(first && this.#hasTenBits ? 'low-address' : 'write');
  }

  get #hasTenBits(): boolean {
    return this.#address > 0x7f;
  }

  #takes(byte: number): boolean {
    if (this.#state === 'write') return this.#target.write(byte);
    if (this.#state === 'low-address') {
      this.#knowsTenBits = byte === (this.#address & 0xff);
      return this.#knowsTenBits && this.#begin('write');
    }
    const reads = (byte & READ) !== 0;
    if (!this.#hasTenBits) return byte >> 1 === this.#address && this.#begin(reads ? 'read' : 'write');
    if ((byte & ~READ) !== (TEN_BITS | ((this.#address >> 7) & 6))) return false;
    return reads ? this.#knowsTenBits && this.#begin('read') : true;
  }

  #begin(direction: 'read' | 'write'): boolean {
    const acknowledges = this.#target.start(direction);
    this.#open ||= acknowledges;
    return acknowledges;
  }

  #send(): void {
    this.#state = 'read';
    this.#bits = 0;
    this.#sending = this.#target.read();
    this.#show();
  }

  #sendNext(): void {
    this.#bits++;
    if (this.#bits <= BYTE) this.#show();
    else if (this.#refused) this.#listen('deaf');
    else this.#send();
  }

  /** The bit that is due; nothing in the ninth clock, in which the controller acknowledges. */
  #show(): void {
    const bit = this.#bits === BYTE ? 1 : (this.#sending >> (BYTE - 1 - this.#bits)) & 1;
    this.#wires.pull('sda', bit === 0);
  }
}
