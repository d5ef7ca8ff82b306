export { I2CAccess, I2CPort, requestI2CAccess, type I2CAccessOptions } from './access.js';
export { I2CSlaveDevice } from './device.js';
