export {
  sht30,
  sht30Heater,
  sht30Limit,
  sht30Mode,
  SHT30_LIMIT_NAMES,
  SHT30_LIMITS,
  type LimitName,
  type Sht30Data,
  type Sht30Heater,
  type Sht30Limit,
  type Sht30Mode,
} from './definition.js';
export { Sht30, type Hertz, type MeasureOptions, type Repeatability, type Sht30Status } from './driver.js';
export { Sht30Error, type Climate } from './words.js';
