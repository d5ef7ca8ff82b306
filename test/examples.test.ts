import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { compiled } from './compiled.js';

const FOLDER = fileURLToPath(new URL('../examples/', import.meta.url));

/** What each example prints, in part; the others hold drivers and models, which are shown by those that run. */
const PRINTED: Readonly<Record<string, RegExp>> = {
  'dimmer.ts': /^fading to 1100 was undone\nexception Dimmer\.set restored\n200 200\nreading 700\n$/,
  'events.ts': /^pressed\nwatching\nexception restored\nlight on\nlight off\n$/,
  'failures.ts': /^Dimmer\.set: exception, because: 2000 is brighter than the lamp can be\.\n500 500\n$/,
  'heater.ts': /^heat\(101\): argument-schema; duty 50, register 50\nheat\(90\): invariant; duty 50, register 50$/m,
  'isolated.ts': /^register-contract restored\n90 \[ \{ to: 90, hertz: 50 \} \]\n$/,
  'protected.ts':
    /init failed \(controller-fault\).* All registers are back.*\nchip as before: true – fields as before: true\nservo 3 stands at 437/,
  'quick-start.ts': /^register-contract restored\n90\n$/,
  'recovery.ts': /^ready\nrecovering\nready\ndevice-lost restored\n90 \{ A: 1500, B: 0 \}\nclosed\n$/,
  'servo.ts': /register-contract/,
  'thermometer.ts':
    /guard failed \(exception\): It is 21\.5 °C already\. All registers are back.*\n\{ low: 10, high: 30 \}/,
  'uno.ts': /^atmega328p, firmware \d+\.\d+\.\d+\nexception restored\nred \[ false, false, true \]\n$/,
};

/** Those that need a board on a bus of the computer; test/usb runs them. */
const NEED_A_BOARD: readonly string[] = ['connect.ts'];

describe('The examples', () => {
  for (const [file, expected] of Object.entries(PRINTED))
    it(`${file} runs and prints what it is there to show`, async function () {
      this.timeout(60_000);
      const run = promisify(execFile);
      // What has a worker is run as JavaScript, because a worker is given that.
      const args =
        file === 'isolated.ts'
          ? [fileURLToPath(compiled('examples/isolated.ts'))]
          : ['--import', 'tsx', `${FOLDER}${file}`];
      const { stdout } = await run(process.execPath, args);
      assert.match(stdout, expected);
    });

  it('are all run, or hold a driver or a model', () => {
    const scripts = readdirSync(FOLDER).filter(
      (file) => file.endsWith('.ts') && !/-(driver|model|workload|suite)\.ts$/.test(file),
    );
    assert.deepEqual(scripts.toSorted(), [...NEED_A_BOARD, ...Object.keys(PRINTED)].toSorted());
  });
});
