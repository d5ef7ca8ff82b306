/**
 * What the sensors of an emulated MPU-6050 measure, and how often. Registers are those of RM-MPU-6000A-00 revision 4.2.
 */
import { ACCEL_CONFIG, CONFIG, FIFO_EN, GYRO_CONFIG, PWR_MGMT_1, PWR_MGMT_2, SMPLRT_DIV } from './model-registers.js';

export type Axes = readonly [x: number, y: number, z: number];

/** Acceleration in g, rotation in degrees per second, the chip's temperature in degrees Celsius. */
export interface Motion {
  readonly acceleration: Axes;
  readonly rotation: Axes;
  readonly temperature: number;
}

/** Bytes of registers 59 to 72. */
export const SENSOR_BYTES = 14;

/** Register 28, AFS_SEL, and register 27, FS_SEL: units of the results per g, and per degree per second. */
const PER_G = [16384, 8192, 4096, 2048];
const PER_DEGREE_PER_SECOND = [131, 65.5, 32.8, 16.4];
/** Registers 65 and 66: °C = value / 340 + 36.53. */
const TEMPERATURE = { perDegree: 340, zero: 36.53 };

/** Register 107. */
const SLEEP = 1 << 6;
const CYCLE = 1 << 5;
const TEMP_DIS = 1 << 3;
const CLOCK_STOPPED = 7;
/** Register 25: the gyroscope's output rate, in nanoseconds, with DLPF_CFG 0 or 7, and with the filter on. */
const OUTPUT_PERIOD = { unfiltered: 125e3, filtered: 1e6 };
/** Register 108, LP_WAKE_CTRL: 1.25, 5, 20 and 40 Hz, in nanoseconds. */
const WAKE_PERIOD = [800e6, 200e6, 50e6, 25e6];

/**
 * The words of registers 59 to 72 in order, each with the bit of register 35 that puts it into the FIFO, and the
 * register and bit that switch it off (registers 107 and 108).
 */
const WORDS = [
  { fifo: 1 << 3, off: PWR_MGMT_2, bit: 1 << 5 },
  { fifo: 1 << 3, off: PWR_MGMT_2, bit: 1 << 4 },
  { fifo: 1 << 3, off: PWR_MGMT_2, bit: 1 << 3 },
  { fifo: 1 << 7, off: PWR_MGMT_1, bit: TEMP_DIS },
  { fifo: 1 << 6, off: PWR_MGMT_2, bit: 1 << 2 },
  { fifo: 1 << 5, off: PWR_MGMT_2, bit: 1 << 1 },
  { fifo: 1 << 4, off: PWR_MGMT_2, bit: 1 << 0 },
];

/** Nanoseconds from one sample to the next; Infinity while none are taken. */
export function samplePeriod(registers: Uint8Array): number {
  const power = registers[PWR_MGMT_1]!;
  if (power & SLEEP || (power & 7) === CLOCK_STOPPED) return Infinity;
  if (power & CYCLE) return WAKE_PERIOD[registers[PWR_MGMT_2]! >> 6]!;
  const filter = registers[CONFIG]! & 7;
  const output = filter === 0 || filter === 7 ? OUTPUT_PERIOD.unfiltered : OUTPUT_PERIOD.filtered;
  return output * (1 + registers[SMPLRT_DIV]!);
}

/** Takes a sample into `bytes`, as registers 59 to 72 have it; what is switched off keeps its value. */
export function sample(registers: Uint8Array, motion: Motion, bytes: Uint8Array): void {
  const perG = PER_G[(registers[ACCEL_CONFIG]! >> 3) & 3]!;
  const perDegreePerSecond = PER_DEGREE_PER_SECOND[(registers[GYRO_CONFIG]! >> 3) & 3]!;
  const values = [
    ...motion.acceleration.map((g) => g * perG),
    (motion.temperature - TEMPERATURE.zero) * TEMPERATURE.perDegree,
    ...motion.rotation.map((rate) => rate * perDegreePerSecond),
  ];
  const view = new DataView(bytes.buffer, bytes.byteOffset, SENSOR_BYTES);
  for (const [index, { off, bit }] of WORDS.entries()) {
    if (registers[off]! & bit) continue;
    view.setInt16(2 * index, Math.max(-32768, Math.min(32767, Math.round(values[index]!))));
  }
}

/** The bytes of a sample that register 35 puts into the FIFO, in the order of their registers (register 116). */
export function fifoBytes(registers: Uint8Array, bytes: Uint8Array): number[] {
  const enabled = registers[FIFO_EN]!;
  return [...bytes].filter((_, index) => WORDS[index >> 1]!.fifo & enabled);
}
