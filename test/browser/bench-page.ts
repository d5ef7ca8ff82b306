/** The page of examples/browser, as a user has it before them, and the chip behind it, read past the firmware. */
import type { Page } from 'playwright-core';
import type { FaultKind } from '../../examples/browser/faults.js';
import type { Isolation } from '../../runtime/index.js';

/** Addresses on the chip (RP2040 datasheet 2.19.6.1, 2.19.6.3, 4.5.3) of what the servo on GPIO 2 uses. */
const ADDRESSES = {
  'pin2.CTRL': 0x40014000 + 8 * 2 + 4,
  'pin2.PAD': 0x4001c000 + 4 + 4 * 2,
  'pwm1.CSR': 0x40050000 + 0x14,
  'pwm1.DIV': 0x40050000 + 0x18,
  'pwm1.CC': 0x40050000 + 0x20,
  'pwm1.TOP': 0x40050000 + 0x24,
} as const;

export type RegisterName = keyof typeof ADDRESSES;
export type Values = Readonly<Record<RegisterName, string>>;

/** A row of the table that tells what a call did. */
export interface StoryRow {
  readonly register: string;
  readonly verdict: string;
  readonly before: string;
  readonly wrote: string;
  readonly now: string;
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

export class BenchPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async startEmulator(): Promise<void> {
    await this.page.getByRole('button', { name: 'Start the emulated board' }).click();
    await this.page.locator('[data-register="pwm1.CSR"][data-value]').waitFor();
  }

  async choose(policy: Isolation, fault: FaultKind = 'none', operation = 6): Promise<void> {
    await this.page.locator(`input[name=policy][value=${policy}]`).check();
    await this.page.locator(`input[name=fault][value=${fault}]`).check();
    await this.page.locator('#operation').fill(String(operation));
  }

  /** Fills in a form, sends it, and waits for what the page says then: `done`, or the code of an error. */
  async call(name: string, ...values: readonly number[]): Promise<string> {
    const form = this.page.locator(`form[data-call=${name}]`);
    for (const [index, value] of values.entries()) await form.locator('input').nth(index).fill(String(value));
    await form.getByRole('button').click();
    return this.ended();
  }

  async ended(): Promise<string> {
    await this.page.locator('#outcome[data-code]:not([data-code=running])').waitFor();
    await this.page.locator('body:not([data-calling])').waitFor();
    return (await this.page.locator('#outcome').getAttribute('data-code'))!;
  }

  outcome(): Promise<string> {
    return this.page.locator('#outcome').innerText();
  }

  state(): Promise<string> {
    return this.page.locator('#driver-state').innerText();
  }

  async story(): Promise<StoryRow[]> {
    return this.page.locator('[data-story]').evaluateAll((rows) =>
      rows.map((row) => {
        const [before, wrote, now] = [...row.querySelectorAll('td')].map(
          (cell) => cell.querySelector('code')?.textContent ?? '',
        );
        const { story, verdict } = (row as HTMLElement).dataset;
        return { register: story!, verdict: verdict!, before: before!, wrote: wrote!, now: now! };
      }),
    );
  }

  /** What the page shows. */
  async shown(): Promise<Values> {
    const values = await this.page
      .locator('[data-register]')
      .evaluateAll((rows) => rows.map((row) => [row.dataset['register']!, row.dataset['value']!] as const));
    return only(Object.fromEntries(values));
  }

  /** What the chip holds. */
  async held(): Promise<Values> {
    const values = await this.page.evaluate(
      (addresses) => addresses.map(([name, address]) => [name, globalThis.bench!.emulated!.read32(address)] as const),
      Object.entries(ADDRESSES),
    );
    return only(Object.fromEntries(values.map(([name, value]) => [name, hex(value)])));
  }

  /** What the runtime reads, through the controller. */
  async read(): Promise<Values> {
    const values = await this.page.evaluate(async () => {
      const { board } = globalThis.bench!;
      const [pin, slice] = [board.pin[2]!, board.pwm.ch[1]!];
      return {
        'pin2.CTRL': await pin.CTRL.readBits(),
        'pin2.PAD': await pin.PAD.readBits(),
        'pwm1.CSR': await slice.CSR.readBits(),
        'pwm1.DIV': await slice.DIV.readBits(),
        'pwm1.CC': await slice.CC.readBits(),
        'pwm1.TOP': await slice.TOP.readBits(),
      };
    });
    return only(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, hex(value)])));
  }
}

const only = (values: Readonly<Record<string, string>>): Values =>
  Object.fromEntries(Object.keys(ADDRESSES).map((name) => [name, values[name]])) as Values;
