/** Processes that end, stand still, or want what another one has: the board is as it was before their calls, and whoever comes next can use it. */
import assert from 'node:assert/strict';
import { execFile, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Pair } from '../conformance/probe.js';
import { randomOf } from '../torture/random.js';
import { endOf, nextSaid, startHost } from './host-process.js';
import type { Said, Told } from './host.js';
import { KernelBoard } from './kernel-board.js';
import { LINK_NAMES, type LinkName } from './links.js';
import { holdCall, inSession, LEASE_MS, registersOf } from './sessions.js';
import { trials } from './trials.js';

const BEFORE: Pair = [3, 4];
const HELD: Pair = [70, 80];
const KILLS = trials(50);
/** A call takes about 2 ms here. */
const LONGEST_LIFE_MS = 60;
/** The user and the group that own nothing. */
const NOBODY = 65534;
/** So long that no lease runs out in a test that it is not about. */
const LONG_LEASE_MS = 30_000;

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('A process that uses a board behind Linux', () => {
  let board: KernelBoard;
  const hosts = new Set<ChildProcess>();
  before(() => {
    board = new KernelBoard();
  });
  after(() => board.close());
  beforeEach(() => board.plug());
  afterEach(() => {
    for (const host of hosts) host.kill('SIGKILL');
    hosts.clear();
  });

  function start(...[link, work, options]: Parameters<typeof startHost>): ChildProcess {
    const host = startHost(link, work, options);
    hosts.add(host);
    return host;
  }

  /** A process in the middle of a call, and the epoch of the board before it. */
  async function startHolding(link: LinkName, leaseMs = LEASE_MS): Promise<{ host: ChildProcess; epoch: number }> {
    const epoch = await inSession(link, async (session) => {
      await session.probe.put(BEFORE);
      return session.board.link.epoch;
    });
    const host = start(link, 'hold', { leaseMs });
    assert.deepEqual(await nextSaid(host), { holding: true });
    assert.deepEqual(await registersOf(board), HELD, 'the call has changed registers');
    return { host, epoch };
  }

  const isUsable = (link: LinkName, epoch: number): Promise<void> =>
    inSession(link, async (session) => {
      assert.equal(session.board.link.epoch, epoch, 'without a power cycle');
      assert.deepEqual(await session.probe.look(), BEFORE);
      await session.probe.write([5, 6]);
      assert.deepEqual(await registersOf(board), [5, 6], 'the next session works');
    });

  for (const link of LINK_NAMES) {
    it(`${link}: stands still for longer than the lease (SIGSTOP), and is rolled back meanwhile`, async () => {
      const { host, epoch } = await startHolding(link);
      host.kill('SIGSTOP');
      await later(3 * LEASE_MS);
      assert.deepEqual(await registersOf(board), BEFORE, 'rolled back while it sleeps');
      host.kill('SIGCONT');
      host.send({ goOn: true } satisfies Told);
      const said = await nextSaid(host);
      assert.ok('failed' in said, JSON.stringify(said));
      assert.equal(said.failed, 'controller-fault', said.message);
      assert.equal(await endOf(host), 0);
      await isUsable(link, epoch);
    });

    for (const [what, endIt, status] of [
      ['process.exit()', (host) => host.send({ exit: 7 } satisfies Told), 7],
      ['an exception that nobody catches', (host) => host.send({ throw: 'as it was told' } satisfies Told), 1],
      ['SIGKILL', (host) => host.kill('SIGKILL'), 'SIGKILL'],
    ] as const satisfies readonly (readonly [string, (host: ChildProcess) => void, number | string])[])
      it(`${link}: ends with ${what} in the middle of a call, and the board hears of it and rolls back`, async () => {
        const { host, epoch } = await startHolding(link, LONG_LEASE_MS);
        const end = endOf(host);
        endIt(host);
        assert.equal(await end, status);
        while ((await registersOf(board))[0] !== BEFORE[0]) await later(10);
        assert.deepEqual(await registersOf(board), BEFORE, 'rolled back without anybody’s doing');
        await inSession(link, async (session) => {
          const previous = session.board.hello.previous;
          assert.deepEqual([previous?.rolledBack, previous?.reason], [1, 'link-lost'], 'not by its lease');
        });
        await isUsable(link, epoch);
      });

    for (const second of LINK_NAMES)
      it(`${link}: keeps the board when another one comes over ${second}`, () =>
        inSession(link, async (session) => {
          await session.probe.put(BEFORE);
          const call = await holdCall(session, HELD);
          const said = await nextSaid(start(second, 'hold'));
          assert.ok('failed' in said, JSON.stringify(said));
          assert.equal(said.failed, 'device-busy', said.message);
          assert.match(said.message, /Another program has the board.*: end that one first|Close the other program/);
          call.goOn();
          assert.equal(await call.failure, undefined, 'the first one does not notice');
          await session.probe.count();
          assert.deepEqual(await registersOf(board), [71, 81]);
        }));

    it(`${link}: is told what to do where its user may not open the board`, async () => {
      const said = await nextSaid(start(link, 'hold', { uid: NOBODY, gid: NOBODY }));
      assert.ok('failed' in said, JSON.stringify(said));
      assert.equal(said.failed, 'access-denied', said.message);
      assert.match(said.message, /docs\/connect-a-board\.md/);
    });
  }

  for (const args of [[], ['/dev/ttyACM0']])
    it(`finds it with examples/connect.ts ${args.join(' ')}`, async () => {
      const example = fileURLToPath(new URL('../../examples/connect.ts', import.meta.url));
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', example, ...args]);
      assert.match(stdout, /^rp2040, firmware \d+\.\d+\.\d+\n$/);
    });

  it(`is killed ${KILLS} times (SIGKILL), anywhere in its calls`, async function () {
    this.timeout(KILLS * 6000);
    const random = randomOf('sigkill');
    const epoch = await inSession(LINK_NAMES[0]!, async (session) => {
      await session.probe.put([0, 0]);
      return session.board.link.epoch;
    });
    for (let kill = 0; kill < KILLS; kill++) {
      const link = LINK_NAMES[kill % LINK_NAMES.length]!;
      const [at] = await registersOf(board);
      const host = start(link, 'count');
      let committed = 0;
      host.on('message', (said: Said) => {
        if ('committed' in said) committed = said.committed;
      });
      const end = endOf(host);
      await nextSaid(host);
      await later(random.below(LONGEST_LIFE_MS));
      host.kill('SIGKILL');
      assert.equal(await end, 'SIGKILL');
      await inSession(link, async (session) => {
        assert.equal(session.board.link.epoch, epoch, 'without a power cycle');
        const [first, second] = await registersOf(board);
        assert.equal(first, second, `kill ${kill}: half of a call`);
        const calls = first - at;
        assert.ok(calls === committed || calls === committed + 1, `kill ${kill}: ${calls} calls, ${committed} told of`);
      });
    }
  });
});
