import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { KernelBoard } from '../usb/kernel-board.js';
import { bundle } from './bundle.js';
import { browser, type Browser } from './chromium.js';
import { PERMITTED_PORT, plugInto } from './usb-board.js';

const SERIAL_NUMBER = '000000000000F6F7';
/** 90° at 50 Hz: pin 2 is PWM's, and its slice makes 1500 of 20000 counts of a microsecond. */
const AT_90 = [0x04, 0x56, 0, 0, 0x01, 0x7d0, 0x5dc, 0x4e1f];

describe('A board over WebUSB, in Chromium', () => {
  let board: KernelBoard;
  let chromium: Browser;
  let page: Page;

  /** A page that has taken the board; tells what the controller said of the session before. */
  async function openBoard() {
    page = await chromium.open();
    await page.waitForFunction(() => 'webUsbPage' in globalThis);
    return page.evaluate(() => webUsbPage.open());
  }
  const angle = (degrees: number, hertz: number) =>
    page.evaluate(([to, at]) => webUsbPage.angle(to, at), [degrees, hertz] as const);
  const registers = () => page.evaluate(() => webUsbPage.registers());

  before(async () => {
    board = new KernelBoard();
    chromium = await browser(await bundle({ page: 'webusb-page.ts' }), PERMITTED_PORT);
    await plugInto(chromium, board);
  });
  after(async () => {
    await chromium?.close();
    await board?.close();
  });

  it('is opened, called, and rolled back', async () => {
    await openBoard();
    assert.equal((await angle(90, 50)).code, 'done');
    assert.deepEqual(await registers(), AT_90);
    const failed = await angle(12_345, 100);
    assert.deepEqual([failed.code, failed.rollback], ['register-contract', 'restored'], failed.message);
    assert.deepEqual(await registers(), AT_90);
    await page.evaluate(() => webUsbPage.close());
    await page.close();
    chromium.assertQuiet();
  });

  for (const [what, end] of [
    ['tab is closed', () => page.close()],
    ['page is left', () => page.goto('about:blank')],
    ['renderer crashes', () => page.goto('chrome://crash').then(ignore, ignore)],
  ] as const) {
    it(`whose ${what} in the middle of a transaction rolls back by itself, and the next page opens it`, async () => {
      await openBoard();
      assert.equal((await angle(90, 50)).code, 'done');
      await page.evaluate(() => webUsbPage.hold(30, 100));
      assert.notDeepEqual(await registers(), AT_90);
      await end();
      const { previous } = await openBoard();
      assert.equal(previous?.rolledBack, 1);
      assert.equal(previous?.reason, 'link-lost', 'the board has heard of it');
      assert.equal(previous?.mismatches, 0);
      assert.deepEqual(await registers(), AT_90);
      assert.equal((await angle(60, 50)).code, 'done');
      await page.evaluate(() => webUsbPage.close());
      await page.close();
    });
  }

  it('that comes back is told to a page that listens since it was gone', async () => {
    page = await chromium.open();
    await board.unplug();
    await page.waitForFunction(async () => (await navigator.usb.getDevices()).length === 0);
    // Chromium 156 does not call listeners that were added with `once`.
    await page.evaluate(() => {
      navigator.usb.addEventListener('connect', ({ device }) => void (document.title = device.serialNumber!));
    });
    await board.plug();
    await page.waitForFunction((number) => document.title === number, SERIAL_NUMBER);
    await page.close();
    chromium.assertQuiet();
  });

  it('whose cable is pulled in the middle of a call is found again, restored, and called', async () => {
    page = await chromium.open();
    await page.waitForFunction(() => 'webUsbPage' in globalThis);
    await page.evaluate(() => webUsbPage.openForGood());
    assert.equal((await angle(90, 50)).code, 'done');
    await page.evaluate(() => webUsbPage.hold(30, 100));
    await board.unplug();
    await board.plug();
    const { code, message, rollback } = await page.evaluate(() => webUsbPage.heldOutcome());
    // Chromium fails transfers first, and only then says that the device is gone.
    assert.ok(['link-failure', 'device-lost'].includes(code), message);
    assert.equal(rollback, 'restored', message);
    assert.deepEqual(await registers(), AT_90);
    assert.equal((await angle(60, 50)).code, 'done');
    await page.evaluate(() => webUsbPage.close());
    await page.close();
    chromium.assertQuiet();
  });
});

const ignore = (): void => {};
