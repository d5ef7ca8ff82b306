import { FgftError } from '../runtime/index.js';
import { SPEC, type AnyHandle } from '../runtime/registers/handles.js';

/**
 * A chip is not what its driver is for, or not as the driver needs it:
 * - `wrong-chip`: what answers there says that it is something else, or nothing answers on a bus that cannot tell.
 * - `not-initialised`: the driver's `init` has not been called, or has failed.
 * - `data-lost`: the chip had no room for what it was to keep.
 */
export class ChipError extends FgftError<'wrong-chip' | 'not-initialised' | 'data-lost'> {}

/** What its definition calls a chip, for messages. */
export const nameOf = ({ [SPEC]: { name } }: AnyHandle): string => name;

/** Throws where the chip's identification is not the one expected. */
export function checkIdentity(chip: AnyHandle, found: number, expected: number): void {
  if (found === expected) return;
  const [is, should] = [found, expected].map((id) => `0x${id.toString(16).padStart(2, '0')}`);
  throw new ChipError(
    'wrong-chip',
    `${nameOf(chip)} says that it is ${is}, not ${should}: check which chip is there, its wiring, and its bus.`,
  );
}

export const notInitialised = (driver: string): ChipError =>
  new ChipError('not-initialised', `${driver} knows nothing of its chip yet: call init() first.`);
