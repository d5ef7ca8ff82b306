import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Path } from '../conformance/path.js';
import { CHECKS } from '../conformance/suite.js';
import { bundle } from './bundle.js';
import { browser, type Browser } from './chromium.js';
import { PERMITTED_PORT, requireBoard } from './usb-board.js';

/** A page cannot pull a cable: what needs that is run over the paths that can. */
const WITHOUT_CABLE = { exclusive: true, cable: undefined } as unknown as Path;

describe("Conformance: Chromium's WebUSB", () => {
  let chromium: Browser;
  let page: Page;

  before(async () => {
    chromium = await browser(await bundle({ page: 'conformance-page.ts' }), PERMITTED_PORT);
    await requireBoard(chromium);
    page = await chromium.open();
    await page.waitForFunction(() => 'runCheck' in globalThis);
  });
  after(() => chromium?.close());
  afterEach(() => chromium.assertQuiet());

  for (const { name, needs } of CHECKS) {
    if (needs?.(WITHOUT_CABLE) === false) continue;
    it(name, async () => assert.equal(await page.evaluate((check) => runCheck(check), name), ''));
  }
});
