import type { Alarm } from '../clock.js';
import type { Silicon } from '../silicon.js';
import type { Line } from './i2c-target-end.js';

/** What an I²C block is connected to. */
export interface I2cLines {
  /** What its input sees; true is high. */
  level(line: Line): boolean;
  drive(line: Line, low: boolean): void;
}

export interface MasterHooks {
  /** Nanoseconds that SCL is low in a bit, and high. */
  readonly phases: () => { readonly low: number; readonly high: number };
  /** Whether the bus is free for a START. */
  readonly isFree: () => boolean;
  /** Asked when the bus is free at last; false gives the START up. */
  readonly stillWanted: () => boolean;
  /** Somebody else pulls SDA down where this one sends a 1; it has let go of the bus already (RP2040 datasheet 4.3.8). */
  readonly lost: () => void;
}

const BYTE = 8;

/**
 * The controller's end of the wires, bit by bit: one step after the other, each in the time that its bits take, and
 * longer where a target stretches the clock (RP2040 datasheet 4.3.9) or something holds a wire. Between steps SCL is low.
 */
export class I2cMaster {
  readonly #lines: I2cLines;
  readonly #hooks: MasterHooks;
  readonly #alarm: Alarm;
  #then: (() => void) | undefined;
  /** What `then` waits for, if it is not the alarm. */
  #ready: (() => boolean) | undefined;
  #open = false;
  /** Since its START; before that, it waits for a free bus. */
  #owns = false;

  constructor(silicon: Silicon, lines: I2cLines, hooks: MasterHooks) {
    this.#lines = lines;
    this.#hooks = hooks;
    this.#alarm = silicon.clock.createAlarm(() => this.#proceed());
  }

  /** From the moment when it wants the bus to the end of its STOP. */
  get open(): boolean {
    return this.#open;
  }

  /** Within a step. */
  get busy(): boolean {
    return this.#then !== undefined;
  }

  /** A level has changed. */
  look(): void {
    if (this.#ready?.()) this.#proceed();
  }

  /** A START or repeated START, and bytes of address; `done` is told the first one that nobody acknowledged. */
  start(address: readonly number[], done: (refused: number | undefined) => void): void {
    this.#open = true;
    const send = (index: number): void => {
      if (index === address.length) done(undefined);
      else this.write(address[index]!, (acknowledged) => (acknowledged ? send(index + 1) : done(index)));
    };
    const begin = (hold: number): void => {
      this.#lines.drive('sda', true);
      this.#after(hold, () => {
        this.#lines.drive('scl', true);
        send(0);
      });
    };
    const { low, high } = this.#hooks.phases();
    if (this.#owns)
      this.#raise(low, () => this.#until(this.#bothHigh, () => this.#after(high / 2, () => begin(high / 2))));
    else this.#acquire(low, () => begin(high));
  }

  write(byte: number, done: (acknowledged: boolean) => void): void {
    const send = (index: number): void => {
      if (index === BYTE) return this.#bit(true, (level) => done(!level));
      const bit = ((byte >> (BYTE - 1 - index)) & 1) === 1;
      this.#bit(bit, (level) => {
        if (!bit || level) return send(index + 1);
        this.letGo();
        this.#hooks.lost();
      });
    };
    send(0);
  }

  /** Eight bits; SCL stays low until `acknowledge` makes the ninth. */
  read(done: (byte: number) => void): void {
    const take = (index: number, byte: number): void => {
      if (index === BYTE) done(byte);
      else this.#bit(true, (level) => take(index + 1, (byte << 1) | (level ? 1 : 0)));
    };
    take(0, 0);
  }

  acknowledge(acknowledges: boolean, done: () => void): void {
    this.#bit(!acknowledges, done);
  }

  stop(done: () => void): void {
    const { low, high } = this.#hooks.phases();
    this.#lines.drive('sda', true);
    this.#raise(low, () =>
      this.#after(high / 2, () => {
        this.#lines.drive('sda', false);
        this.#until(this.#bothHigh, () =>
          this.#after(high / 2, () => {
            this.#open = this.#owns = false;
            done();
          }),
        );
      }),
    );
  }

  /** Lets go of the bus in the middle of whatever is going on. SDA first: that makes no STOP while SCL is low. */
  letGo(): void {
    this.#alarm.cancel();
    this.#then = this.#ready = undefined;
    this.#open = this.#owns = false;
    this.#lines.drive('sda', false);
    this.#lines.drive('scl', false);
  }

  readonly #bothHigh = (): boolean => this.#lines.level('sda') && this.#lines.level('scl');

  /** Waits until the bus is free, and has been for a while (4.3.14: t_BUF follows the low count). */
  #acquire(bufferNanos: number, then: () => void): void {
    this.#until(this.#hooks.isFree, () =>
      this.#after(bufferNanos, () => {
        if (!this.#hooks.isFree()) return this.#acquire(bufferNanos, then);
        if (!this.#hooks.stillWanted()) return this.letGo();
        this.#owns = true;
        then();
      }),
    );
  }

  /** One bit; `then` is told the level of SDA when SCL rose. */
  #bit(high: boolean, then: (level: boolean) => void): void {
    const phases = this.#hooks.phases();
    this.#lines.drive('sda', !high);
    this.#raise(phases.low, () => {
      const level = this.#lines.level('sda');
      this.#after(phases.high, () => {
        this.#lines.drive('scl', true);
        then(level);
      });
    });
  }

  /** SCL rises when its low phase is over and nobody holds it any more; before a repeated START, SDA has risen. */
  #raise(lowNanos: number, then: () => void): void {
    this.#after(lowNanos, () => {
      this.#lines.drive('scl', false);
      this.#until(() => this.#lines.level('scl'), then);
    });
  }

  #after(nanos: number, then: () => void): void {
    this.#then = then;
    this.#alarm.schedule(nanos);
  }

  #until(ready: () => boolean, then: () => void): void {
    if (ready()) return then();
    this.#then = then;
    this.#ready = ready;
  }

  #proceed(): void {
    const then = this.#then;
    this.#then = this.#ready = undefined;
    then?.();
  }
}
