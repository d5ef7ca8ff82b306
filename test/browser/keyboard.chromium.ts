import assert from 'node:assert/strict';
import { buildPage } from '../../examples/browser/build.js';
import { BenchPage } from './bench-page.js';
import { browser, type Browser } from './chromium.js';

describe('The page without a mouse', () => {
  let chromium: Browser;
  let bench: BenchPage;

  before(async () => {
    chromium = await browser(await buildPage());
    bench = new BenchPage(await chromium.open());
  });
  after(() => chromium?.close());
  afterEach(() => chromium.assertQuiet());

  const press = async (...keys: readonly string[]) => {
    for (const key of keys) await bench.page.keyboard.press(key);
  };

  /** What has the focus, by id, name or text, as far as it tells it apart. */
  const focused = () =>
    bench.page.evaluate(() => {
      const { activeElement: at } = document;
      if (at instanceof HTMLInputElement && at.type === 'radio') return `${at.name} ${at.value}`;
      if (at instanceof HTMLInputElement) return at.labels![0]!.innerText.trim();
      return at?.id || at?.getAttribute('aria-label') || at?.textContent;
    });

  async function focusesInOrder(count: number): Promise<unknown[]> {
    const order: unknown[] = [];
    for (let at = 0; at < count; at++) {
      await press('Tab');
      order.push(await focused());
    }
    return order;
  }

  it('takes a board', async () => {
    assert.deepEqual(await focusesInOrder(3), ['Skip to the outcome', 'theme', 'emulator']);
    await press('Enter');
    await bench.page.locator('[data-register="pwm1.CSR"][data-value]').waitFor();
    assert.equal(await focused(), 'call-heading');
  });

  it('goes through calls, protection and failures in the order in which they are read', async () => {
    assert.deepEqual(await focusesInOrder(10), [
      'driver',
      'Angle (°)',
      'Pulses (Hz)',
      'angle()',
      'Angle (°)',
      'angleThenWait()',
      'Angle (°)',
      'policy inline',
      'fault none',
      'At operation',
    ]);
  });

  it('chooses, calls, and is told of the outcome', async () => {
    await press('Shift+Tab', 'ArrowDown', 'ArrowDown');
    assert.equal(await focused(), 'fault controller-fault');
    await press('Shift+Tab', 'ArrowDown');
    assert.equal(await focused(), 'policy worker');
    // The call that only a worker survives has a button now.
    await press('Shift+Tab');
    assert.equal(await focused(), 'angleThenLoop()');
    for (let at = 0; at < 5; at++) await press('Shift+Tab');
    assert.equal(await focused(), 'Pulses (Hz)');
    await press('Shift+Tab', 'Control+A');
    await bench.page.keyboard.type('30');
    await press('Enter');
    assert.equal(await bench.ended(), 'controller-fault');
    const outcome = bench.page.getByRole('status').filter({ hasText: 'Servo.angle' });
    assert.equal(await outcome.getAttribute('aria-live'), 'polite');
    assert.match(await outcome.innerText(), /All registers are back/);
    assert.equal(await focused(), 'Angle (°)');
  });

  it('skips to the outcome, and opens a transaction', async () => {
    await bench.page.evaluate(() => document.querySelector<HTMLElement>('.skip')!.focus());
    await press('Enter');
    assert.equal(await focused(), 'outcome-heading');
    await press('Tab');
    assert.equal(await focused(), 'Registers before and after the call');
    await bench.page.locator('.timeline summary').first().focus();
    await press('Enter');
    assert.match(await bench.page.locator('.timeline .frames').first().innerText(), /^begin .*write write poll → ok$/m);
  });

  it('tells what everything is for: each control has a name, each table a caption', async () => {
    const nameless = await bench.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('input, select, button, table')]
        .filter((each) => {
          if (each instanceof HTMLTableElement) return !each.caption?.textContent;
          if (each instanceof HTMLButtonElement) return !(each.ariaLabel ?? each.textContent);
          return !(each as HTMLInputElement).labels?.[0]?.textContent?.trim();
        })
        .map(({ outerHTML }) => outerHTML),
    );
    assert.deepEqual(nameless, []);
  });
});
