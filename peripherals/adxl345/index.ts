/** Analog Devices ADXL345: acceleration, on SPI. */
export { adxl345, type Adxl345Registers } from './definition.js';
export { Adxl345, type Acceleration, type Adxl345Settings, type Detection } from './driver.js';
