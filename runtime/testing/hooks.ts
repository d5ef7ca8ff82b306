import type { BoardSession } from '../board.js';
import type { BoardState } from '../recovery/recovery.js';
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
 * has left them otherwise fails, with the registers. When the board is broken, the test that finds that fails, and the
 * rest is skipped with the first cause.
 */
export function guardBoard({ board, peripherals, leaks = 'fail' }: GuardOptions): void {
  let checkpoint: Checkpoint | undefined;
  let broken: { readonly cause: unknown } | undefined;

  /** What cannot be done with a broken board cannot be done in later tests; other failures are those of one test. */
  async function noting<R>(work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (cause) {
      if (isNotRestored(cause) || isBroken(board())) broken ??= { cause };
      throw cause;
    }
  }

  beforeEach('checkpoint the board', async function () {
    const test = this.currentTest;
    if (broken && test) {
      test.title += ` (skipped, the board is broken: ${sentence(broken.cause)})`;
      this.skip();
    }
    if (!test?.fn) return;
    try {
      checkpoint = await noting(() => takeCheckpoint(board(), peripherals()));
      test.fn = checked(test.fn, () => check(test.title));
    } catch (cause) {
      // As the test's own failure: one of the hook would keep the others from being told.
      test.fn = () => {
        throw cause;
      };
    }
  });

  afterEach('restore the board', async () => {
    const left = checkpoint;
    checkpoint = undefined;
    // Only a test that has failed by itself has left this to be done: it keeps its own error.
    if (left) await noting(() => restoreCheckpoint(left)).catch(() => {});
  });

  /** Runs as the end of the test, so that it is the test that fails, and those behind it run. */
  async function check(title: string): Promise<void> {
    const taken = checkpoint!;
    checkpoint = undefined;
    const left = await noting(() => restoreCheckpoint(taken));
    if (left.length > 0 && leaks === 'fail')
      throw new TestingError('leak', `'${title}' has left ${left.join(', ')}. It was restored: undo it in the test.`);
  }
}

const isNotRestored = (cause: unknown): boolean => cause instanceof TestingError && cause.code === 'not-restored';

function isBroken({ state }: BoardSession): boolean {
  let now: BoardState | undefined;
  state.subscribe((each) => (now = each)).unsubscribe();
  return now === 'broken' || now === 'closed';
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
