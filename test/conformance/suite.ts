/**
 * What holds over every path to a board, whatever carries the bytes. It imports nothing of Node and nothing of a test
 * runner, so that it runs in a browser, too: `CHECKS` are names and functions, one after the other on one board.
 */
import { EntryPointError, FgftError } from '../../runtime/index.js';
import { cut, faulty, flipped, lost, onFrame, type Faults } from '../../transports/faulty.js';
import type { Path, Session } from './path.js';
import type { Pair } from './probe.js';

export interface Check {
  readonly name: string;
  /** Whether it can be run over this path; if left out, over all of them. */
  readonly needs?: (path: Path) => boolean;
  run(path: Path): Promise<void>;
}

/** In ms: so short that a test of it does not take long, so long that a loaded machine keeps it. */
const LEASE_MS = 500;
const ANSWER_TIMEOUT_MS = 250;
/** Answers of so many bytes are longer than a packet of any path, and some end with a full one. */
const ECHOES = [0, 1, 29, 30, 31, 45, 46, 47, 48, 93, 94, 110, 111, 112, 174, 200] as const;
const CALLS = 40;

function same(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${what}: ${is}, not ${should}`);
}

/** The error of a call that must fail. */
async function failureOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('the call must fail');
}

async function rolledBack(call: Promise<unknown>, code: string): Promise<EntryPointError> {
  const error = await failureOf(call);
  if (!(error instanceof EntryPointError)) throw error;
  same([error.code, error.rollback.outcome], [code, 'restored'], 'what the caller is told');
  return error;
}

/** Opens a session, and closes it whatever happens. */
async function inSession(path: Path, work: (session: Session) => Promise<void>, faults?: Faults): Promise<void> {
  const transport = await path.transport();
  const carried = faults ? faulty(transport, faults) : transport;
  const session = await path.family.open(carried, { leaseMs: LEASE_MS, answerTimeoutMs: ANSWER_TIMEOUT_MS });
  try {
    await work(session);
  } finally {
    await session.board.close();
  }
}

/** Ends the link in the middle of a call, and tells what the next session finds. */
async function abandoned(path: Path, how: (session: Session) => Promise<void>): Promise<void> {
  const before: Pair = [3, 4];
  const first = await path.family.open(await path.transport(), { leaseMs: LEASE_MS });
  await first.probe.put(before);
  const { epoch } = first.board.link;
  let call: Promise<unknown> | undefined;
  await new Promise<void>((changed, fail) => {
    call = failureOf(first.probe.hold([70, 80], changed, new Promise(() => {})));
    call.catch(fail);
  });
  await how(first);
  const error = await call;
  if (!(error instanceof EntryPointError)) throw error;
  await first.board.close();
  await inSession(path, async ({ board, probe }) => {
    same(board.link.epoch, epoch, 'the epoch of the board, which had power all the time');
    same(board.hello.previous?.rolledBack, 1, 'transactions that the controller has rolled back');
    same(board.hello.previous?.mismatches, 0, 'registers that did not read back');
    same(await probe.look(), before, 'the registers');
  });
}

/** Frames that are damaged or lost; the call counts once all the same. */
const DAMAGE: Readonly<Record<string, () => Faults>> = {
  'a request is lost': () => ({ send: onFrame(1, lost) }),
  'an answer is lost': () => ({ receive: onFrame(1, lost) }),
  'a bit of a request is flipped': () => ({ send: onFrame(1, flipped(93)) }),
  'a bit of an answer is flipped': () => ({ receive: onFrame(1, flipped(93)) }),
  'a request is cut off': () => ({ send: onFrame(1, cut(5)) }),
};

export const CHECKS: readonly Check[] = [
  {
    name: 'says which board it is, and what it can do',
    run: (path) =>
      inSession(path, async ({ board }) => {
        same(board.hello.board, path.family.board, 'the board');
        const { frameBytes, window, arenaBytes } = board.hello.limits;
        same(frameBytes >= 128 && window >= 1 && arenaBytes > 0, true, 'limits that one can work with');
        same(board.hello.leaseMs, LEASE_MS, 'the lease');
      }),
  },
  {
    name: 'carries frames of any length, both ways',
    run: (path) =>
      inSession(path, async ({ board }) => {
        for (const length of ECHOES) {
          // 16 bytes of the request are not the echo's; 32 of an answer are kept for a failure.
          if (length + 64 > board.hello.limits.frameBytes) continue;
          const bytes = Uint8Array.from({ length }, (_, index) => (index * 37) & 0xff);
          const { results } = await board.link.request([{ op: 'echo', bytes }]);
          same([...(results[0] as Uint8Array)], [...bytes], `an echo of ${length} bytes`);
        }
      }),
  },
  {
    name: 'reads what was written, and a commit stays for the next session',
    async run(path) {
      await inSession(path, async ({ probe }) => {
        await probe.put([1, 2]);
        same(await probe.look(), [1, 2], 'after native writes');
        await probe.write([11, 12]);
        same(await probe.read(), [11, 12], 'after a commit');
      });
      await inSession(path, async ({ probe }) => same(await probe.look(), [11, 12], 'in the next session'));
    },
  },
  {
    name: 'runs many calls in a row, each of them once',
    run: (path) =>
      inSession(path, async ({ probe }) => {
        await probe.put([0, 100]);
        for (let call = 0; call < CALLS; call++) await probe.count();
        same(await probe.look(), [CALLS, 100 + CALLS], 'the registers');
      }),
  },
  {
    name: 'rolls back a call that fails on the host, half-way',
    run: (path) =>
      inSession(path, async ({ probe }) => {
        await probe.put([5, 6]);
        const cause = new Error('half-way');
        const error = await rolledBack(probe.throwHalfWay([50, 60], cause), 'exception');
        same(error.cause === cause, true, 'the cause is kept');
        same(await probe.look(), [5, 6], 'the registers');
      }),
  },
  {
    name: 'rolls back a call that fails on the controller, half-way',
    run: (path) =>
      inSession(path, async ({ probe }) => {
        await probe.put([7, 8]);
        await rolledBack(probe.failOnBoard([70, 80]), 'controller-fault');
        same(await probe.look(), [7, 8], 'the registers');
        await probe.write([9, 10]);
        same(await probe.look(), [9, 10], 'the next call works');
      }),
  },
  ...Object.entries(DAMAGE).map(([what, damage]): Check => ({
    name: `counts once when ${what}`,
    async run(path) {
      const faults: Faults = {};
      await inSession(
        path,
        async ({ probe }) => {
          await probe.put([20, 30]);
          await probe.count();
          Object.assign(faults, damage());
          const call = probe.count();
          await path.pass(2 * ANSWER_TIMEOUT_MS);
          await call;
          same(await probe.look(), [22, 32], 'the registers');
        },
        faults,
      );
    },
  })),
  {
    name: 'can be opened and closed, again and again',
    async run(path) {
      await inSession(path, ({ probe }) => probe.put([0, 0]));
      for (let session = 1; session <= 10; session++)
        await inSession(path, async ({ probe }) => {
          await probe.count();
          same(await probe.look(), [session, session], `in session ${session}`);
        });
    },
  },
  {
    name: 'is not taken from who has it by a second one who opens it',
    needs: ({ exclusive }) => exclusive,
    run: (path) =>
      inSession(path, async ({ probe }) => {
        await probe.put([13, 14]);
        const error = await failureOf(path.transport().then((transport) => path.family.open(transport)));
        if (!(error instanceof FgftError)) throw error;
        same(error.code, 'device-busy', 'what the second one is told');
        await probe.count();
        same(await probe.look(), [14, 15], 'the first one goes on');
      }),
  },
  {
    name: 'rolls back what a closed link has left open, at the latest when the next session begins',
    run: (path) => abandoned(path, ({ board }) => board.close()),
  },
  {
    name: 'rolls back what a closed link has left open, at the latest when the lease has expired',
    run: (path) =>
      abandoned(path, async ({ board }) => {
        await board.close();
        await path.pass(2 * LEASE_MS);
      }),
  },
  {
    name: 'rolls back when the cable is pulled in the middle of a call, and works when it is back',
    needs: ({ cable }) => cable !== undefined,
    run: (path) =>
      abandoned(path, async () => {
        await path.cable!.unplug();
        await path.pass(2 * LEASE_MS);
        await path.cable!.plug();
      }),
  },
];
