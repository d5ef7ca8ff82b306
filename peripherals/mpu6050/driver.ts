import type { BoardSession } from '../../runtime/board.js';
import { attach, Driver, entryPoint, peripheral, state, type Handle, type I2cAddress } from '../../runtime/index.js';
import { checkIdentity, ChipError, nameOf } from '../chip-error.js';
import { mpu6050, RESET_US, type Mpu6050Registers } from './definition.js';
import { fifoLayout, motionsIn, motionOf, type Motion, type Quantity, type Ranges } from './motion.js';

/** Register 117. */
const WHO_AM_I = 0x68;
/** With a filter in use (register 26). */
const GYRO_HERTZ = 1000;
/** Register 26, DLPF_CFG: the accelerometers' bandwidth in Hz; the gyroscopes' is about the same. */
const BANDWIDTHS = { 184: 1, 94: 2, 44: 3, 21: 4, 10: 5, 5: 6 } as const;
/** PS-MPU-6000A-00 3.4, 6.1: until the gyroscopes are within a degree per second. */
const GYRO_STARTUP_US = 30_000;
/** PS-MPU-6000A-00 3.4, 7.17. */
const FIFO_BYTES = 1024;
/** The values of one operation. */
const MOST_BYTES = 0xff;

export interface Mpu6050Settings extends Ranges {
  /** Hz. */
  readonly bandwidth: keyof typeof BANDWIDTHS;
  /** Samples per second: 1000 / n for a whole n to 256; others give the next slower of these. */
  readonly hertz: number;
}

const FINEST: Mpu6050Settings = { acceleration: 2, rotation: 250, bandwidth: 44, hertz: 100 };

/** Acceleration, rotation and temperature, measured by an InvenSense MPU-6050. */
export class Mpu6050 extends Driver {
  @peripheral accessor chip: Handle<Mpu6050Registers>;
  @state accessor settings: Mpu6050Settings = FINEST;
  @state accessor recorded: readonly Quantity[] = [];

  constructor(board: BoardSession, at: I2cAddress) {
    super(board);
    this.chip = attach(mpu6050(at), board);
  }

  /** Looks whether it is an MPU-6050, resets it, wakes it and sets it up. */
  @entryPoint
  async init(settings: Partial<Mpu6050Settings> = {}): Promise<void> {
    const { WHO_AM_I: identity, PWR_MGMT_1 } = this.chip;
    checkIdentity(this.chip, await identity.read(), WHO_AM_I);
    await PWR_MGMT_1.write({ DEVICE_RESET: true });
    await PWR_MGMT_1.poll({ DEVICE_RESET: false }, RESET_US);
    await this.tx.delay(RESET_US);
    this.recorded = [];
    await this.wake();
    await this.configure({ ...FINEST, ...settings });
  }

  /** Changes some of the settings. Resolves when there is a sample that was taken with them. */
  @entryPoint
  async configure(settings: Partial<Mpu6050Settings>): Promise<void> {
    const { CONFIG, SMPLRT_DIV, ACCEL_CONFIG, GYRO_CONFIG } = this.chip;
    const next = { ...this.settings, ...settings };
    const periods = Math.min(Math.max(Math.ceil(GYRO_HERTZ / next.hertz), 1), 256);
    this.settings = { ...next, hertz: GYRO_HERTZ / periods };
    await CONFIG.write({ DLPF_CFG: BANDWIDTHS[next.bandwidth] });
    await SMPLRT_DIV.write(periods - 1);
    await ACCEL_CONFIG.write({ AFS_SEL: `${next.acceleration}` });
    await GYRO_CONFIG.write({ FS_SEL: `${next.rotation}` });
    // The sample under way may still be of the former scale; the one behind it is not.
    await this.tx.delay(2 * periods * (1e6 / GYRO_HERTZ));
    // What is in the FIFO was measured with the former settings.
    if (this.recorded.length > 0) await this.record(this.recorded);
  }

  /** Ends sleep. Resolves when the gyroscopes have started. */
  @entryPoint
  async wake(): Promise<void> {
    // Register 107: a gyroscope's clock is recommended, for it is more stable.
    await this.chip.PWR_MGMT_1.modify({ SLEEP: false, CYCLE: false, CLKSEL: 'gyro-x' });
    await this.tx.delay(GYRO_STARTUP_US);
  }

  /** Measures no more, and keeps the settings. */
  @entryPoint
  async sleep(): Promise<void> {
    await this.chip.PWR_MGMT_1.modify({ SLEEP: true });
  }

  /** The last sample. */
  @entryPoint
  async read(): Promise<Motion> {
    return motionOf(await this.chip.DATA.readBlock(0, 7), this.settings);
  }

  /** From now on keeps samples of these quantities in the FIFO, until `takeRecorded` takes them; of none: stops. */
  @entryPoint
  async record(quantities: readonly Quantity[]): Promise<void> {
    const { USER_CTRL, FIFO_EN, INT_STATUS } = this.chip;
    const on = (quantity: Quantity): boolean => quantities.includes(quantity);
    this.recorded = [...quantities];
    await USER_CTRL.modify({ FIFO_EN: false });
    await USER_CTRL.modify({ FIFO_RESET: true });
    // Register 58: reading clears it, so that FIFO_OFLOW_INT tells of what is recorded from now on.
    await INT_STATUS.read();
    const rotation = on('rotation');
    await FIFO_EN.write({
      ACCEL_FIFO_EN: on('acceleration'),
      TEMP_FIFO_EN: on('temperature'),
      XG_FIFO_EN: rotation,
      YG_FIFO_EN: rotation,
      ZG_FIFO_EN: rotation,
    });
    if (quantities.length > 0) await USER_CTRL.modify({ FIFO_EN: true });
  }

  /**
   * Takes the recorded samples out of the FIFO, the oldest first. Native, because what was taken cannot be put back.
   * Throws ChipError (`data-lost`) when the FIFO has overflowed; it is empty then, and records anew.
   */
  async takeRecorded(): Promise<Partial<Motion>[]> {
    const { FIFO_COUNT, FIFO_R_W, INT_STATUS } = this.chip;
    const layout = fifoLayout(this.recorded);
    if (layout.bytes === 0) return [];
    const count = await FIFO_COUNT.read();
    if (count >= FIFO_BYTES) return this.lost();
    const samples: Partial<Motion>[] = [];
    const mostSamples = Math.floor(MOST_BYTES / layout.bytes);
    for (let left = Math.floor(count / layout.bytes); left > 0; left -= mostSamples) {
      const bytes = await FIFO_R_W.pull(Math.min(left, mostSamples) * layout.bytes);
      samples.push(...motionsIn(bytes, layout, this.settings));
    }
    // It may have overflowed since it was counted.
    const { FIFO_OFLOW_INT } = await INT_STATUS.read();
    return FIFO_OFLOW_INT ? this.lost() : samples;
  }

  /** Register 116: when it is full, the oldest bytes are lost, one by one; a sample may have lost its beginning. */
  private async lost(): Promise<never> {
    await this.record(this.recorded);
    throw new ChipError(
      'data-lost',
      `The FIFO of ${nameOf(this.chip)} has overflowed: take samples sooner, or take fewer.`,
    );
  }
}
