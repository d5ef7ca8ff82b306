import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { WAYS } from '../runtime/isolation/drivers.js';
import { bundle } from './bundle.js';
import { browser, type Browser } from './chromium.js';
import type { Outcome } from './isolation-page.js';

const ENTRIES = {
  page: 'isolation-page.ts',
  drivers: '../runtime/isolation/drivers.ts',
  worker: '../../runtime/isolation/web-worker.ts',
};

/** What the caller of each gets in a browser: the detector, and a part of the message. */
const EXPECTED: Readonly<Partial<Record<keyof typeof WAYS, readonly [code: string, message: RegExp]>>> = {
  'throws an Error': ['exception', /jammed/],
  'throws something that is not an Error': ['exception', /not an Error was thrown: just a string/],
  'rejects without a reason': ['exception', /not an Error was thrown: undefined/],
  'breaks the register contract': ['register-contract', /takes a whole number from 0 to 0xffff/],
  'waits for what does not come': ['controller-fault', /pwm0\.CSR did not become 0x1 in time/],
  'loops for ever': ['deadline', /longer than its 1000 ms/],
  'loops in microtasks': ['deadline', /longer than its 1000 ms/],
  'loops in timers': ['deadline', /longer than its 1000 ms/],
  'never returns': ['deadline', /longer than its 1000 ms/],
  // There is no process in a browser, and no Buffer.
  'exits the process': ['exception', /process is not defined/],
  'keeps a Buffer': ['exception', /Buffer is not defined/],
  'leaves a rejection unhandled': ['worker-death', /nobody looks/],
  'throws in a timer': ['worker-death', /too late/],
  'returns a function': ['isolation-contract', /The result of Slice\.fail is a function/],
  'returns a class instance': ['isolation-contract', /The result of Slice\.fail is an object of the class Private/],
  'keeps a class instance': ['isolation-contract', /Slice\.log\[0\] is an object of the class Private/],
  'uses the board': ['isolation-contract', /Slice\.board\.digest cannot be reached/],
};

describe('Entry points in Web Workers, in Chromium', () => {
  let chromium: Browser;
  let page: Page;

  before(async () => {
    chromium = await browser(await bundle(ENTRIES));
    page = await chromium.open();
    await page.waitForFunction(() => 'isolationPage' in globalThis);
  });
  after(() => chromium?.close());
  // What a worker dies of is told on the console too.
  afterEach(() => chromium.assertQuiet(/nobody looks|too late/));

  const set = (duty: number): Promise<Outcome> => page.evaluate((to) => isolationPage.set(to), duty);
  const fail = (how: string): Promise<Outcome> =>
    page.evaluate((way) => isolationPage.fail(way as keyof typeof WAYS), how);
  const now = () => page.evaluate(() => isolationPage.now());

  it('run there, not in the page', async () => {
    assert.equal((await set(5)).message, '5');
    assert.deepEqual(await now(), { compare: 5, duty: 5, log: ['set 5'] });
    assert.ok((await page.evaluate(() => isolationPage.workersStarted)) >= 1);
  });

  for (const [how, [code, message]] of Object.entries(EXPECTED)) {
    it(`one that ${how} is told as ${code}, leaves nothing behind, and the next call works`, async () => {
      const before = await now();
      const outcome = await fail(how);
      assert.deepEqual([outcome.code, outcome.rollback], [code, 'restored'], outcome.message);
      assert.match(outcome.message, message);
      assert.deepEqual(await now(), before);
      assert.equal((await set(6)).message, '6');
      assert.deepEqual(await now(), { compare: 6, duty: 6, log: [...before.log, 'set 6'] });
    });
  }

  for (const how of ['pollutes Object.prototype', 'replaces Array.prototype.push']) {
    it(`one that ${how} does so in its worker alone`, async () => {
      await fail(how);
      assert.equal(await page.evaluate(() => isolationPage.polluted()), false);
    });
  }

  it('leave a write behind that is refused', async () => {
    const { code, compare } = await page.evaluate(() => isolationPage.leaveWrite());
    assert.deepEqual([code, compare], ['done', 3]);
  });

  it('run in the page once the workers are closed, with the state that they had', async () => {
    const { log } = await now();
    await page.evaluate(() => isolationPage.close());
    const started = await page.evaluate(() => isolationPage.workersStarted);
    assert.equal((await set(7)).message, '7');
    assert.deepEqual((await now()).log, [...log, 'set 7']);
    assert.equal(await page.evaluate(() => isolationPage.workersStarted), started);
  });
});
