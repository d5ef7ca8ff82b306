/**
 * The comparator behind the ALERT/RDY pin of an emulated ADS1015. Sections are those of the ADS1013/ADS1014/ADS1015
 * datasheet, SBAS473E.
 */

/** Config register (8.6.3). */
const COMP_MODE_WINDOW = 1 << 4;
const COMP_POL_ACTIVE_HIGH = 1 << 3;
const COMP_LAT = 1 << 2;
const COMP_QUE = 0x3;
/** Successive conversions beyond the thresholds; 11 disables the comparator and its pin. */
const QUEUE = [1, 2, 4, Infinity];
/** 8.3.8: the pulse at the end of a conversion in continuous mode. */
const READY_PULSE = 8e3;

export interface Thresholds {
  readonly low: number;
  readonly high: number;
}

/** All values are 16-bit registers; they are compared as two's complement. */
export class Comparator {
  #asserted = false;
  #beyond = 0;

  /** Whether the alert is latched, so that an SMBus alert response would be answered (8.3.9). */
  latched(config: number): boolean {
    return this.#asserted && Boolean(config & COMP_LAT);
  }

  reset(): void {
    this.#asserted = false;
    this.#beyond = 0;
  }

  /** What reading the Conversion register does, and an SMBus alert response: a latched alert ends (8.3.7, 8.3.9). */
  acknowledge(config: number): void {
    if (this.latched(config)) this.reset();
  }

  /** A conversion has ended (8.3.7). */
  converted(data: number, config: number, thresholds: Thresholds): void {
    const queue = QUEUE[config & COMP_QUE]!;
    if (queue === Infinity || isReadyPin(thresholds)) {
      this.reset();
      return;
    }
    const value = signed(data);
    const above = value > signed(thresholds.high);
    const below = value < signed(thresholds.low);
    const window = Boolean(config & COMP_MODE_WINDOW);
    const beyond = above || (window && below);
    this.#beyond = beyond ? this.#beyond + 1 : 0;
    if (this.#beyond >= queue) this.#asserted = true;
    // The traditional comparator ends its alert below Lo_thresh only; the window comparator, inside the window.
    else if (!(config & COMP_LAT) && (window ? !beyond : below)) this.#asserted = false;
  }

  /**
   * The level on the pin, which has a pull-up: it is an open-drain output. `sinceReady` are the nanoseconds since the
   * last conversion ended, Infinity if none has; in single-shot mode a ready pin follows OS instead.
   */
  pin(config: number, thresholds: Thresholds, converting: boolean, continuous: boolean, sinceReady: number): boolean {
    if ((config & COMP_QUE) === COMP_QUE) return true;
    const ready = continuous ? sinceReady < READY_PULSE : !converting;
    const asserted = isReadyPin(thresholds) ? ready : this.#asserted;
    return asserted === Boolean(config & COMP_POL_ACTIVE_HIGH);
  }
}

/** 8.3.8: with the highest bit of Hi_thresh set and that of Lo_thresh clear, the pin tells of conversions. */
function isReadyPin({ low, high }: Thresholds): boolean {
  return Boolean(high & 0x8000) && !(low & 0x8000);
}

function signed(register: number): number {
  return (register << 16) >> 16;
}
