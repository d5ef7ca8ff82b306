/** Bosch BME280: air pressure, temperature and humidity, on I²C. */
export { bme280, type Bme280Registers } from './definition.js';
export { Bme280, type Air, type Bme280Settings, type Oversampling } from './driver.js';
