import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildPage } from '../../examples/browser/build.js';
import { BenchPage } from './bench-page.js';
import { browser, type Browser } from './chromium.js';

const SCREENSHOTS = fileURLToPath(new URL('./screenshots/', import.meta.url));

/** Text on its ground: WCAG 2.2, 1.4.3. */
const LEAST_CONTRAST = 4.5;

/** Texts whose colour is not that of the page. */
const TEXTS = [
  '.hint',
  '.badge',
  '.choice small',
  '.field span',
  '.field b',
  '.verdict',
  '.differs code',
  'button:not(:disabled)',
  'thead th',
  '.line small',
];

const WIDTHS = [1440, 700, 360];

describe('The page looks right', () => {
  let chromium: Browser;
  let bench: BenchPage;

  before(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    chromium = await browser(await buildPage());
    bench = new BenchPage(await chromium.open());
    await bench.startEmulator();
    assert.equal(await bench.call('angle', 90, 50), 'done');
    await bench.choose('inline', 'controller-fault', 6);
    assert.equal(await bench.call('angle', 30, 100), 'controller-fault');
    await bench.page.locator('.timeline summary').first().click();
  });
  after(async () => {
    await chromium?.close();
  });
  afterEach(() => chromium.assertQuiet());

  async function screenshot(name: string): Promise<void> {
    await bench.page.evaluate(() => scrollTo(0, 0));
    await bench.page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage: true, animations: 'disabled' });
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`after a rollback, ${colorScheme}: every text can be read`, async () => {
      const { page } = bench;
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 1440, height: 1000 });
      await screenshot(colorScheme);
      const ratios = await page.evaluate(contrasts, TEXTS);
      assert.ok(ratios.length > 30);
      assert.deepEqual(
        ratios.filter(({ ratio }) => ratio < LEAST_CONTRAST),
        [],
      );
    });
  }

  it('has a switch between light and dark, and remembers it', async () => {
    const { page } = bench;
    await page.emulateMedia({ colorScheme: 'light' });
    await page.locator('#theme[aria-pressed=false]').waitFor();
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    const button = page.getByRole('button', { name: 'Dark' });
    await button.click();
    assert.equal(await button.getAttribute('aria-pressed'), 'true');
    assert.notEqual(await ground(), light);
    const another = await chromium.open();
    assert.equal(await another.getByRole('button', { name: 'Dark' }).getAttribute('aria-pressed'), 'true');
    await another.close();
    await button.click();
    assert.equal(await ground(), light);
  });

  for (const width of WIDTHS) {
    it(`fits into ${width} pixels`, async () => {
      await bench.page.setViewportSize({ width, height: 900 });
      await screenshot(String(width));
      const needed = await bench.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(needed <= width, `it needs ${needed}`);
    });
  }
});

/** Runs in the page: the contrast of each visible text with the first ground behind it (WCAG 2.2, relative luminance). */
function contrasts(selectors: readonly string[]): { text: string; ratio: number }[] {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
  const rgba = (colour: string): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (channels: readonly number[]): number => {
    const [r, g, b] = channels.map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const groundOf = (element: Element): number[] => {
    for (let at: Element | null = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  return [...document.querySelectorAll(selectors.join())]
    .filter((element) => element.checkVisibility() && !element.closest('.choice:has(:disabled)'))
    .map((element) => {
      const [a, b] = [luminance(rgba(getComputedStyle(element).color)), luminance(groundOf(element))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return { text: `${element.className} ${element.textContent}`, ratio };
    });
}
