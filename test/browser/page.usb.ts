import assert from 'node:assert/strict';
import { buildPage } from '../../examples/browser/build.js';
import { KernelBoard } from '../usb/kernel-board.js';
import { BenchPage } from './bench-page.js';
import { browser, type Browser } from './chromium.js';
import { PERMITTED_PORT, plugInto } from './usb-board.js';

describe('The page, on a board over WebUSB', () => {
  let board: KernelBoard;
  let chromium: Browser;
  let bench: BenchPage;

  before(async () => {
    board = new KernelBoard();
    chromium = await browser(await buildPage(), PERMITTED_PORT);
    await plugInto(chromium, board);
    bench = new BenchPage(await chromium.open());
    await bench.page.getByRole('button', { name: /^Open / }).click();
    await bench.page.locator('[data-register="pwm1.CSR"][data-value]').waitFor();
  });
  after(async () => {
    await chromium?.close();
    await board?.close();
  });
  afterEach(() => chromium.assertQuiet());

  it('leaves the cable to the user', async () => {
    assert.ok(await bench.page.locator('input[name=fault][value=unplug]').isDisabled());
    assert.match(await bench.page.locator('#title').innerText(), /on USB, serial [0-9A-F]+, firmware/);
  });

  for (const policy of ['inline', 'worker'] as const) {
    it(`${policy}: rolls back a call that fails on the controller, register by register`, async () => {
      await bench.choose(policy);
      assert.equal(await bench.call('angle', 90, 50), 'done');
      const before = await bench.shown();
      assert.deepEqual(await bench.read(), before);
      assert.equal(before['pwm1.TOP'], '0x00004e1f');
      await bench.choose(policy, 'controller-fault', 6);
      assert.equal(await bench.call('angle', 30, 100), 'controller-fault');
      const restored = (await bench.story()).filter(({ verdict }) => verdict === 'restored');
      assert.deepEqual(
        restored.map(({ register, wrote }) => [register, wrote]),
        [
          ['pwm1.CSR', '0x00000000'],
          ['pwm1.TOP', '0x0000270f'],
        ],
      );
      assert.deepEqual(await bench.shown(), before);
      assert.deepEqual(await bench.read(), before);
    });
  }

  it('worker: stops a loop, and brings the board back', async () => {
    await bench.choose('worker');
    assert.equal(await bench.call('angleThenLoop', 30), 'deadline');
    assert.equal((await bench.read())['pwm1.CC'], '0x000005dc');
    assert.equal(await bench.call('angle', 60, 50), 'done');
  });
});
