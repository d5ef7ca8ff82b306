import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { CHECKS } from '../conformance/suite.js';
import { bundle } from './bundle.js';
import { browser, type Browser } from './chromium.js';
import { hasCable, moveCable, PERMITTED_PORT, requireBoard } from './usb-board.js';

describe("Conformance: Chromium's WebUSB", () => {
  let chromium: Browser;
  let page: Page;

  before(async () => {
    chromium = await browser(await bundle({ page: 'conformance-page.ts' }), PERMITTED_PORT);
    await requireBoard(chromium);
    page = await chromium.open();
    await page.exposeFunction('moveCable', moveCable);
    await page.waitForFunction(() => 'runCheck' in globalThis);
  });
  after(() => chromium?.close());
  afterEach(() => chromium.assertQuiet());

  for (const { name } of CHECKS) {
    it(name, async function () {
      if (/cable/.test(name) && !hasCable) this.skip();
      assert.equal(await page.evaluate((check) => runCheck(check), name), '');
    });
  }
});
