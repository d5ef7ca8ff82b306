/** Faults of real links, each in the middle of a call: the board is as it was before it, and the next `open` works. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { EntryPointError, type OpenOptions } from '../../runtime/index.js';
import type { Session } from '../conformance/path.js';
import { picoFamily } from '../conformance/pico.js';
import type { Pair } from '../conformance/probe.js';
import { KernelBoard, sysfsNameOf } from './kernel-board.js';
import { LINK_NAMES, LINKS, type LinkName } from './links.js';
import { holdCall, inSession, LEASE_MS, registersOf } from './sessions.js';

const BEFORE: Pair = [3, 4];
const HELD: Pair = [70, 80];
/** Longer than a test: what is rolled back within it was told, and did not run out. */
const LONG_LEASE_MS = 60_000;
const USB = '/sys/bus/usb';

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('A board behind Linux', () => {
  let board: KernelBoard;
  const sessions = new Set<Session>();
  before(() => {
    board = new KernelBoard();
  });
  after(() => board.close());
  beforeEach(() => board.plug());
  afterEach(async () => {
    for (const session of sessions) await session.board.close();
    sessions.clear();
  });

  async function open(link: LinkName, options: OpenOptions): Promise<Session> {
    const session = await picoFamily.open(await LINKS[link](), options);
    sessions.add(session);
    return session;
  }

  /** Does harm inside a call; resolves with the code that its caller gets. */
  async function harmed(
    link: LinkName,
    leaseMs: number,
    harm: (session: Session) => Promise<unknown>,
  ): Promise<string> {
    const session = await open(link, { leaseMs });
    const { epoch } = session.board.link;
    await session.probe.put(BEFORE);
    const call = await holdCall(session, HELD);
    assert.deepEqual(await registersOf(board), HELD, 'the call has changed registers');
    await harm(session);
    if (leaseMs === LEASE_MS) await later(2 * LEASE_MS);
    assert.deepEqual(await registersOf(board), BEFORE, 'the controller has rolled back');
    call.goOn();
    const error = await call.failure;
    assert.ok(error instanceof EntryPointError, String(error));
    await session.board.close();
    await inSession(link, async (next) => {
      assert.equal(next.board.link.epoch, epoch, 'without a power cycle');
      await next.probe.write([5, 6]);
      assert.deepEqual(await registersOf(board), [5, 6], 'the next session works');
    });
    return error.code;
  }

  /** What a hub with power switches does to a port (USB 2.0 11.11); vhci_hcd forgets to tell of the board when the power is back. */
  const portOf = (name: string) => {
    const [bus, port] = name.split('-');
    const hub = `${bus}-0:1.0`;
    const disable = `${USB}/devices/${hub}/usb${bus}-port${port}/disable`;
    return {
      async switchOff() {
        writeFileSync(disable, '1');
        await board.hasGone();
      },
      switchOn: () => writeFileSync(disable, '0'),
      /** Has the hub's driver look at all of its ports. */
      lookAgain() {
        for (const what of ['unbind', 'bind']) writeFileSync(`${USB}/drivers/hub/${what}`, hub);
      },
    };
  };

  for (const link of LINK_NAMES) {
    it(`${link}: the cable is pulled`, async () => {
      const code = await harmed(link, LONG_LEASE_MS, async () => {
        await board.unplug();
        await board.plug();
      });
      assert.equal(code, 'device-lost');
    });

    it(`${link}: the system takes the device away from everybody, and gives it back`, async () => {
      const authorized = `${USB}/devices/${sysfsNameOf()!}/authorized`;
      const code = await harmed(link, LONG_LEASE_MS, async () => {
        writeFileSync(authorized, '0');
        await later(LEASE_MS);
        writeFileSync(authorized, '1');
        await board.isThere();
      });
      assert.equal(code, 'device-lost');
    });

    it(`${link}: another process resets the device`, async () => {
      const code = await harmed(link, LONG_LEASE_MS, async () => {
        await promisify(execFile)('usbreset', ['1209:0001']);
        await board.isThere();
      });
      assert.equal(code, 'device-lost');
    });

    it(`${link}: the hub switches its port off and on, and the board has a supply of its own`, async () => {
      const port = portOf(sysfsNameOf()!);
      const code = await harmed(link, LEASE_MS, async () => {
        await port.switchOff();
        await later(2 * LEASE_MS);
        port.switchOn();
        port.lookAgain();
        await board.isThere();
      });
      assert.equal(code, 'device-lost');
    });

    it(`${link}: the hub switches its port off and on, and with it the board, whose registers are brought back`, async () => {
      const session = await open(link, { recovery: { reopen: LINKS[link] } });
      const { epoch } = session.board.link;
      await session.probe.put(BEFORE);
      const call = await holdCall(session, HELD);
      const port = portOf(sysfsNameOf()!);
      await port.switchOff();
      await board.unplug('lost');
      port.switchOn();
      await board.plug();
      call.goOn();
      const error = await call.failure;
      assert.ok(error instanceof EntryPointError, String(error));
      assert.deepEqual([error.code, error.rollback.outcome], ['device-lost', 'restored'], error.message);
      assert.notEqual(session.board.link.epoch, epoch, 'it has started again');
      assert.deepEqual(await registersOf(board), BEFORE);
      await session.probe.count();
      assert.deepEqual(await registersOf(board), [4, 5]);
    });

    it(`${link}: its link is closed`, async () => {
      // Of a serial port the board is told (DTR); on USB its lease must run out.
      const leaseMs = link === 'CDC-ACM, @serialport/stream' ? LONG_LEASE_MS : LEASE_MS;
      assert.equal(await harmed(link, leaseMs, (session) => session.board.close()), 'link-failure');
    });
  }
});
