import type { CPU } from 'avr8js';
import { IO } from './io.js';
import type { Timer } from './timers.js';

/** PRR (ATmega328P datasheet 10.11.3): the registers of each block, and its timer if it is one. */
const BLOCKS = [
  { bit: 7, registers: [[IO.TWBR, IO.TWAMR]] },
  { bit: 6, registers: [[IO.TCCR2A, IO.OCR2B]], timer: 2 },
  { bit: 5, registers: [[IO.TCCR0A, IO.OCR0B]], timer: 0 },
  { bit: 3, registers: [[IO.TCCR1A, IO.OCR1B + 1]], timer: 1 },
  { bit: 2, registers: [[IO.SPCR, IO.SPDR]] },
  { bit: 1, registers: [[IO.UCSR0A, IO.UDR0]] },
  { bit: 0, registers: [[IO.ADCL, IO.ADMUX]] },
] as const satisfies readonly {
  readonly bit: number;
  readonly registers: readonly (readonly [first: number, last: number])[];
  readonly timer?: 0 | 1 | 2;
}[];

/** Reserved (10.11.3): reads as 0. */
const RESERVED = 1 << 4;

/**
 * 10.9: the clock of a block can be taken away. Its state is frozen and its registers can be neither read nor written: here they
 * read as 0. avr8js has nothing of this.
 */
export function installPowerReduction(cpu: CPU, timers: readonly [Timer, Timer, Timer]): void {
  const { data } = cpu;
  const isOff = (bit: number): boolean => (data[IO.PRR]! & (1 << bit)) !== 0;
  for (const { bit, registers } of BLOCKS)
    for (const [first, last] of registers)
      for (let address = first; address <= last; address++) {
        const [load, store] = [cpu.readHooks[address], cpu.writeHooks[address]];
        cpu.readHooks[address] = (at) => (isOff(bit) ? 0 : (load?.(at) ?? data[at]!));
        cpu.writeHooks[address] = (value, old, at, mask) => isOff(bit) || store?.(value, old, at, mask);
      }
  cpu.writeHooks[IO.PRR] = (value) => {
    const changed = data[IO.PRR]! ^ value;
    for (const block of BLOCKS) {
      if (!('timer' in block) || (changed & (1 << block.bit)) === 0) continue;
      if (value & (1 << block.bit)) timers[block.timer].stop();
      else timers[block.timer].start();
    }
    data[IO.PRR] = value & ~RESERVED;
    return true;
  };
}
