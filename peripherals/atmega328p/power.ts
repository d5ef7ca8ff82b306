import { flag, type PlainFlag } from '../../runtime/registers/definition.js';

/** ATmega328P datasheet 10.11.3. */
const PRR = 0x64;

/**
 * A block's bit of the power reduction register (ATmega328P datasheet 10.9, 10.11.3), for the definition of that block. While it is
 * set, the block stands still, and its registers can be neither read nor written.
 */
export function powerReduction<const Name extends string>(name: Name, bit: number) {
  const mask = 1 << bit;
  const fields = { [name]: flag(bit) } as { readonly [Field in Name]: PlainFlag };
  return {
    registers: { PRR: { address: PRR, width: 8, access: 'rw', owned: mask, fields } },
    wake: { step: 'write', register: 'PRR', mask, value: 0 },
  } as const;
}

export const POWERED_OFF =
  'Settings that a call changes in a block that was powered off (PRR) when it began: what they were could not be read.';
