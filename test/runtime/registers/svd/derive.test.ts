import assert from 'node:assert/strict';
import { readSvd } from '../../../../runtime/registers/svd/index.js';
import { device, refused, registerOf, registersOf, timer } from './snippets.js';

const field = (name: string, rest: string, from = ''): string =>
  `<field${from && ` derivedFrom="${from}"`}><name>${name}</name>${rest}</field>`;
const register = (name: string, offset: number, rest: string, from = ''): string =>
  `<register${from && ` derivedFrom="${from}"`}><name>${name}</name><addressOffset>${offset}</addressOffset>${rest}</register>`;
const peripheral = (name: string, base: number, rest: string, from = ''): string =>
  `<peripheral${from && ` derivedFrom="${from}"`}><name>${name}</name><baseAddress>${base}</baseAddress>${rest}</peripheral>`;
const registers = (inside: string): string => `<registers>${inside}</registers>`;
const fields = (inside: string): string => `<fields>${inside}</fields>`;
const values = (name: string, inside: string, from = ''): string =>
  `<enumeratedValues${from && ` derivedFrom="${from}"`}>${name && `<name>${name}</name>`}${inside}</enumeratedValues>`;
const value = (name: string, code: number): string =>
  `<enumeratedValue><name>${name}</name><value>${code}</value></enumeratedValue>`;

const ON = value('OFF', 0) + value('ON', 1);

describe('Derived elements of an SVD file', () => {
  it('copy the registers of a peripheral to another address', () => {
    const text = device(
      peripheral('B', 0x2000, '', 'A') + peripheral('A', 0x1000, `<size>16</size>${registers(register('R', 2, ''))}`),
    );
    const [b] = readSvd(text).peripherals;
    assert.deepEqual(
      b!.registers.map(({ path, address, size }) => [path, address, size]),
      [['B.R', 0x2002, 16]],
    );
  });

  it('keep what a derived peripheral adds and replaces', () => {
    const base = registers(register('R', 0, '<size>8</size>') + register('S', 4, ''));
    const own = registers(register('R', 0, '<access>read-only</access>') + register('T', 8, ''));
    const [, b] = readSvd(device(peripheral('A', 0, base) + peripheral('B', 0x100, own, 'A'))).peripherals;
    assert.deepEqual(
      b!.registers.map(({ name, access, size }) => [name, access, size]),
      [
        ['S', 'read-write', 32],
        ['R', 'read-only', 32],
        ['T', 'read-write', 32],
      ],
    );
  });

  it('take over what a register does not say itself', () => {
    const base = register(
      'R',
      0,
      `<access>read-only</access><resetValue>5</resetValue>${fields(field('F', '<bitRange>[0:0]</bitRange>'))}`,
    );
    const own = register('S', 4, `<resetValue>6</resetValue>${fields(field('G', '<bitRange>[1:1]</bitRange>'))}`, 'R');
    const [, s] = registersOf(timer(base + own));
    assert.deepEqual(
      [s!.access, s!.resetValue, s!.address, s!.fields.map(({ name }) => name)],
      ['read-only', 6n, 0x1004, ['F', 'G']],
    );
  });

  it('follow chains, in any order, and dotted paths to other peripherals', () => {
    const text = device(
      peripheral('B', 0x2000, registers(register('T', 8, '', 'A.S'))) +
        peripheral('A', 0x1000, registers(register('S', 4, '', 'R') + register('R', 0, '<size>8</size>'))),
    );
    assert.deepEqual(
      readSvd(text).peripherals.map((each) => each.registers.map(({ path, size }) => [path, size])),
      [
        [['B.T', 8]],
        [
          ['A.S', 8],
          ['A.R', 8],
        ],
      ],
    );
  });

  it('find what a derived peripheral has only by derivation', () => {
    const text = device(
      peripheral('A', 0, registers(register('R', 0, '<size>8</size>'))) +
        peripheral('B', 0x100, '', 'A') +
        peripheral('C', 0x200, registers(register('X', 0, '', 'B.R'))),
    );
    assert.equal(readSvd(text).peripherals[2]!.registers[0]!.size, 8);
  });

  it('repeat as their base only where the name asks for it', () => {
    const base = '<dim>2</dim><dimIncrement>4</dimIncrement><size>32</size><access>read-only</access>';
    const text = timer(register('R%s', 0, base) + register('S%s', 0x10, '', 'R%s') + register('T', 0x20, '', 'R1'));
    assert.deepEqual(
      registersOf(text).map(({ name, access }) => [name, access]),
      ['R0', 'R1', 'S0', 'S1', 'T'].map((name) => [name, 'read-only']),
    );
  });

  it('copy clusters with all that is in them', () => {
    const cluster = `<cluster><name>C</name><addressOffset>0</addressOffset>${register('R', 4, '')}</cluster>`;
    const own = `<cluster derivedFrom="C"><name>D</name><addressOffset>0x10</addressOffset>${register('S', 8, '')}</cluster>`;
    assert.deepEqual(
      registersOf(timer(cluster + own)).map(({ name, address }) => [name, address]),
      [
        ['C_R', 0x1004],
        ['D_R', 0x1014],
        ['D_S', 0x1018],
      ],
    );
  });

  it('copy fields, at their own bits in any notation', () => {
    const base = field('F', '<bitRange>[3:2]</bitRange><access>read-only</access>');
    const copies =
      field('G', '<lsb>4</lsb><msb>5</msb>', 'F') +
      field('H', '<bitOffset>8</bitOffset><bitWidth>2</bitWidth>', 'F') +
      field('I', '<bitOffset>10</bitOffset>', 'H') +
      field('J', '<bitRange>[15:12]</bitRange>', 'CTRL.F');
    assert.deepEqual(
      registerOf(timer(register('CTRL', 0, fields(base + copies)))).fields.map(({ bit, width, access }) => [
        bit,
        width,
        access,
      ]),
      [
        [2, 2, 'read-only'],
        [4, 2, 'read-only'],
        [8, 2, 'read-only'],
        [10, 2, 'read-only'],
        [12, 4, 'read-only'],
      ],
    );
  });

  it('copy enumerations by name from anywhere around them, and by path', () => {
    const text = timer(
      register('A', 0, fields(field('F', `<bitRange>[0:0]</bitRange>${values('Switch', ON)}`))) +
        register(
          'B',
          4,
          fields(
            field('G', `<bitRange>[0:0]</bitRange>${values('', '', 'Switch')}`) +
              field('H', `<bitRange>[2:1]</bitRange>${values('', value('ON', 2), 'TIM.A.F.Switch')}`),
          ),
        ),
    );
    assert.deepEqual(
      registersOf(text)[1]!.fields.map((each) => each.values.map(({ name, code }) => [name, code!.code])),
      [
        [
          ['OFF', 0],
          ['ON', 1],
        ],
        [
          ['OFF', 0],
          ['ON', 2],
        ],
      ],
    );
  });

  it('replace the enumeration of a field as a whole', () => {
    const base = field('F', `<bitRange>[0:0]</bitRange>${values('', ON)}`);
    const own = field('G', `<bitRange>[1:1]</bitRange>${values('', value('YES', 1))}`, 'F');
    const [, g] = registerOf(timer(register('R', 0, fields(base + own)))).fields;
    assert.deepEqual(
      g!.values.map(({ name }) => name),
      ['YES'],
    );
  });

  it('are refused where the base does not exist, or derives from them', () => {
    refused(
      () => readSvd(device(peripheral('A', 0, '', 'B'))),
      /derivedFrom names B, but there is no such peripheral/,
      { path: 'A' },
    );
    refused(() => readSvd(timer(register('R', 0, '', 'R'))), /derivedFrom names R, but there is no such register/);
    refused(() => readSvd(timer(register('R', 0, '', 'TIM'))), /no such register/);
    refused(
      () => readSvd(timer(register('R', 0, '', 'S') + register('S', 4, '', 'T') + register('T', 8, '', 'R'))),
      /derives from itself by way of/,
    );
  });

  it('are refused where they derive from what holds them', () => {
    const cluster = (name: string, inside: string, from = ''): string =>
      `<cluster${from && ` derivedFrom="${from}"`}><name>${name}</name><addressOffset>0</addressOffset>${inside}</cluster>`;
    refused(() => readSvd(timer(cluster('C', cluster('D', '', 'C')))), /It derives from what holds it/, {
      path: 'TIM.C.D',
    });
    const crossed = cluster('C', cluster('D', '', 'E')) + cluster('E', cluster('F', '', 'C'));
    refused(() => readSvd(timer(crossed)), /It derives from what holds it/);
  });

  it('are refused without an address of their own, or with half a position', () => {
    const base = peripheral('A', 0, registers(register('R', 0, '')));
    refused(
      () => readSvd(device(`${base}<peripheral derivedFrom="A"><name>B</name></peripheral>`)),
      /<peripheral> has no <baseAddress>/,
    );
    const f = field('F', '<bitRange>[3:2]</bitRange>') + field('G', '<bitOffset>4</bitOffset>', 'F');
    refused(
      () => readSvd(timer(register('R', 0, fields(f)))),
      /<bitWidth> is missing, and F gives its bits in another/,
    );
  });
});
