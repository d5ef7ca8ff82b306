/** What the tests over WebUSB need: a board on USB, which Chromium has seen, and which their page may use. */
import type { KernelBoard } from '../usb/kernel-board.js';
import type { Browser } from './chromium.js';

/** The policy (webusb-policy.json) names it: only there Chromium gives a page a device that nobody has chosen. */
export const PERMITTED_PORT = 8377;

const MISSING = `Chromium gives its page no board. Run these tests with \`npm run test:webusb\`: in a kernel of their own, with
test/browser/webusb-policy.json in /etc/chromium/policies/managed/.`;

/** How long a board may take until Chromium has seen it. */
const APPEARS_WITHIN_MS = 30_000;

/** Plugs the board in; rejects, and says what is missing, if it does not appear in the browser. */
export async function plugInto(chromium: Browser, board: KernelBoard): Promise<void> {
  await board.plug();
  const page = await chromium.open();
  const hasBoard = async (): Promise<boolean> => (await navigator.usb.getDevices()).length > 0;
  const found = await page.waitForFunction(hasBoard, undefined, { timeout: APPEARS_WITHIN_MS }).catch(() => undefined);
  await page.close();
  if (!found) throw new Error(MISSING);
}
