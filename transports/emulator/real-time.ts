import type { Environment } from '../environment.js';

const TICK_MS = 10;
/** A host that was away for longer has not been there: a stopped process does not make up for it. */
const LONGEST_TICK_MS = 100;

/** A board with a time of its own. */
interface Timed {
  readonly environment: Environment;
  /** Time since the board was made. */
  readonly chip: { readonly nanos: number };
  advance(ms: number): void;
}

/**
 * Lets the time of a board pass as fast as the host's, also while nobody talks to it: for boards that programs see
 * which know nothing of an emulator. The returned function ends that.
 */
export function inRealTime(board: Timed): () => void {
  const { chip, environment } = board;
  let [then, before] = [environment.now(), chip.nanos];
  let isOver = false;
  let cancel: () => void;
  const tick = (): void => {
    const ms = Math.min(environment.now() - then, LONGEST_TICK_MS);
    const passed = (chip.nanos - before) / 1e6;
    if (passed < ms) board.advance(ms - passed);
    [then, before] = [environment.now(), chip.nanos];
    if (!isOver) cancel = environment.after(TICK_MS, tick);
  };
  cancel = environment.after(TICK_MS, tick);
  return () => {
    isOver = true;
    cancel();
  };
}
