import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RegisterError } from '../../../runtime/errors.js';
import { field, flag, type RegisterSpec } from '../../../runtime/registers/definition.js';
import { decodeFields, encodeFields } from '../../../runtime/registers/values.js';

const CSR = {
  address: 0,
  access: 'rw',
  fields: {
    EN: flag(0),
    MODE: field(4, 2, { values: { free: 0, gated: 1, rising: 2 } }),
    COUNT: field(16, 16),
    BUSY: flag(8, { access: 'ro' }),
  },
} as const satisfies RegisterSpec;

const refuses = (values: Record<string, unknown>, code: string, sentence: RegExp) =>
  assert.throws(
    () => encodeFields('pwm0.CSR', CSR, values),
    (error) => error instanceof RegisterError && error.code === code && sentence.test(error.message),
  );

describe('Field values', () => {
  it('become bits under the mask of the fields that are named', () => {
    assert.deepEqual(encodeFields('pwm0.CSR', CSR, { EN: true, MODE: 'rising' }), { mask: 0x31, value: 0x21 });
    assert.deepEqual(encodeFields('pwm0.CSR', CSR, { COUNT: 0xffff }), { mask: 0xffff0000, value: 0xffff0000 });
  });

  it('are refused when the field does not exist, and the message lists those that do', () => {
    refuses({ ENABLE: true }, 'unknown-field', /pwm0\.CSR has no field ENABLE\. Fields: EN, MODE, COUNT, BUSY/);
    refuses({ toString: true }, 'unknown-field', /no field toString/);
  });

  it('are refused when they are too wide for the field', () => {
    for (const COUNT of [0x10000, -1, 1.5, Number.NaN, '7x'])
      refuses({ COUNT }, typeof COUNT === 'string' ? 'unknown-value' : 'value-out-of-range', /pwm0\.CSR\.COUNT/);
    refuses({ EN: 2 }, 'value-out-of-range', /from 0 to 0x1, not 2/);
  });

  it('are refused when they name no value of the field', () => {
    refuses({ MODE: 'falling' }, 'unknown-value', /no value 'falling'\. Values: free, gated, rising/);
    refuses({ MODE: 'constructor' }, 'unknown-value', /no value 'constructor'/);
  });

  it('are refused for a field that is read-only, except to compare with', () => {
    refuses({ BUSY: true }, 'read-only', /pwm0\.CSR\.BUSY is read-only/);
    assert.deepEqual(encodeFields('pwm0.CSR', CSR, { BUSY: true }, 'compare'), { mask: 0x100, value: 0x100 });
  });

  it('are refused to modify a flag of which a written 1 acts', () => {
    const FCS = { address: 0, access: 'rw', fields: { EN: flag(0), OVER: flag(11, { access: 'w1c' }) } } as const;
    assert.deepEqual(encodeFields('adc.FCS', FCS, { OVER: true }), { mask: 0x800, value: 0x800 });
    assert.throws(() => encodeFields('adc.FCS', FCS, { OVER: true }, 'modify'), {
      code: 'read-only',
      message: /adc\.FCS\.OVER is declared 'w1c'/,
    });
  });

  it('read back as they were written, whatever they are', () => {
    const values = fc.record({
      EN: fc.boolean(),
      MODE: fc.constantFrom('free', 'gated', 'rising'),
      COUNT: fc.nat(0xffff),
    });
    fc.assert(
      fc.property(values, fc.nat(0xffffffff), (written, before) => {
        const { mask, value } = encodeFields('CSR', CSR, written);
        const after = ((before & ~mask) | value) >>> 0;
        const { BUSY, ...read } = decodeFields(CSR, after);
        assert.deepEqual(read, { ...written });
        assert.equal(BUSY, (before & 0x100) !== 0);
      }),
    );
  });

  it('read as a number where the chip holds a value without a name', () => {
    assert.equal(decodeFields(CSR, 0x30)['MODE'], 3);
  });
});
