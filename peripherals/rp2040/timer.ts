import { definePeripheral, flag } from '../../runtime/registers/definition.js';

/** RP2040 datasheet 2.2.2: TIMER_BASE. */
const TIMER_BASE = 0x40054000;

/** Alarm 3 and the time itself belong to the firmware. */
const ALARMS = 3;

/**
 * One alarm of the microsecond timer (RP2040 datasheet 4.6.3). It compares the low word of the time with ALARM, and
 * writing ALARM arms it. The time can be read through the registers that latch nothing (4.6.2).
 *
 * Whether an alarm is armed can be read, but only a write to ALARM arms it and only a 1 in ARMED disarms it: no
 * sequence of writes brings back either state. A rollback leaves the alarm idle, so that nothing fires that nobody
 * waits for.
 */
export const timerAlarm = (index: number) => {
  const bit = 1 << index;
  const fields = { ALARM: flag(index) };
  return definePeripheral({
    name: `alarm${index}`,
    source: 'RP2040 datasheet 4.6.5',
    registers: {
      ALARM: { address: TIMER_BASE + 0x10 + 4 * index, access: 'rw' },
      ARMED: { address: TIMER_BASE + 0x20, access: 'w1c', owned: bit, fields },
      TIMERAWH: { address: TIMER_BASE + 0x24, access: 'ro' },
      TIMERAWL: { address: TIMER_BASE + 0x28, access: 'ro' },
      INTR: { address: TIMER_BASE + 0x34, access: 'w1c', owned: bit, fields },
      INTE: { address: TIMER_BASE + 0x38, access: 'rw', owned: bit, fields },
      INTF: { address: TIMER_BASE + 0x3c, access: 'rw', owned: bit, fields },
      INTS: { address: TIMER_BASE + 0x40, access: 'ro', owned: bit, fields },
    },
    save: ['ALARM', 'INTF', 'INTE'],
    restore: [
      // 4.6.3: this arms the alarm.
      { step: 'saved' },
      { step: 'write', register: 'ARMED', mask: bit, value: bit },
      // Last: the alarm of the failed call may have fired until it was disarmed.
      { step: 'write', register: 'INTR', mask: bit, value: bit },
    ],
    irrevocable: [
      'An alarm that was armed when the call first wrote to it stays disarmed.',
      'An alarm that had fired and was not yet acknowledged counts as acknowledged.',
    ],
  });
};

export type TimerAlarm = ReturnType<typeof timerAlarm>;

export const timerAlarms = Array.from({ length: ALARMS }, (_, index) => timerAlarm(index));
