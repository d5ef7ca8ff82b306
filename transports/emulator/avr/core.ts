import { avrInstruction, type CPU } from 'avr8js';
import { IO } from './io.js';

/** AVR instruction set manual: SLEEP, WDR, BSET 7, RETI. */
const SLEEP = 0x9588;
const WDR = 0x95a8;
const SEI = 0x9478;
const RETI = 0x9518;
/** SMCR.SE (ATmega328P datasheet 10.11.1). */
const SE = 1 << 0;

/** What avr8js keeps to itself. */
interface CpuParts {
  readonly nextClockEvent: { readonly cycles: number } | null;
}

/** When the next thing happens in a block; Infinity if nothing will. */
export const nextEvent = (cpu: CPU): number => (cpu as unknown as CpuParts).nextClockEvent?.cycles ?? Infinity;

/** `sleep`: a SLEEP that takes effect; `wait`: a WDR, which firmware that does not sleep executes again and again while it waits. */
export type Stop = 'sleep' | 'wait' | undefined;

/**
 * Executes one instruction and what falls due meanwhile, and tells whether it may have been the last one for a while. avr8js does not
 * carry out SLEEP. One more instruction runs behind SEI and RETI before an interrupt does (datasheet 7.7): without that,
 * `sei; sleep` could sleep through an interrupt.
 */
export function step(cpu: CPU): Stop {
  const opcode = cpu.progMem[cpu.pc];
  if (opcode === SLEEP && cpu.data[IO.SMCR]! & SE) {
    cpu.pc += 1;
    cpu.cycles += 1;
    return 'sleep';
  }
  avrInstruction(cpu);
  if (opcode !== SEI && opcode !== RETI) tick(cpu);
  return opcode === WDR ? 'wait' : undefined;
}

/** Lets what is due happen: avr8js lets one event happen at a time, so that they would come later and later. */
export function tick(cpu: CPU): void {
  do cpu.tick();
  while (nextEvent(cpu) <= cpu.cycles);
}

/** Whether a sleeping processor goes on: an interrupt that is enabled, with the I flag set (10.1). */
export const wakes = (cpu: CPU): boolean => cpu.interruptsEnabled && cpu.nextInterrupt >= 0;
