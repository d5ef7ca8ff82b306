/** InvenSense MPU-6050: acceleration, rotation and temperature, on I²C. */
export { mpu6050, type Mpu6050Registers } from './definition.js';
export { Mpu6050, type Mpu6050Settings } from './driver.js';
export type { Motion, Quantity, Vector } from './motion.js';
