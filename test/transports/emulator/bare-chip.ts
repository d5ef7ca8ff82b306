import { Chip } from '../../../transports/emulator/chip.js';
import { Clock } from '../../../transports/emulator/clock.js';
import { UsbBus } from '../../../transports/emulator/usb-bus.js';
import { Program } from './program.js';

/** Aliases of a register (RP2040 datasheet 2.1.2). */
export const xor = (address: number): number => address + 0x1000;
export const set = (address: number): number => address + 0x2000;
export const clear = (address: number): number => address + 0x3000;

export const RESETS = 0x4000c000;
export const RESET_DONE = 0x4000c008;
const CLOCK_ENABLE = 1 << 11;

export interface BareChip {
  readonly chip: Chip;
  readonly bus: UsbBus;
  /** Lets emulated time pass, whatever the processor does. */
  readonly pass: (nanos: number) => void;
  /** Runs instructions, and time as far as it may pass by itself. */
  readonly step: (steps: number) => void;
}

/** A chip with power whose processor sleeps, unless it is given something to do. */
export function bareChip(program = new Program().forever('wfi'), random: () => number = () => 0x5eed): BareChip {
  const clock = new Clock();
  const bus = new UsbBus(clock);
  const flashId = Uint8Array.from([0xe6, 0x61, 0x41, 0x03, 0xe7, 0x45, 0x2a, 0x2f]);
  const chip = new Chip({ image: program.image(), flashId, clock, bus, random });
  chip.powerOn();
  return {
    chip,
    bus,
    pass(nanos) {
      const target = clock.nanos + nanos;
      clock.createAlarm(() => chip.interrupt()).schedule(nanos);
      while (clock.nanos < target) chip.run(100_000, () => target);
    },
    step: (steps) => void chip.run(steps, () => clock.nanos),
  };
}

/**
 * What start-up code does, in order (RP2040 datasheet 2.15 to 2.18, 4.7.2): blocks out of reset, reference clock from
 * the 12 MHz crystal, 125 MHz from the PLL, all other clocks on, a tick a microsecond.
 */
const START_UP: readonly (readonly [address: number, value: number])[] = [
  [RESETS, 0],
  [0x40024000, 0xaa0 | (0xfab << 12)],
  [0x40008030, 2],
  [0x40028000, 1],
  [0x40028008, 125],
  [0x40028004, 0],
  [0x4002800c, (6 << 16) | (2 << 12)],
  [0x4000803c, 1],
  [0x40008048, CLOCK_ENABLE],
  [0x40008054, CLOCK_ENABLE],
  [0x40008060, CLOCK_ENABLE],
  [0x4000806c, CLOCK_ENABLE],
  [0x4005802c, 12 | (1 << 9)],
];

/** The same, after start-up; without a program, the processor is asleep already. */
export function readyChip(program?: Program): BareChip {
  const bare = bareChip(program);
  if (program === undefined) bare.step(10);
  for (const [address, value] of START_UP) bare.chip.write32(address, value);
  return bare;
}
