/** What one call did to registers: what it wrote, and what they held before and hold after it. */
import type { BoardSession, Op, TraceEvent } from '../../runtime/index.js';
import type { Snapshot, WatchedRegister } from './registers.js';

/** A write: bits of `mask` become those of `value`. */
interface Write {
  readonly register: string;
  readonly mask: number;
  readonly value: number;
}

export interface RegisterStory {
  readonly register: WatchedRegister;
  readonly before: number;
  /** What the call made of it on the controller; undefined where nothing arrived there. */
  readonly written: number | undefined;
  readonly after: number;
}

const ALL_BITS = 0xffffffff;

function writeOf(op: Op, board: BoardSession): Write | undefined {
  if (op.op === 'write') return { register: board.nameOf(op.at), mask: ALL_BITS, value: op.value };
  if (op.op === 'masked') return { register: board.nameOf(op.at), mask: op.mask, value: op.value };
  return undefined;
}

/** Collects the writes that have run on the controller, from the trace. */
export function recordWrites(board: BoardSession): { end(): readonly Write[] } {
  const writes: Write[] = [];
  let frames: (readonly Op[])[] = [];
  const take = (event: TraceEvent): void => {
    if (event.call === 'recovery') return;
    if (event.type === 'sent') frames.push(event.ops);
    if (event.type !== 'answered') return;
    // Frames are answered in the order in which they were sent.
    const ops = frames.shift() ?? [];
    for (const op of ops.slice(0, event.ran)) {
      const write = writeOf(op, board);
      if (write) writes.push(write);
    }
  };
  const subscription = board.trace.subscribe(take);
  return {
    end() {
      subscription.unsubscribe();
      // What was never answered may have run: the link was lost.
      for (const op of frames.flat()) {
        const write = writeOf(op, board);
        if (write) writes.push(write);
      }
      frames = [];
      return writes;
    },
  };
}

/** The registers that the call has written, and those that it has left changed. */
export function storiesOf(
  registers: readonly WatchedRegister[],
  before: Snapshot,
  writes: readonly Write[],
  after: Snapshot,
): RegisterStory[] {
  return registers.flatMap((register) => {
    const [old, now] = [before.get(register.name), after.get(register.name)];
    if (old === undefined || now === undefined) return [];
    const its = writes.filter((write) => write.register === register.name);
    const written = its.reduce((bits, { mask, value }) => ((bits & ~mask) | (value & mask)) >>> 0, old);
    if (its.length === 0 && (old === now || !register.isKept)) return [];
    return [{ register, before: old, written: its.length > 0 ? written : undefined, after: now }];
  });
}
