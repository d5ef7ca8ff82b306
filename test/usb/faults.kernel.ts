/** Faults of real links, each in the middle of a call: the board is as it was before it, and the next `open` works. */
import assert from 'node:assert/strict';
import { execFile, fork, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import * as usb3 from 'usb';
import { EntryPointError } from '../../runtime/index.js';
import type { Session } from '../conformance/path.js';
import { picoFamily } from '../conformance/pico.js';
import type { Pair } from '../conformance/probe.js';
import { randomOf } from '../torture/random.js';
import type { Said } from './host.js';
import { KernelBoard, sysfsNameOf } from './kernel-board.js';
import { LINK_NAMES, LINKS, type LinkName } from './links.js';
import { trials } from './trials.js';

const LEASE_MS = 500;
/** RP2040 datasheet 4.5.3: CC of PWM slices 5 and 6. */
const COMPARE = [0x40050070, 0x40050084] as const;
const BEFORE: Pair = [3, 4];
const KILLS = trials(50);
/** A call takes about 2 ms here. */
const LONGEST_LIFE_MS = 60;

/** One file, because starting a process from many takes seconds here. It is written into the kernel's memory. */
const HOST = fileURLToPath(new URL('./host.bundle.mjs', import.meta.url));
buildSync({
  entryPoints: [fileURLToPath(new URL('./host.ts', import.meta.url))],
  outfile: HOST,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'es2022',
  external: ['usb', 'usb2', '@serialport/*'],
});

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('A board behind Linux', () => {
  let board: KernelBoard;
  const sessions = new Set<Session>();
  const children = new Set<ChildProcess>();
  before(() => {
    board = new KernelBoard();
  });
  after(() => board.close());
  beforeEach(() => board.plug());
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const session of sessions) await session.board.close();
    children.clear();
    sessions.clear();
  });

  /** Past the firmware. */
  const registers = async (): Promise<Pair> => [
    (await board.read(COMPARE[0])) & 0xffff,
    (await board.read(COMPARE[1])) & 0xffff,
  ];

  const open = async (link: LinkName): Promise<Session> => picoFamily.open(await LINKS[link](), { leaseMs: LEASE_MS });

  async function inSession(link: LinkName, work: (session: Session) => Promise<void>): Promise<void> {
    const session = await open(link);
    try {
      await work(session);
    } finally {
      await session.board.close();
    }
  }

  /** Does harm inside a call; resolves with the code that its caller gets. */
  async function harmed(link: LinkName, harm: () => Promise<void>): Promise<string> {
    const session = await open(link);
    const { epoch } = session.board.link;
    await session.probe.put(BEFORE);
    let call: Promise<unknown> | undefined;
    let goOn = (): void => {};
    const end = new Promise<void>((resolve) => (goOn = resolve));
    await new Promise<void>((changed, fail) => {
      call = session.probe.hold([70, 80], changed, end).catch((error: unknown) => error);
      call.then(fail, fail);
    });
    assert.deepEqual(await registers(), [70, 80], 'the call has changed registers');
    await harm();
    goOn();
    const error = await call;
    assert.ok(error instanceof EntryPointError, String(error));
    await later(2 * LEASE_MS);
    assert.deepEqual(await registers(), BEFORE, 'the controller has rolled back');
    await session.board.close();
    await inSession(link, async (next) => {
      assert.equal(next.board.link.epoch, epoch, 'without a power cycle');
      await next.probe.write([5, 6]);
      assert.deepEqual(await registers(), [5, 6], 'the next session works');
    });
    return error.code;
  }

  function startHost(link: LinkName, work: 'count' | 'hold'): ChildProcess {
    const child = fork(HOST, [link, String(LEASE_MS), work]);
    children.add(child);
    return child;
  }

  const nextSaid = (child: ChildProcess): Promise<Said> =>
    new Promise((resolve, reject) => {
      child.once('message', (said) => resolve(said as Said));
      child.once('exit', (code, signal) => reject(new Error(`the host ended: ${code ?? signal}`)));
    });

  for (const link of LINK_NAMES) {
    it(`${link}: the cable is pulled`, async () => {
      const code = await harmed(link, async () => {
        await board.unplug();
        await board.plug();
      });
      assert.equal(code, 'device-lost');
    });

    it(`${link}: the system takes the device away from everybody, and gives it back`, async () => {
      const authorized = `/sys/bus/usb/devices/${sysfsNameOf()!}/authorized`;
      await harmed(link, async () => {
        writeFileSync(authorized, '0');
        await later(LEASE_MS);
        writeFileSync(authorized, '1');
        await board.isThere();
      });
    });

    it(`${link}: somebody resets the device`, async () => {
      await harmed(link, async () => {
        await board.reset();
        const [other] = await new usb3.WebUSB({ allowedDevices: [{ vendorId: 0x1209, productId: 1 }] }).getDevices();
        await other!.open();
        await other!.reset();
        await other!.close();
        await board.isThere();
      });
    });

    it(`${link}: the process is stopped for longer than the lease, and goes on`, async () => {
      await inSession(link, ({ probe }) => probe.put(BEFORE));
      const child = startHost(link, 'hold');
      assert.deepEqual(await nextSaid(child), { holding: true });
      assert.deepEqual(await registers(), [70, 80]);
      child.kill('SIGSTOP');
      await later(3 * LEASE_MS);
      assert.deepEqual(await registers(), BEFORE, 'rolled back while it sleeps');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await ended;
      await inSession(link, async ({ probe }) => assert.deepEqual(await probe.look(), BEFORE));
    });
  }

  for (const args of [[], ['/dev/ttyACM0']])
    it(`examples/connect.ts ${args.join(' ')} finds it`, async () => {
      const example = fileURLToPath(new URL('../../examples/connect.ts', import.meta.url));
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', example, ...args]);
      assert.match(stdout, /^rp2040, firmware \d+\.\d+\.\d+\n$/);
    });

  it(`${KILLS} times: the process is killed (SIGKILL), anywhere in its calls`, async function () {
    this.timeout(KILLS * 6000);
    const random = randomOf('sigkill');
    let epoch: number | undefined;
    await inSession(LINK_NAMES[0]!, async (session) => {
      await session.probe.put([0, 0]);
      epoch = session.board.link.epoch;
    });
    for (let kill = 0; kill < KILLS; kill++) {
      const link = LINK_NAMES[kill % LINK_NAMES.length]!;
      const [start] = await registers();
      const child = startHost(link, 'count');
      let committed = 0;
      child.on('message', (said: Said) => {
        if ('committed' in said) committed = said.committed;
      });
      const ended = Promise.all([
        new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal))),
        new Promise((resolve) => child.once('disconnect', resolve)),
      ]);
      await nextSaid(child);
      await later(random.below(LONGEST_LIFE_MS));
      child.kill('SIGKILL');
      assert.deepEqual((await ended)[0], 'SIGKILL');
      await inSession(link, async (session) => {
        assert.equal(session.board.link.epoch, epoch, 'without a power cycle');
        const [first, second] = await registers();
        assert.equal(first, second, `kill ${kill}: half of a call`);
        const calls = first - start;
        assert.ok(calls === committed || calls === committed + 1, `kill ${kill}: ${calls} calls, ${committed} told of`);
      });
    }
  });
});
