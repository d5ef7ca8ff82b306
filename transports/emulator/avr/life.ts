import { CPU } from 'avr8js';
import type { I2cTarget } from '../bus-targets.js';
import { scramble } from '../boot.js';
import { Adc } from './adc.js';
import { Eeprom } from './eeprom.js';
import { IO, SRAM_BYTES, SRAM_START } from './io.js';
import type { UartLine } from './line.js';
import { Ports, type AvrPin } from './ports.js';
import { installPowerReduction } from './power-reduction.js';
import { Spi } from './spi.js';
import { installTimers } from './timers.js';
import { Twi } from './twi.js';
import { Usart } from './usart.js';
import { Watchdog } from './watchdog.js';

/** MCUSR (ATmega328P datasheet 11.9.1): a cause is noted beside those that were there, until power-on. */
const FLAGS = { 'power-on': 1 << 0, 'reset-pin': 1 << 1, watchdog: 1 << 3 } as const;

/** Datasheet 14.3.1, table 14-3. */
const SS = 'PB2';

/** `power-on`: everything but flash and EEPROM is lost. `reset-pin`, `watchdog`: SRAM keeps its contents. */
export type AvrResetCause = keyof typeof FLAGS;

/** What stays when the chip is reset, and what is around it. */
export interface Surroundings {
  readonly flash: Uint16Array;
  readonly eeprom: Uint8Array;
  readonly outside: ReadonlyMap<AvrPin, boolean>;
  readonly volts: readonly number[];
  readonly i2c: ReadonlyMap<number, I2cTarget>;
  readonly line: UartLine;
  readonly random: () => number;
  readonly spiTransfer: (byte: number) => number;
  readonly pinChanged: (pin: AvrPin, level: boolean) => void;
  readonly watchdogFired: () => void;
}

/** The chip from one reset to the next: avr8js cannot reset its blocks, so each life is a chip of its own. */
export interface Life {
  readonly cpu: CPU;
  readonly blocks: Blocks;
}

interface Blocks {
  readonly ports: Ports;
  readonly adc: Adc;
  readonly spi: Spi;
  readonly twi: Twi;
  readonly eeprom: Eeprom;
  readonly usart: Usart;
  readonly watchdog: Watchdog;
}

/** A chip out of reset, its processor at the first word of flash. Cycles go on from those of the life before. */
export function startLife(around: Surroundings, cause: AvrResetCause, cycles: number, before: Life | undefined): Life {
  const cpu = new CPU(around.flash, SRAM_BYTES);
  cpu.cycles = cycles;
  const ram = cpu.data.subarray(SRAM_START);
  if (before === undefined) scrambleBytes(ram, around.random());
  else ram.set(before.cpu.data.subarray(SRAM_START));
  cpu.data[IO.MCUSR] = (before?.cpu.data[IO.MCUSR] ?? 0) | FLAGS[cause];
  let spi: Spi | undefined;
  const ports = new Ports(cpu, around.outside, (pin, level) => {
    around.pinChanged(pin, level);
    if (pin === SS) spi?.watchBus();
  });
  spi = new Spi(cpu, {
    transfer: around.spiTransfer,
    isTaken: () => ports.isInput(SS) && !ports.level(SS),
  });
  const blocks = {
    ports,
    spi,
    adc: new Adc(cpu, around.volts),
    twi: new Twi(cpu, around.i2c),
    eeprom: new Eeprom(cpu, around.eeprom),
    usart: new Usart(cpu, (byte, taken) => around.line.took(byte, taken)),
    watchdog: new Watchdog(cpu, around.watchdogFired),
  };
  installPowerReduction(cpu, installTimers(cpu));
  around.line.connect(cpu, blocks.usart);
  return { cpu, blocks };
}

/** Ends a life; without power a cell that is being written stays half-written. */
export function endLife({ blocks: { twi, eeprom } }: Life, isPowered: boolean): void {
  twi.leave();
  if (isPowered) eeprom.finish();
}

function scrambleBytes(ram: Uint8Array, seed: number): void {
  const bytes = new Uint8Array(ram.length);
  scramble(bytes, seed);
  ram.set(bytes);
}
