/** From the numbers of an MPU-6050 to SI units. Registers are those of RM-MPU-6000A-00 revision 4.2, by their numbers. */

export interface Vector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface Motion {
  /** Metres per second squared; at rest, what holds the chip up is measured, so 9.8 upwards. */
  readonly acceleration: Vector;
  /** Degrees Celsius, of the chip. */
  readonly temperature: number;
  /** Radians per second. */
  readonly rotation: Vector;
}

export type Quantity = keyof Motion;

/** Full scale, in g and in degrees per second. */
export interface Ranges {
  readonly acceleration: keyof typeof PER_G;
  readonly rotation: keyof typeof PER_DEGREE_PER_SECOND;
}

/** Registers 59 to 64 and 67 to 72: units of the results per g, and per degree per second. */
const PER_G = { 2: 16384, 4: 8192, 8: 4096, 16: 2048 } as const;
const PER_DEGREE_PER_SECOND = { 250: 131, 500: 65.5, 1000: 32.8, 2000: 16.4 } as const;
/** The third CGPM, 1901. */
const STANDARD_GRAVITY = 9.80665;

/** In the order of the registers, which is that of the FIFO, too (116): how many words each is. */
const WORDS = { acceleration: 3, temperature: 1, rotation: 3 } as const;
const QUANTITIES = ['acceleration', 'temperature', 'rotation'] as const;

/** What one sample in the FIFO is made of. */
export interface FifoLayout {
  readonly quantities: readonly Quantity[];
  readonly bytes: number;
}

export function fifoLayout(recorded: readonly Quantity[]): FifoLayout {
  const quantities = QUANTITIES.filter((each) => recorded.includes(each));
  return { quantities, bytes: quantities.reduce((sum, each) => sum + 2 * WORDS[each], 0) };
}

/** All seven words of registers 59 to 72. */
export const motionOf = (words: ArrayLike<number>, ranges: Ranges): Motion =>
  quantitiesIn(words, QUANTITIES, ranges) as Motion;

/** Whole samples out of the FIFO, byte by byte. */
export function motionsIn(bytes: ArrayLike<number>, layout: FifoLayout, ranges: Ranges): Partial<Motion>[] {
  const words = Array.from(
    { length: bytes.length / 2 },
    (_, index) => (bytes[2 * index]! << 8) | bytes[2 * index + 1]!,
  );
  const wordsEach = layout.bytes / 2;
  return Array.from({ length: words.length / wordsEach }, (_, index) =>
    quantitiesIn(words.slice(index * wordsEach), layout.quantities, ranges),
  );
}

function quantitiesIn(words: ArrayLike<number>, quantities: readonly Quantity[], ranges: Ranges): Partial<Motion> {
  let next = 0;
  const word = (): number => ((words[next++] ?? 0) << 16) >> 16;
  const vector = (unit: number): Vector => ({ x: word() * unit, y: word() * unit, z: word() * unit });
  const take = {
    acceleration: () => vector(STANDARD_GRAVITY / PER_G[ranges.acceleration]),
    // Registers 65 and 66.
    temperature: () => word() / 340 + 36.53,
    rotation: () => vector(Math.PI / 180 / PER_DEGREE_PER_SECOND[ranges.rotation]),
  };
  return Object.fromEntries(quantities.map((each) => [each, take[each]()]));
}
