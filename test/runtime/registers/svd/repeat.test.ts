import assert from 'node:assert/strict';
import { readSvd } from '../../../../runtime/registers/svd/index.js';
import { control, device, refused, registersOf, timer } from './snippets.js';

const dim = (count: number | string, increment: number, index?: string): string =>
  `<dim>${count}</dim><dimIncrement>${increment}</dimIncrement>${index ? `<dimIndex>${index}</dimIndex>` : ''}`;

const register = (name: string, inside: string, offset = 0): string =>
  `<register>${inside}<name>${name}</name><addressOffset>${offset}</addressOffset></register>`;

const places = (registers: string): string[] =>
  registersOf(timer(registers)).map(({ name, address, count }) => `${name}@${address.toString(16)}x${count ?? ''}`);

describe('Repeated elements of an SVD file', () => {
  it('number a list of registers from 0', () => {
    assert.deepEqual(places(register('R%s_A', dim(2, 8), 4)), ['R0_A@1004x', 'R1_A@100cx']);
  });

  it('take ranges, letters and lists for the names', () => {
    assert.deepEqual(places(register('R%s', dim(3, 4, '9-11'))), ['R9@1000x', 'R10@1004x', 'R11@1008x']);
    assert.deepEqual(places(register('R%s', dim(2, 4, 'C-D'))), ['RC@1000x', 'RD@1004x']);
    assert.deepEqual(places(register('%sR', dim(2, 4, 'LOW, HIGH'))), ['LOWR@1000x', 'HIGHR@1004x']);
  });

  it('stay together as an array where they follow each other without a gap', () => {
    assert.deepEqual(places(register('R[%s]', dim(3, 4))), ['R@1000x3']);
    assert.deepEqual(places(register('R[%s]', dim(3, 2) + '<size>16</size>')), ['R@1000x3']);
    assert.deepEqual(places(register('R[%s]', dim(3, 4, '0-2'))), ['R@1000x3']);
  });

  it('are unrolled where there are gaps, or indices that do not count from 0', () => {
    assert.deepEqual(places(register('R[%s]', dim(2, 8))), ['R0@1000x', 'R1@1008x']);
    assert.deepEqual(places(register('R[%s]', dim(2, 4, '4-5'))), ['R4@1000x', 'R5@1004x']);
  });

  it('flatten clusters within clusters, with names and indices', () => {
    const inner = `<cluster>${dim(2, 8)}<name>IN[%s]</name><addressOffset>4</addressOffset>${register('R', '')}</cluster>`;
    const outer = `<cluster>${dim(2, 0x100, 'A,B')}<name>%sOUT</name><addressOffset>0x10</addressOffset>
${inner}${register('D[%s]', dim(4, 4), 0x20)}</cluster>`;
    assert.deepEqual(places(outer), [
      'AOUT_IN0_R@1014x',
      'AOUT_IN1_R@101cx',
      'AOUT_D@1030x4',
      'BOUT_IN0_R@1114x',
      'BOUT_IN1_R@111cx',
      'BOUT_D@1130x4',
    ]);
  });

  it('have their index in the description', () => {
    const described = (name: string): string[] =>
      registersOf(timer(register(name, dim(2, 4) + '<description>Timer %s</description>'))).map(
        (each) => each.description,
      );
    assert.deepEqual(described('R%s'), ['Timer 0', 'Timer 1']);
    assert.deepEqual(described('R[%s]'), ['Timer [n]']);
  });

  it('may be whole peripherals', () => {
    const text = `<peripheral>${dim(2, 0x1000)}<name>UART[%s]</name><baseAddress>0x4000</baseAddress>
<registers>${register('DR', '', 4)}</registers></peripheral>`;
    const found = readSvd(device(text)).peripherals;
    assert.deepEqual(
      found.map(({ name, registers }) => [name, registers[0]!.address, registers[0]!.path]),
      [
        ['UART0', 0x4004, 'UART0.DR'],
        ['UART1', 0x5004, 'UART1.DR'],
      ],
    );
  });

  it('may be fields, shifted by bits', () => {
    const text = control(
      `<fields><field>${dim(3, 2, 'X,Y,Z')}<name>%s_EN</name><bitRange>[5:4]</bitRange></field></fields>`,
    );
    assert.deepEqual(
      registersOf(text)[0]!.fields.map(({ name, bit, width, path }) => [name, bit, width, path]),
      [
        ['X_EN', 4, 2, 'TIM.CTRL.X_EN'],
        ['Y_EN', 6, 2, 'TIM.CTRL.Y_EN'],
        ['Z_EN', 8, 2, 'TIM.CTRL.Z_EN'],
      ],
    );
  });

  it('are refused where names, counts and indices do not fit together', () => {
    refused(() => places(register('R', dim(2, 4))), /R needs one %s to number what <dim> makes of it/, {
      path: 'TIM.R',
    });
    refused(() => places(register('R%s%s', dim(2, 4))), /needs one %s/);
    refused(() => places(register('R%s', '')), /R%s has no <dim> to replace %s/);
    refused(() => places(register('R%s', '<dim>2</dim>')), /<dim> has no <dimIncrement>/);
    refused(() => places(register('R%s', dim(3, 4, 'A,B'))), /<dimIndex> names 2 elements, but <dim> is 3/);
    refused(() => places(register('R%s', dim(3, 4, '2-1'))), /<dimIndex> names 0 elements/);
    refused(() => places(register('R%s', dim(2, 4, 'A;B'))), /Write 0-3, A-D, or names with commas/);
    refused(() => places(register('R%s', dim(0, 4))), /<dim> is 0\. It goes from 1 to/);
    refused(() => places(register('R%s', dim('1G', 4))), /<dim> is 1073741824/);
  });
});
