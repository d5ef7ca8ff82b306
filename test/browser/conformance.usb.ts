import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { CHECKS } from '../conformance/suite.js';
import { KernelBoard } from '../usb/kernel-board.js';
import { bundle } from './bundle.js';
import { browser, type Browser } from './chromium.js';
import { PERMITTED_PORT, plugInto } from './usb-board.js';

describe("Conformance: Chromium's WebUSB", () => {
  let board: KernelBoard;
  let chromium: Browser;
  let page: Page;

  before(async () => {
    board = new KernelBoard();
    chromium = await browser(await bundle({ page: 'conformance-page.ts' }), PERMITTED_PORT);
    await plugInto(chromium, board);
    page = await chromium.open();
    await page.exposeFunction('moveCable', (how: 'unplug' | 'plug') => board[how]());
    await page.waitForFunction(() => 'runCheck' in globalThis);
  });
  after(async () => {
    await chromium?.close();
    await board?.close();
  });
  afterEach(() => chromium.assertQuiet());

  for (const { name } of CHECKS) {
    it(name, async () => {
      assert.equal(await page.evaluate((check) => runCheck(check), name), '');
    });
  }
});
