/** Runs the conformance suite in Chromium, over `navigator.usb`. */
import { webUsb } from '../../transports/webusb.js';
import { picoFamily } from '../conformance/pico.js';
import type { Path } from '../conformance/path.js';
import { CHECKS } from '../conformance/suite.js';

declare global {
  /** Runs a check; resolves with why it has failed, or with nothing. */
  var runCheck: (name: string) => Promise<string>;
  /** Of the program that drives the browser. */
  var moveCable: (how: 'unplug' | 'plug') => Promise<void>;
}

const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const path: Path = {
  family: picoFamily,
  exclusive: true,
  async transport() {
    const [device] = await navigator.usb.getDevices();
    if (!device) throw new Error('The page has no board.');
    return webUsb(device);
  },
  cable: {
    async unplug() {
      await moveCable('unplug');
      while ((await navigator.usb.getDevices()).length > 0) await pass(100);
    },
    async plug() {
      await moveCable('plug');
      while ((await navigator.usb.getDevices()).length === 0) await pass(100);
    },
  },
  pass,
};

globalThis.runCheck = async (name) => {
  const check = CHECKS.find((each) => each.name === name);
  if (!check) return 'There is no such check.';
  return check.run(path).then(
    () => '',
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
  );
};
