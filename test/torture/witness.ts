/** Looks at the registers past the firmware: in the emulated chip itself, and in the model of the one behind the bus. */
import { mcp23017Model } from '../../peripherals/mcp23017/model.js';
import type { EmulatedBoard } from '../../transports/emulator/index.js';
import { EXPANDER, PINS, PORTS, SLICES, pinAfter, portAfter, sliceAfter } from './workload.js';

/** RP2040 datasheet 2.3.1.7, 2.19.6.3 and 4.5.3. */
const GPIO_OUT = 0xd0000010;
const PADS = 0x4001c004;
const PWM = 0x40050000;
const SLICE_BYTES = 0x14;
const CC = 0x0c;
const TOP = 0x10;
/** MCP23017, table 3-1. */
const GPPU = 0x0c;
const OLAT = 0x14;

interface Watched {
  readonly name: string;
  readonly now: () => number[];
  readonly after: (n: number) => number[];
}

export interface Witness {
  /**
   * The number of the call after which all peripherals are as they are now; what is wrong, in words, where they are not
   * all as after the same one of these.
   */
  look(...candidates: number[]): number | string;
}

/** Puts the chip on the board and watches it. Call it before the board has power. */
export function witnessOf(emulated: EmulatedBoard): Witness {
  const chip = mcp23017Model({ address: EXPANDER.target });
  emulated.connectI2c(EXPANDER.index, EXPANDER.target, chip);
  const read = (address: number): number => emulated.read32(address);
  const watched: Watched[] = [
    ...PINS.map((pin) => ({
      name: `pin${pin}`,
      now: () => [(read(GPIO_OUT) >> pin) & 1, (read(PADS + 4 * pin) >> 4) & 3],
      after: (n: number) => pinAfter(n, pin),
    })),
    ...SLICES.map((slice) => ({
      name: `pwm${slice}`,
      now: () => {
        const compare = read(PWM + SLICE_BYTES * slice + CC);
        return [read(PWM + SLICE_BYTES * slice + TOP), compare & 0xffff, compare >>> 16];
      },
      after: (n: number) => sliceAfter(n, slice),
    })),
    ...PORTS.map((port) => ({
      name: `port${port}`,
      now: () => [chip.registers[OLAT + port]!, chip.registers[GPPU + port]!],
      after: (n: number) => portAfter(n, port),
    })),
  ];
  return {
    look(...candidates) {
      const found = candidates.find((n) => watched.every(({ now, after }) => same(now(), after(n))));
      if (found !== undefined) return found;
      const seen = watched.map(({ name, now }) => `${name} ${now().join(' ')}`).join(', ');
      return `not as after any of ${candidates.join(', ')}: ${seen}`;
    },
  };
}

const same = (a: number[], b: number[]): boolean => a.every((value, index) => value === b[index]);
