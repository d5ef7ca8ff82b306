/** A driver that somebody else wrote, protected: CHIRIMEN's for the PCA9685, sixteen servos on I²C. */
import PCA9685 from '@chirimen/pca9685';
import { pca9685, pca9685Channel } from '../peripherals/pca9685/index.js';
import { protect, requestI2CAccess, type BoardSession } from '../runtime/index.js';

const ADDRESS = 0x40;
const at = { index: 0, target: ADDRESS } as const;

/** What a checkpoint keeps of the chip, and how that comes back: what its channels share, and each of them. */
const chips = { [ADDRESS]: [pca9685(at), ...Array.from({ length: 16 }, (_, channel) => pca9685Channel(at, channel))] };

/** The driver is the one from npm, unchanged; its calls on this object are transactions. */
export async function servosOn(board: BoardSession) {
  const { ports } = await requestI2CAccess(board, { chips });
  const servos = new PCA9685(ports.get(1)!, ADDRESS);
  return protect(servos, ['init', 'setServo'], { board, name: 'PCA9685', deadline: 5000 });
}
