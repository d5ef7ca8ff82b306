import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readSvd } from '../../../../runtime/registers/svd/index.js';
import { control, mode, refused, registerOf, timer } from './snippets.js';

const offsetOf = (written: string): number =>
  registerOf(timer(`<register><name>R</name><addressOffset>${written}</addressOffset></register>`)).address - 0x1000;

const bitsOf = (position: string): { bit: number; width: number } => {
  const text = control(`<fields><field><name>F</name>${position}</field></fields>`);
  const { bit, width } = registerOf(text).fields[0]!;
  return { bit, width };
};

const codeOf = (value: string) =>
  registerOf(
    mode(
      `<enumeratedValues><enumeratedValue><name>V</name><value>${value}</value></enumeratedValue></enumeratedValues>`,
    ),
  ).fields[0]!.values[0]!.code;

describe('Notations of an SVD file', () => {
  it('reads whole numbers, however they are written', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_0000 }), (value) => {
        for (const written of [
          `${value}`,
          `+${value}`,
          `0x${value.toString(16)}`,
          `0X${value.toString(16).toUpperCase()}`,
          `#${value.toString(2)}`,
          ` 00${value} `,
        ])
          assert.equal(offsetOf(written), value, written);
      }),
    );
  });

  it('reads multiples of 1024', () => {
    assert.deepEqual(['1k', '2K', '3M', '0x1G'].map(offsetOf), [1024, 2048, 3 * 2 ** 20, 2 ** 30]);
  });

  it('refuses what is no number', () => {
    for (const wrong of ['', 'four', '-4', '1.5', '0x', '12ab', '#12', '1e3', '0b1'])
      refused(() => offsetOf(wrong), /<addressOffset> is '.*'\. Write a whole number: 12, 0x0c or #1100/);
    refused(() => offsetOf('0x100000000'), /does not fit into 32 bits/);
  });

  it('reads the three notations of a bit range alike', () => {
    const range = fc.tuple(fc.nat({ max: 31 }), fc.nat({ max: 31 }));
    fc.assert(
      fc.property(range, ([one, other]) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const width = high - low + 1;
        for (const notation of [
          `<bitRange>[${high}:${low}]</bitRange>`,
          `<lsb>${low}</lsb><msb>${high}</msb>`,
          `<msb>0x${high.toString(16)}</msb><lsb>#${low.toString(2)}</lsb>`,
          `<bitOffset>${low}</bitOffset><bitWidth>${width}</bitWidth>`,
        ])
          assert.deepEqual(bitsOf(notation), { bit: low, width }, notation);
      }),
    );
  });

  it('takes a field without a width for one bit', () => {
    assert.deepEqual(bitsOf('<bitOffset>7</bitOffset>'), { bit: 7, width: 1 });
  });

  it('refuses a field without bits, with half of them, or with two notations', () => {
    refused(() => bitsOf(''), /takes its bits from <bitRange>, from <lsb> and <msb>, or from/, { path: 'TIM.CTRL.F' });
    refused(() => bitsOf('<lsb>3</lsb>'), /<lsb> stands alone/);
    refused(() => bitsOf('<bitWidth>3</bitWidth>'), /<bitWidth> stands alone/);
    refused(() => bitsOf('<bitRange>[3:0]</bitRange><lsb>0</lsb><msb>3</msb>'), /takes its bits from/);
    refused(() => bitsOf('<bitRange>[0:3]</bitRange>'), /has no bits/);
    refused(() => bitsOf('<bitOffset>3</bitOffset><bitWidth>0</bitWidth>'), /has no bits/);
    refused(() => bitsOf('<bitRange>3:0</bitRange>'), /<bitRange> is '3:0'\. Write it as \[7:0\]/);
  });

  it('reads enumerated values in all their notations alike', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0x7fffffff }), (code) => {
        for (const written of [`${code}`, `0x${code.toString(16)}`, `#${code.toString(2)}`, `0b${code.toString(2)}`])
          assert.deepEqual(codeOf(written), { code, care: 0xffffffff }, written);
      }),
    );
  });

  it('reads bits that do not matter', () => {
    assert.deepEqual(codeOf('#1x0X'), { code: 0b1000, care: 0xfffffffa });
    assert.deepEqual(codeOf('0bxx1'), { code: 1, care: 0xfffffff9 });
  });

  it('refuses what is no enumerated value', () => {
    for (const wrong of ['', '0x', '1x', '#2', 'on', '-1'])
      refused(() => codeOf(wrong), /Write 0x1f, 31, #11111 or 0b11111/);
    refused(() => codeOf('0x100000000'), /does not fit into 32 bits/);
  });

  it('refuses a word that does not exist, and names those that do', () => {
    refused(
      () => readSvd(control('<access>readwrite</access>')),
      /<access> is 'readwrite'\. Use one of: read-only, write-only, read-write, writeOnce, read-writeOnce/,
    );
    refused(() => readSvd(mode('<readAction>pop</readAction>')), /Use one of: clear, set, modify, modifyExternal/);
    refused(() => readSvd(mode('<modifiedWriteValues>w1c</modifiedWriteValues>')), /Use one of: oneToClear, oneToSet/);
  });
});
