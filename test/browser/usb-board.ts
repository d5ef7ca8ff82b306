/** What the tests over WebUSB need: a board on USB, and the leave to use it without anybody's click. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser } from './chromium.js';

/** The policy names it: only there Chromium gives a page a device that nobody has chosen. */
export const PERMITTED_PORT = 8377;

const MISSING = `Chromium gives its page no board. These tests need a board on USB with the fgft firmware, and
test/browser/webusb-policy.json in /etc/chromium/policies/managed/.`;

/** How long a board may take until Chromium has seen it. */
const APPEARS_WITHIN_MS = 30_000;

/** Rejects, and says what is missing, if no board appears. */
export async function requireBoard(chromium: Browser): Promise<void> {
  const page = await chromium.open();
  const hasBoard = async (): Promise<boolean> => (await navigator.usb.getDevices()).length > 0;
  const found = await page.waitForFunction(hasBoard, undefined, { timeout: APPEARS_WITHIN_MS }).catch(() => undefined);
  await page.close();
  if (!found) throw new Error(MISSING);
}

/** A command that pulls the cable of the board when it is given `unplug`, and puts it back in when given `plug`. */
const CABLE = process.env['FGFT_USB_CABLE']?.split(' ');

/** Whether somebody can pull the cable. */
export const hasCable = CABLE !== undefined;

/** Resolves when that is done; the board keeps its power. */
export async function moveCable(how: 'unplug' | 'plug'): Promise<void> {
  const [command, ...options] = CABLE!;
  await promisify(execFile)(command!, [...options, how]);
}
