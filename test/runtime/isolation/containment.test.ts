import assert from 'node:assert/strict';
import { EntryPointError } from '../../../runtime/index.js';
import { isolate, type DriverIsolation } from '../../../runtime/isolation/index.js';
import { nodeThreads } from '../../../runtime/isolation/node.js';
import { picoBoard, type Bench } from '../../emulated.js';
import type { VirtualEnvironment } from '../../../transports/virtual-environment.js';
import { compiled } from '../../compiled.js';
import { Slice, type WAYS } from './drivers.js';

type How = keyof typeof WAYS;

/** CH0_CC (RP2040 datasheet 4.5.3), read past the firmware. */
const CH0_CC = 0x40050000 + 0x0c;

/** What the caller of each gets: the detector, and a part of the message. */
const EXPECTED: Readonly<Record<How, readonly [code: string, message: RegExp]>> = {
  'throws an Error': ['exception', /jammed/],
  'throws something that is not an Error': ['exception', /not an Error was thrown: just a string/],
  'rejects without a reason': ['exception', /not an Error was thrown: undefined/],
  'breaks the register contract': ['register-contract', /takes a whole number from 0 to 0xffff/],
  'waits for what does not come': ['controller-fault', /pwm0\.CSR did not become 0x1 in time/],
  'loops for ever': ['deadline', /longer than its 1000 ms/],
  'loops in microtasks': ['deadline', /longer than its 1000 ms/],
  'loops in timers': ['deadline', /longer than its 1000 ms/],
  'never returns': ['deadline', /longer than its 1000 ms/],
  'fills the heap': ['worker-death', /more than its 32 MiB of memory/],
  'fills memory with typed arrays': ['exception', /may have 64 MiB of them/],
  'pollutes Object.prototype': ['exception', /Cannot add property polluted/],
  'replaces Array.prototype.push': ['exception', /read only property 'push'/],
  'exits the process': ['worker-death', /ended itself with exit code 0/],
  'leaves a rejection unhandled': ['worker-death', /nobody looks/],
  'throws in a timer': ['worker-death', /too late/],
  'returns a function': ['isolation-contract', /The result of Slice\.fail is a function/],
  'returns a class instance': ['isolation-contract', /The result of Slice\.fail is an object of the class Private/],
  'keeps a class instance': ['isolation-contract', /Slice\.log\[0\] is an object of the class Private/],
  'keeps a Buffer': ['isolation-contract', /Slice\.log\.deep\[0\] is a Buffer/],
  'uses the board': ['isolation-contract', /Slice\.board\.digest cannot be reached/],
};

describe('An entry point in a worker that fails', function () {
  this.timeout(60_000);
  let bench: Bench;
  let driver: Slice;
  let isolation: DriverIsolation;

  before(async () => {
    bench = await picoBoard();
    driver = new Slice(bench.board);
    isolation = isolate(driver, {
      module: compiled('test/runtime/isolation/drivers.ts'),
      threads: nodeThreads({
        memoryMb: 32,
        buffersMb: 64,
        entry: compiled('runtime/isolation/node-worker.ts'),
      }),
    });
  });
  after(async () => {
    isolation.close();
    await bench.dispose();
  });

  /** Time stands still until the call has changed its register. */
  async function passDeadline(): Promise<void> {
    while (bench.emulated.read32(CH0_CC) !== 99) await new Promise((resolve) => setImmediate(resolve));
    (bench.emulated.environment as VirtualEnvironment).advance(1001);
  }

  for (const [how, [code, message]] of Object.entries(EXPECTED) as [How, (typeof EXPECTED)[How]][]) {
    it(`because it ${how} is told as ${code}, leaves nothing behind, and the next call works`, async () => {
      await driver.set(5);
      driver.log = ['before'];
      const failing = driver.fail(how).then(
        () => assert.fail('the call must fail'),
        (reason: unknown) => reason,
      );
      if (code === 'deadline') await passDeadline();
      const error = await failing;
      assert.ok(error instanceof EntryPointError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.equal(error.rollback.outcome, 'restored');
      assert.equal((await driver.slice.CC.read()).A, 5);
      assert.deepEqual([driver.duty, driver.log], [5, ['before']]);
      assert.equal('polluted' in {}, false);
      assert.equal(await driver.set(6), 6);
      assert.deepEqual([driver.duty, driver.log], [6, ['before', 'set 6']]);
      assert.equal(await driver.read(), 6);
    });
  }
});
