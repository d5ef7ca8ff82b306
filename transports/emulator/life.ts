import { scramble, VECTORS } from './boot.js';
import { ChipClock, type Clock } from './clock.js';
import { mendSleep, startCore } from './core.js';
import { i2cOf } from './mends/i2c.js';
import { installBlocks, type Blocks, type Surroundings } from './mends/install.js';
import { Silicon } from './silicon.js';

/** The chip from one reset to the next: the package has no way to reset a chip, so each life is a chip of its own. */
export interface Life {
  readonly silicon: Silicon;
  readonly clock: ChipClock;
  readonly blocks: Blocks;
}

export interface LifeOptions extends Surroundings {
  readonly clock: Clock;
  readonly flash: Uint8Array<ArrayBuffer>;
  /** The life before, if its RAM has kept its contents. */
  readonly before: Life | undefined;
  readonly warn: (source: string, message: string, pc: number) => void;
}

/** A chip out of reset, its processor at the vectors in flash, as the boot ROM and boot2 hand over to the image. */
export function startLife(options: LifeOptions): Life {
  const { before, warn } = options;
  const clock = new ChipClock(options.clock);
  const silicon = new Silicon(clock, options.flash);
  const { core } = silicon;
  const report = (source: string, message: string): void => warn(source, message, core.PC);
  silicon.logger = {
    debug: () => {},
    info: (_, message) => {
      // The package does not carry out SEV (ARMv6-M architecture A6.7.57), but says that it has met one.
      if (message === 'SEV') core.eventRegistered = true;
    },
    warn: (source, message) => {
      if (message.includes('is not implemented yet')) silicon.busError = 'undefined instruction';
      else report(source, message);
    },
    error: report,
  };
  silicon.onBreak = () => {
    silicon.busError = 'BKPT without a debugger';
  };
  if (before === undefined) scramble(silicon.sram, options.random());
  else {
    silicon.sram.set(before.silicon.sram);
    silicon.usbDPRAM.set(before.silicon.usbDPRAM);
  }
  const blocks = installBlocks(silicon, options);
  blocks.pins.updateAll();
  mendSleep(core);
  startCore(core, VECTORS);
  return { silicon, clock, blocks };
}

/** Ends a life: its pull-up goes, and nothing that it has scheduled happens any more. */
export function endLife({ silicon, clock, blocks }: Life): void {
  blocks.usb.reset();
  clock.stop();
  for (const pio of silicon.pio) pio.stop();
  for (const index of [0, 1] as const) i2cOf(silicon, index).bus.leave();
}
