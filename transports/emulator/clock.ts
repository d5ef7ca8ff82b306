import type { RP2040 } from 'rp2040js';

/** The clock that rp2040js asks of its host: relative alarms and a running count of nanoseconds. */
type ChipTime = RP2040['clock'];

/**
 * Emulated time of one board: nanoseconds since it was made, and alarms that fall due in order. It moves only when it
 * is told to, so nothing in it depends on the host's clock. Alarms that are due together run in the order in which
 * they were scheduled.
 */
export class Clock {
  nanos = 0;
  /** When the first alarm falls due; Infinity while there is none. */
  nextDue = Infinity;
  #first: Alarm | undefined;

  createAlarm(run: () => void): Alarm {
    return new Alarm(this, run);
  }

  advance(nanos: number): void {
    const target = this.nanos + nanos;
    if (this.nextDue > target) this.nanos = target;
    else this.advanceTo(target);
  }

  advanceTo(target: number): void {
    while (this.nextDue <= target) {
      const alarm = this.#first!;
      this.remove(alarm);
      this.nanos = Math.max(this.nanos, alarm.due);
      alarm.due = Infinity;
      alarm.run();
    }
    if (target > this.nanos) this.nanos = target;
  }

  insert(alarm: Alarm): void {
    let before: Alarm | undefined;
    let after = this.#first;
    while (after !== undefined && after.due <= alarm.due) {
      before = after;
      after = after.next;
    }
    alarm.next = after;
    if (before === undefined) this.#first = alarm;
    else before.next = alarm;
    this.nextDue = this.#first!.due;
  }

  remove(alarm: Alarm): void {
    let before: Alarm | undefined;
    let at = this.#first;
    while (at !== undefined && at !== alarm) {
      before = at;
      at = at.next;
    }
    if (at === undefined) return;
    if (before === undefined) this.#first = at.next;
    else before.next = at.next;
    this.nextDue = this.#first?.due ?? Infinity;
  }
}

export class Alarm {
  due = Infinity;
  next: Alarm | undefined;
  readonly run: () => void;
  readonly #clock: Clock;

  constructor(clock: Clock, run: () => void) {
    this.#clock = clock;
    this.run = run;
  }

  get scheduled(): boolean {
    return this.due !== Infinity;
  }

  /** (Re)schedules the alarm. A time that is not a finite number never comes: a block asked for the impossible. */
  schedule(deltaNanos: number): void {
    this.cancel();
    if (!Number.isFinite(deltaNanos)) return;
    this.due = this.#clock.nanos + Math.max(0, deltaNanos);
    this.#clock.insert(this);
  }

  cancel(): void {
    if (!this.scheduled) return;
    this.#clock.remove(this);
    this.due = Infinity;
  }
}

/**
 * The time of one life of a chip, from one reset to the next: it starts at zero, and nothing that the old life had
 * scheduled happens in the new one.
 */
export class ChipClock implements ChipTime {
  readonly #clock: Clock;
  readonly #origin: number;
  #alarms: Alarm[] | undefined = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#origin = clock.nanos;
  }

  get nanos(): number {
    return this.#clock.nanos - this.#origin;
  }

  createAlarm(run: () => void): Alarm {
    const alarm = this.#clock.createAlarm(() => {
      if (this.#alarms !== undefined) run();
    });
    this.#alarms?.push(alarm);
    return alarm;
  }

  stop(): void {
    for (const alarm of this.#alarms ?? []) alarm.cancel();
    this.#alarms = undefined;
  }
}
