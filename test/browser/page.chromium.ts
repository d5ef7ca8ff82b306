import assert from 'node:assert/strict';
import { buildPage } from '../../examples/browser/build.js';
import type { FaultKind } from '../../examples/browser/faults.js';
import { BenchPage, type RegisterName, type StoryRow, type Values } from './bench-page.js';
import { browser, type Browser } from './chromium.js';

/** 90° at 50 Hz: 1500 of 20000 counts, 125 MHz / 125 (RP2040 datasheet 4.5.2.4). */
const AT_90: Values = {
  'pin2.CTRL': '0x00000004',
  'pin2.PAD': '0x00000056',
  'pwm1.CSR': '0x00000001',
  'pwm1.DIV': '0x000007d0',
  'pwm1.CC': '0x000005dc',
  'pwm1.TOP': '0x00004e1f',
};

/** By failure: at which operation of `angle(30, 100)` it is injected, the code of the error, and what the call had written. */
const FAILURES: Readonly<
  Record<Exclude<FaultKind, 'none'>, readonly [at: number, code: string, wrote: RegisterName[]]>
> = {
  exception: [6, 'exception', ['pwm1.CSR', 'pwm1.TOP']],
  'controller-fault': [6, 'controller-fault', ['pwm1.CSR', 'pwm1.TOP']],
  deadline: [4, 'deadline', ['pwm1.CSR', 'pwm1.TOP']],
  unplug: [6, 'device-lost', ['pwm1.CSR', 'pwm1.TOP']],
  'power-loss': [6, 'device-lost', ['pwm1.CSR', 'pwm1.TOP']],
};

describe('The page, in Chromium', () => {
  let chromium: Browser;
  let bench: BenchPage;

  before(async () => {
    chromium = await browser(await buildPage());
  });
  after(() => chromium?.close());
  beforeEach(async () => {
    bench = new BenchPage(await chromium.open());
    await bench.startEmulator();
    assert.equal(await bench.call('angle', 90, 50), 'done');
  });
  afterEach(async () => {
    await bench.page.close();
    chromium.assertQuiet();
  });

  /** The page shows it, the controller reads it, the chip holds it. */
  async function assertRegisters(expected: Values): Promise<void> {
    assert.deepEqual(await bench.shown(), expected);
    assert.deepEqual(await bench.read(), expected);
    assert.deepEqual(await bench.held(), expected);
  }

  const changed = (rows: readonly StoryRow[], verdict: string) =>
    rows.filter((row) => row.verdict === verdict).map(({ register }) => register);

  it('boots the firmware, and shows what a call has changed, register by register', async () => {
    await assertRegisters(AT_90);
    assert.deepEqual(
      (await bench.story()).map(({ register, verdict, before, now }) => [register, verdict, before, now]),
      [
        ['pin2.CTRL', 'changed', '0x0000001f', '0x00000004'],
        ['pwm1.CSR', 'changed', '0x00000000', '0x00000001'],
        ['pwm1.DIV', 'changed', '0x00000010', '0x000007d0'],
        ['pwm1.CC', 'changed', '0x00000000', '0x000005dc'],
        ['pwm1.TOP', 'changed', '0x0000ffff', '0x00004e1f'],
      ],
    );
    const fields = await bench.page.locator('[data-register="pin2.CTRL"] .field').allInnerTexts();
    assert.deepEqual(fields, ['FUNCSEL pwm', 'OUTOVER normal', 'OEOVER normal', 'INOVER normal', 'IRQOVER normal']);
    assert.match(await bench.state(), /degrees 90, moves 1/);
    assert.equal(
      await bench.page.locator('.timeline [data-call="Servo.angle"]').getAttribute('data-outcome'),
      'committed',
    );
  });

  for (const policy of ['inline', 'worker'] as const) {
    for (const [fault, [at, code, wrote]] of Object.entries(FAILURES) as [FaultKind, [number, string, string[]]][]) {
      it(`${policy}: after ${fault} at operation ${at} every register is back, and the next call works`, async () => {
        await bench.choose(policy);
        assert.equal(await bench.call('angle', 90, 50), 'done');
        await bench.choose(policy, fault, at);
        assert.equal(await bench.call('angle', 30, 100), code, await bench.outcome());
        const story = await bench.story();
        assert.deepEqual(changed(story, 'restored'), wrote);
        assert.deepEqual(changed(story, 'left changed'), []);
        for (const { register, before, now } of story) {
          assert.equal(before, AT_90[register as RegisterName]);
          assert.equal(now, before);
        }
        await assertRegisters(AT_90);
        assert.match(await bench.outcome(), /All registers are back as they were before the call/);
        assert.match(await bench.state(), /degrees 90, moves 2/);
        assert.equal(await bench.page.locator('#state').innerText(), 'ready');
        await bench.choose(policy);
        assert.equal(await bench.call('angle', 30, 100), 'done');
        assert.match(await bench.state(), /degrees 30, moves 3/);
      });
    }
  }

  it('native: the same failure leaves registers and state changed, and the page says so', async () => {
    await bench.choose('native', 'exception');
    assert.equal(await bench.call('angle', 30, 100), 'Error');
    assert.deepEqual(changed(await bench.story(), 'left changed'), ['pwm1.CSR', 'pwm1.TOP']);
    await assertRegisters({ ...AT_90, 'pwm1.CSR': '0x00000000', 'pwm1.TOP': '0x0000270f' });
    assert.match(await bench.outcome(), /nothing was undone/);
    assert.match(await bench.state(), /degrees 30, moves 2/);
  });

  it('worker: a loop that never ends is stopped at its deadline, while the page goes on', async () => {
    assert.ok(await bench.page.locator('form[data-call=angleThenLoop] button').isDisabled());
    await bench.choose('worker');
    await bench.page.evaluate(() => {
      Object.assign(globalThis, { ticks: 0 });
      setInterval(() => ((globalThis as unknown as { ticks: number }).ticks += 1), 10);
    });
    assert.equal(await bench.call('angleThenLoop', 30), 'deadline');
    assert.ok((await bench.page.evaluate(() => (globalThis as unknown as { ticks: number }).ticks)) > 3);
    assert.deepEqual(changed(await bench.story(), 'restored'), ['pwm1.CC']);
    await assertRegisters(AT_90);
    assert.equal(await bench.call('angle', 60, 50), 'done');
  });

  it('says so when a call ends before the operation at which it was to fail', async () => {
    await bench.choose('inline', 'exception', 99);
    assert.equal(await bench.call('angle', 60, 50), 'done');
    assert.match(await bench.outcome(), /No failure was injected: it ended before operation 99/);
  });

  it('calls a driver of a chip behind a bus, in a worker too', async () => {
    await bench.page.locator('#driver').selectOption('thermometer');
    await bench.page.locator('[data-register="tmp102@i2c0:0x48.T_LOW"][data-value]').waitFor();
    for (const policy of ['inline', 'worker'] as const) {
      await bench.choose(policy);
      assert.equal(await bench.call('guard', 10, 30), 'done');
      assert.equal(await bench.call('guard', 30, 40), 'exception');
      assert.match(await bench.outcome(), /It is 21\.5 °C already/);
      assert.deepEqual(changed(await bench.story(), 'restored'), ['tmp102@i2c0:0x48.T_LOW', 'tmp102@i2c0:0x48.T_HIGH']);
      assert.match(await bench.state(), /alarm 10 to 30 °C/);
      assert.equal(await bench.call('celsius'), 'done');
      assert.match(await bench.outcome(), /Result: 21\.5/);
    }
  });

  it('shows other peripherals, live', async () => {
    await bench.page.locator('#more').selectOption('pwm3');
    const top = bench.page.locator('[data-register="pwm3.TOP"]');
    await bench.page.evaluate(() => globalThis.bench!.board.pwm.ch[3]!.TOP.write({ WRAP: 0x1234 }));
    await bench.page.locator('[data-register="pwm3.TOP"].changed[data-value="0x00001234"]').waitFor();
    assert.match(await top.innerText(), /WRAP 4660/);
    await bench.page.getByRole('button', { name: 'Hide pwm3' }).click();
    await top.waitFor({ state: 'detached' });
  });

  it('gives the board back, and takes another', async () => {
    await bench.page.getByRole('button', { name: 'Close the board' }).click();
    await bench.page.locator('#connect').waitFor();
    await bench.startEmulator();
    assert.equal(await bench.call('angle', 45, 50), 'done');
    assert.match(await bench.state(), /degrees 45, moves 1/);
  });
});
