import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** What a reader of the README imports, and where it stands in this repository. */
const PUBLIC_NAMES: Readonly<Record<string, string>> = {
  "'fgft'": "'../runtime/index.js'",
  "'fgft/peripherals/rp2040'": "'../peripherals/rp2040/index.js'",
  "'fgft/transports/emulator'": "'../transports/emulator/index.js'",
  "'fgft/transports/webusb'": "'../transports/webusb.js'",
  "new URL(import.meta.resolve('fgft/firmware/rp2040.bin'))":
    "new URL('../firmware/images/fgft-rp2040.bin', import.meta.url)",
};

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

describe('The README', () => {
  const blocks = [...read('README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) =>
    Object.entries(PUBLIC_NAMES).reduce((text, [name, path]) => text.replaceAll(name, path), code!),
  );

  it('shows the examples as they are compiled and run here', () => {
    assert.deepEqual(blocks, [read('examples/servo-driver.ts'), read('examples/quick-start.ts')]);
  });

  it('names only exports that the package has', () => {
    const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> };
    for (const [, name] of read('README.md').matchAll(/'fgft(\/[^']+)?'/g))
      assert.ok(`.${name ?? ''}` in exports, name);
  });
});
