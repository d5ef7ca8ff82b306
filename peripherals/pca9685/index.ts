/** NXP PCA9685: sixteen PWM outputs, on I²C. */
export {
  pca9685,
  PCA9685_CHANNELS,
  pca9685Channel,
  type Pca9685ChannelRegisters,
  type Pca9685Registers,
} from './definition.js';
export { Pca9685, PulseError, type Pca9685Settings } from './driver.js';
