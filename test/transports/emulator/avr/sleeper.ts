/** An emulated Uno whose program does nothing but sleep: its blocks are looked at from outside. */
import { emulatedUno, type EmulatedUno, type EmulatedUnoOptions } from '../../../../transports/emulator/index.js';
import { virtualEnvironment } from '../../../../transports/virtual-environment.js';

/** `ldi r16, 1; out SMCR, r16; sleep; rjmp -2`: SMCR.SE, idle mode, interrupts off. */
const SLEEPER = [0xe001, 0xbf03, 0x9588, 0xcffe] as const;

export const programOf = (words: readonly number[]): Uint8Array => new Uint8Array(Uint16Array.from(words).buffer);

export function sleeper(options: Partial<EmulatedUnoOptions> = {}): EmulatedUno {
  const uno = emulatedUno({ image: programOf(SLEEPER), environment: virtualEnvironment(), ...options });
  uno.plug();
  uno.advance(0.01);
  return uno;
}

/** Lets so many cycles of the processor pass. */
export const cycles = (uno: EmulatedUno, count: number): void => uno.advance(count / 16_000);
