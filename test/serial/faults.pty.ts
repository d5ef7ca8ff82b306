/** Hosts that are killed or stopped in the middle of calls over a real tty: no half of a call is left, and the next one works. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { serial } from '../../transports/serial/index.js';
import type { Session } from '../conformance/path.js';
import type { Pair } from '../conformance/probe.js';
import { unoFamily } from '../conformance/uno.js';
import { randomOf } from '../torture/random.js';
import { UnoOnPty } from './uno-board.js';

const LEASE_MS = 500;
/** A call takes some 5 ms here. */
const LONGEST_LIFE_MS = 100;
/** OCR0A and OCR2B (ATmega328P datasheet 15.9.4, 18.11.5). */
const COMPARE = [0x47, 0xb4] as const;
const HOST = fileURLToPath(new URL('./host.ts', import.meta.url));

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('An Uno behind a pseudo-terminal', function () {
  this.timeout(60_000);
  let uno: UnoOnPty;
  let path: string;
  const children = new Set<ChildProcess>();
  before(async () => {
    uno = new UnoOnPty();
    path = await uno.plug();
  });
  after(() => uno.close());
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });

  const registers = async (): Promise<Pair> => [await uno.read(COMPARE[0]), await uno.read(COMPARE[1])];

  async function inSession(work: (session: Session) => Promise<void>): Promise<void> {
    const session = await unoFamily.open(serial({ path }), { leaseMs: LEASE_MS });
    try {
      await work(session);
    } finally {
      await session.board.close();
    }
  }

  /** Resolves when it has made its first call. */
  async function startHost(): Promise<{ child: ChildProcess; committed: () => number; ended: Promise<unknown> }> {
    const child = fork(HOST, [path, String(LEASE_MS)], { execArgv: ['--import', 'tsx'] });
    children.add(child);
    let committed = 0;
    child.on('message', (count: number) => (committed = count));
    const ended = Promise.all([
      new Promise((resolve) => child.once('exit', resolve)),
      new Promise((resolve) => child.once('disconnect', resolve)),
    ]);
    await Promise.race([
      new Promise((resolve) => child.once('message', resolve)),
      ended.then(() => assert.fail('the host has ended by itself')),
    ]);
    return { child, committed: () => committed, ended };
  }

  /** Lets a host make calls for a while; resolves when it was killed, with how many calls it was told of. */
  async function killed(lifeMs: number, stopped: boolean): Promise<number> {
    const { child, committed, ended } = await startHost();
    await later(lifeMs);
    if (stopped) {
      child.kill('SIGSTOP');
      await later(2 * LEASE_MS);
      const [first, second] = await registers();
      assert.equal(first, second, 'half of a call, after the lease');
    }
    child.kill('SIGKILL');
    await ended;
    return committed();
  }

  for (const [times, what, stopped] of [
    [8, 'killed (SIGKILL)', false],
    [3, 'stopped (SIGSTOP) for longer than the lease, and killed', true],
  ] as const)
    it(`${times} times: the process is ${what}, anywhere in its calls`, async () => {
      const random = randomOf(what);
      for (let time = 0; time < times; time++) {
        let epoch: number | undefined;
        await inSession(async ({ board, probe }) => {
          epoch = board.link.epoch;
          await probe.put([0, 0]);
        });
        const told = await killed(random.below(LONGEST_LIFE_MS), stopped);
        await inSession(async ({ board }) => {
          assert.equal(board.link.epoch, epoch, 'without a power cycle');
          const [calls, second] = await registers();
          assert.equal(calls, second, `time ${time}: half of a call`);
          assert.ok(calls === told || calls === told + 1, `time ${time}: ${calls} calls, ${told} told of`);
        });
      }
    });
});
