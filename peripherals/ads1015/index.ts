/** Texas Instruments ADS1015: four inputs for voltages, on I²C. */
export { ads1015, type Ads1015Registers } from './definition.js';
export { Ads1015, VoltageError, type Alert, type Input, type Measurement, type Range, type Rate } from './driver.js';
