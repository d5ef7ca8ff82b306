import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';

/** What a reader of the README imports, and where it stands in this repository. */
const PUBLIC_NAMES: Readonly<Record<string, string>> = {
  "'fgft'": "'../runtime/index.js'",
  "'fgft/peripherals/pca9685'": "'../peripherals/pca9685/index.js'",
  "'fgft/context/node'": "'../runtime/context/node.js'",
  "'fgft/inject'": "'../runtime/inject/index.js'",
  "'fgft/testing'": "'../runtime/testing/index.js'",
  "'fgft/isolation/node'": "'../runtime/isolation/node.js'",
  "'fgft/peripherals/atmega328p'": "'../peripherals/atmega328p/index.js'",
  "'fgft/peripherals/rp2040'": "'../peripherals/rp2040/index.js'",
  "'fgft/transports/emulator'": "'../transports/emulator/index.js'",
  "'fgft/transports/node-usb'": "'../transports/node-usb/index.js'",
  "'fgft/transports/serial'": "'../transports/serial/index.js'",
  "'fgft/transports/webusb'": "'../transports/webusb.js'",
  "new URL(import.meta.resolve('fgft/firmware/atmega328p.bin'))":
    "new URL('../firmware/images/fgft-atmega328p.bin', import.meta.url)",
  "new URL(import.meta.resolve('fgft/firmware/rp2040.bin'))":
    "new URL('../firmware/images/fgft-rp2040.bin', import.meta.url)",
};

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

/** Pages that show code, and the examples that they show, in order. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  'README.md': ['examples/servo-driver.ts', 'examples/quick-start.ts'],
  'docs/browser.md': ['examples/browser/connection.ts'],
  'docs/events.md': ['examples/events.ts'],
  'docs/choose-a-policy.md': ['examples/heater-driver.ts'],
  'docs/write-a-driver.md': ['examples/dimmer-driver.ts', 'examples/dimmer.ts'],
  'docs/failures.md': ['examples/failures.ts'],
  'docs/inject.md': ['examples/servo-workload.ts'],
  'docs/testing.md': ['examples/servo-suite.ts'],
  'docs/isolation.md': ['examples/isolated.ts'],
  'docs/connect-a-board.md': ['examples/connect.ts', 'examples/uno.ts'],
  'docs/define-a-peripheral.md': ['examples/thermometer-driver.ts'],
  'docs/recovery.md': ['examples/recovery.ts'],
  'docs/protect-a-driver.md': ['examples/protected-driver.ts'],
};

/** An example, with its imports as if it stood in examples/ itself. */
const fromExamples = (file: string): string => read(file).replaceAll("'../../", "'../");

const inThisRepository = (code: string): string =>
  Object.entries(PUBLIC_NAMES).reduce((text, [name, path]) => text.replaceAll(name, path), code);

for (const [page, examples] of Object.entries(PAGES)) {
  describe(page, () => {
    it('shows the examples as they are compiled and run here', () => {
      const blocks = [...read(page).matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => inThisRepository(code!));
      assert.deepEqual(blocks, examples.map(fromExamples));
    });

    it('names only source files that there are', () => {
      for (const [, path] of read(page).matchAll(
        /`((?:test|firmware|runtime|peripherals|transports|examples)\/[\w./-]+\.(?:ts|c))`/g,
      ))
        assert.ok(existsSync(new URL(`../${path}`, import.meta.url)), path);
    });

    it('names only exports that the package has', () => {
      const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> };
      for (const [, name] of read(page).matchAll(/'fgft(\/[^']+)?'/g)) assert.ok(`.${name ?? ''}` in exports, name);
    });
  });
}
