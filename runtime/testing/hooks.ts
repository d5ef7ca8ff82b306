import type { BoardSession } from '../board.js';
import type { AnyHandle } from '../registers/handles.js';
import { sentence } from '../sentence.js';
import { restoreCheckpoint, takeCheckpoint, TestingError, type Checkpoint } from './checkpoint.js';

export interface GuardOptions {
  /** The board that the tests have opened; asked for before each. */
  readonly board: () => BoardSession;
  /** What is checkpointed before each test and restored after it. */
  readonly peripherals: () => Iterable<AnyHandle>;
  /** What becomes of a test that leaves them otherwise: it fails (if left out), or they are just restored. */
  readonly leaks?: 'fail' | 'restore';
}

/** What this needs of mocha, whose functions are global. */
interface Test {
  title: string;
  fn?: ((this: unknown, done?: (error?: unknown) => void) => unknown) | undefined;
}
interface HookContext {
  readonly currentTest?: Test;
  skip(): never;
}
type DefineHook = (name: string, hook: (this: HookContext) => Promise<void>) => void;
declare const beforeEach: DefineHook;
declare const afterEach: DefineHook;

/**
 * For mocha, inside a `describe`: the peripherals are checkpointed before each test and restored after it, and a test that
 * has left them otherwise fails, with the registers. When the board is broken, the rest is skipped with the first cause.
 */
export function guardBoard({ board, peripherals, leaks = 'fail' }: GuardOptions): void {
  let checkpoint: Checkpoint | undefined;
  let broken: { readonly cause: unknown } | undefined;

  /** What cannot be done with the board now cannot be done in later tests. */
  async function orBreak<R>(work: Promise<R>): Promise<R | undefined> {
    try {
      return await work;
    } catch (cause) {
      broken ??= { cause };
      return undefined;
    }
  }

  beforeEach('checkpoint the board', async function () {
    checkpoint = broken ? undefined : await orBreak(takeCheckpoint(board(), peripherals()));
    const test = this.currentTest;
    if (broken && test) {
      test.title += ` (skipped, the board is broken: ${sentence(broken.cause)})`;
      this.skip();
    }
    if (test?.fn && leaks === 'fail') test.fn = checked(test.fn, () => check(test.title));
  });

  afterEach('restore the board', async () => {
    // A test that has failed by itself is not blamed for what it has left.
    if (checkpoint) await orBreak(restoreCheckpoint(checkpoint));
    checkpoint = undefined;
  });

  /** Runs as the end of the test, so that it is the test that fails, and those behind it run. */
  async function check(title: string): Promise<void> {
    if (!checkpoint) return;
    const left = await orBreak(restoreCheckpoint(checkpoint));
    if (broken) throw broken.cause;
    if (left && left.length > 0)
      throw new TestingError('leak', `'${title}' has left ${left.join(', ')}. It was restored: undo it in the test.`);
  }
}

/** The same test with a check at its end, whether it returns a promise or takes a callback. */
function checked(fn: NonNullable<Test['fn']>, check: () => Promise<void>): NonNullable<Test['fn']> {
  if (fn.length === 0)
    return async function (this: unknown) {
      await fn.call(this);
      await check();
    };
  return function (this: unknown, done) {
    return fn.call(this, (error) => (error ? done!(error) : check().then(() => done!(), done)));
  };
}
