import assert from 'node:assert/strict';
import { main } from '../../../runtime/cli/main.js';
import type { SurveyRow } from '../../../runtime/registers/survey.js';

async function fgft(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const code = await main(args, {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    signal: new AbortController().signal,
  });
  return { code, ...said };
}

describe('fgft survey', () => {
  it('lists every peripheral of the board and every chip, each restored and read back on the emulator', async () => {
    const { code, out } = await fgft('survey', '--json');
    assert.equal(code, 0);
    const rows = JSON.parse(out) as SurveyRow[];
    const byName = new Map(rows.map((row) => [row.peripheral, row]));
    assert.equal(byName.size, rows.length, 'names are unique');
    for (const name of ['pin0', 'pin29', 'pwm7', 'uart1', 'i2c0', 'adc', 'bme280@i2c0:0x76', 'ssd1306.page7@i2c0:0x3c'])
      assert.ok(byName.has(name), name);
    for (const { peripheral, saved, verified, method } of rows) {
      assert.equal(verified, saved > 0 ? true : null, peripheral);
      assert.equal(method, saved > 0 ? 'sequence' : 'none', peripheral);
    }
    assert.deepEqual(byName.get('pwm1'), {
      peripheral: 'pwm1',
      registers: 9,
      saved: 7,
      method: 'sequence',
      // The slice itself, 9 registers with 17 fields, 7 entries, 2 steps.
      lines: 36,
      irrevocable: [],
      verified: true,
    });
    assert.ok(byName.get('uart0')!.irrevocable.includes('what goes through UARTDR'));
  });

  it('lists every peripheral of an Uno, each restored and read back on the emulator', async () => {
    const { code, out } = await fgft('survey', '--board', 'uno', '--json');
    assert.equal(code, 0);
    const rows = JSON.parse(out) as SurveyRow[];
    const names = rows.map(({ peripheral }) => peripheral);
    for (const name of ['PD2', 'PC5', 'timer0', 'timer1.a', 'adc', 'twi', 'spi', 'eeprom'])
      assert.ok(names.includes(name));
    for (const { peripheral, saved, verified, method } of rows) {
      assert.equal(verified, saved > 0 ? true : null, peripheral);
      assert.equal(method, saved > 0 ? 'sequence' : 'none', peripheral);
    }
  });

  it('prints a table for people', async () => {
    const { out } = await fgft('survey');
    assert.match(out, /^peripheral +registers +saved +method +lines +verified +irrevocable\n/);
    assert.match(out, /^pwm1 +9 +7 +sequence +\d+ +yes$/m);
  });

  it('refuses a board that it does not know', async () => {
    const { code, err } = await fgft('survey', '--board', 'mega');
    assert.equal(code, 2);
    assert.match(err, /no board mega, only pico and uno.*\[usage\]/);
  });

  it('refuses an option that it does not have', async () => {
    const { code, err } = await fgft('survey', '--yaml');
    assert.equal(code, 2);
    assert.match(err, /--yaml.*\[usage\]/);
  });
});
