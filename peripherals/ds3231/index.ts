export { type AlarmTime } from './alarm.js';
export { ClockError } from './calendar.js';
export { ds3231, DS3231_ADDRESS, ds3231Time, type Ds3231Registers, type Ds3231TimeRegisters } from './definition.js';
export { Ds3231 } from './driver.js';
