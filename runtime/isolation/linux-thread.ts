/**
 * The end of a thread takes milliseconds of a core, and the spare that answers next may be waiting for just that core.
 * Linux gives each thread a priority of its own, so there one that is killed gives way. Elsewhere nothing is done.
 */
import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename } from 'node:path';

/** The number of the thread that asks, by which Linux knows it, or 0. */
export function threadNumber(): number {
  try {
    return Number(basename(readlinkSync('/proc/thread-self')));
  } catch {
    return 0;
  }
}

/** Nothing depends on it: a thread that has ended just now, or that may not be changed, is left alone, as is 0. */
export function giveWay(thread: number): void {
  if (thread === 0) return;
  try {
    setPriority(thread, constants.priority.PRIORITY_LOW);
  } catch {
    return;
  }
}
