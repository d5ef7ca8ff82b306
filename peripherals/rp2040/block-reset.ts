import { flag, type PlainFlag } from '../../runtime/registers/definition.js';

/** RP2040 datasheet 2.14.3: RESETS_BASE. */
const RESETS_BASE = 0x4000c000;
/** A block leaves its reset within a few cycles of its slowest clock (RP2040 datasheet 2.14.1). */
const RESET_US = 1000;

/**
 * The reset controller's bit of one block (RP2040 datasheet 2.14.3), for the definition of that block: its registers, and
 * the steps that take the block through a reset. `RESET` belongs last into the save list: a block that is held in reset
 * takes no writes, and a driver may have held it there.
 */
export function blockReset<const Name extends string>(name: Name, bit: number) {
  const mask = 2 ** bit;
  const fields = { [name]: flag(bit) } as { readonly [Field in Name]: PlainFlag };
  return {
    registers: {
      RESET: { address: RESETS_BASE, access: 'rw', owned: mask, reset: mask, fields },
      RESET_DONE: { address: RESETS_BASE + 0x08, access: 'ro', owned: mask, fields },
    },
    steps: [
      { step: 'write', register: 'RESET', mask, value: mask },
      { step: 'write', register: 'RESET', mask, value: 0 },
      { step: 'poll', register: 'RESET_DONE', mask, value: mask, timeoutUs: RESET_US },
    ],
  } as const;
}

/** The handle of such a block. */
interface Resettable<Name extends string> {
  readonly RESET: { write(bits: Readonly<Record<Name, boolean>>): Promise<void> };
  readonly RESET_DONE: { poll(bits: Readonly<Record<Name, boolean>>, timeoutUs: number): Promise<void> };
}

/** The same steps, for a driver that sets the block up anew. */
export async function resetBlock<Name extends string>(block: Resettable<Name>, name: Name): Promise<void> {
  const bit = (value: boolean) => ({ [name]: value }) as Readonly<Record<Name, boolean>>;
  await block.RESET.write(bit(true));
  await block.RESET.write(bit(false));
  await block.RESET_DONE.poll(bit(true), RESET_US);
}
