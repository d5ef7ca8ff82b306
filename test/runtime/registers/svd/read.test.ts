import assert from 'node:assert/strict';
import { readSvd } from '../../../../runtime/registers/svd/index.js';
import { control, device, mode, refused, registerOf, timer } from './snippets.js';

const register = (inside: string): string =>
  `<register><name>R</name><addressOffset>0</addressOffset>${inside}<fields><field><name>F</name><lsb>0</lsb><msb>0</msb></field></fields></register>`;

const valuesOf = (inside: string) =>
  registerOf(mode(inside)).fields[0]!.values.map(({ name, usage, code }) => [name, usage, code?.code]);
const named = (name: string, what: string): string => `<enumeratedValue><name>${name}</name>${what}</enumeratedValue>`;

describe('What registers of an SVD file take over', () => {
  const LEVELS = ['device', 'peripheral', 'cluster', 'register'] as const;
  const properties = (size: number, access: string, reset: number, mask: number): string =>
    `<size>${size}</size><access>${access}</access><resetValue>${reset}</resetValue><resetMask>${mask}</resetMask>`;
  const OUTER = properties(16, 'read-only', 1, 15);
  const INNER = properties(8, 'write-only', 2, 7);

  function nested(at: Readonly<Partial<Record<(typeof LEVELS)[number], string>>>): string {
    const cluster = `<cluster><name>C</name><addressOffset>0</addressOffset>${at.cluster ?? ''}${register(at.register ?? '')}</cluster>`;
    return device(
      `<peripheral><name>P</name><baseAddress>0</baseAddress>${at.peripheral ?? ''}<registers>${cluster}</registers></peripheral>`,
      at.device,
    );
  }
  const found = (text: string) => {
    const { size, access, resetValue, resetMask, fields } = registerOf(text);
    return [size, access, Number(resetValue), Number(resetMask), fields[0]!.access];
  };

  it('is what the device, the peripheral, the cluster or they themselves say, the innermost first', () => {
    LEVELS.forEach((inner, depth) => {
      assert.deepEqual(found(nested({ [inner]: INNER })), [8, 'write-only', 2, 7, 'write-only'], inner);
      for (const outer of LEVELS.slice(0, depth))
        assert.deepEqual(
          found(nested({ [outer]: OUTER, [inner]: INNER })),
          [8, 'write-only', 2, 7, 'write-only'],
          outer,
        );
    });
  });

  it('is 32 bits, read-write, 0 where nobody says anything', () => {
    const { size, access, resetValue } = registerOf(nested({}));
    assert.deepEqual([size, access, resetValue], [32, 'read-write', 0n]);
  });

  it('goes on to the fields, which may differ', () => {
    const text = control(
      `<access>read-only</access><fields><field><name>A</name><bitRange>[0:0]</bitRange></field>
<field><name>B</name><bitRange>[1:1]</bitRange><access>writeOnce</access></field></fields>`,
    );
    assert.deepEqual(
      registerOf(text).fields.map(({ access }) => access),
      ['read-only', 'writeOnce'],
    );
  });

  it('leaves side effects to the fields that can be accessed that way', () => {
    const bits = ['read-only', 'write-only', 'read-write'].map(
      (access, bit) => `<field><name>F${bit}</name><bitOffset>${bit}</bitOffset><access>${access}</access></field>`,
    );
    const text = control(
      `<modifiedWriteValues>oneToClear</modifiedWriteValues><readAction>clear</readAction><fields>${bits.join('')}</fields>`,
    );
    assert.deepEqual(
      registerOf(text).fields.map(({ modifiedWriteValues, readAction }) => [modifiedWriteValues, readAction]),
      [
        [undefined, 'clear'],
        ['oneToClear', undefined],
        ['oneToClear', 'clear'],
      ],
    );
  });

  it('reads reset values of 64 bits exactly', () => {
    const text = control('<size>64</size><resetValue>0xfedcba9876543210</resetValue>');
    assert.equal(registerOf(text).resetValue, 0xfedcba9876543210n);
  });
});

describe('Fields of an SVD file', () => {
  it('have names for their values', () => {
    const enumeration = `<enumeratedValues>${named('SLOW', '<value>0</value>')}${named('FAST', '<value>#101</value>')}</enumeratedValues>`;
    assert.deepEqual(valuesOf(enumeration), [
      ['SLOW', 'read-write', 0],
      ['FAST', 'read-write', 5],
    ]);
  });

  it('have a name for all other values', () => {
    const enumeration = `<enumeratedValues>${named('OTHER', '<isDefault>true</isDefault>')}</enumeratedValues>`;
    assert.deepEqual(valuesOf(enumeration), [['OTHER', 'read-write', undefined]]);
  });

  it('have names for reading and others for writing', () => {
    const enumeration = (usage: string, name: string): string =>
      `<enumeratedValues>${usage && `<usage>${usage}</usage>`}${named(name, '<value>1</value>')}</enumeratedValues>`;
    assert.deepEqual(valuesOf(enumeration('read', 'BUSY') + enumeration('write', 'START')), [
      ['BUSY', 'read', 1],
      ['START', 'write', 1],
    ]);
    for (const usages of [
      ['', ''],
      ['read', 'read'],
      ['read', ''],
      ['read', 'write', 'write'],
    ])
      refused(
        () => valuesOf(usages.map((usage) => enumeration(usage, 'X')).join('')),
        /needs a <usage>: one is for read/,
      );
  });

  it('are refused where a value is nothing, or both a number and the default', () => {
    for (const what of ['', '<isDefault>false</isDefault>', '<isDefault>1</isDefault><value>1</value>'])
      refused(
        () => valuesOf(`<enumeratedValues>${named('X', what)}</enumeratedValues>`),
        /X needs either a <value>, or <isDefault>/,
        { path: 'TIM.CTRL.MODE.X' },
      );
  });

  it('may restrict what is written to them', () => {
    const constraint = (inside: string) =>
      registerOf(mode(`<writeConstraint>${inside}</writeConstraint>`)).fields[0]!.writeConstraint;
    assert.deepEqual(constraint('<range><minimum>1</minimum><maximum>5</maximum></range>'), {
      kind: 'range',
      minimum: 1,
      maximum: 5,
    });
    assert.deepEqual(constraint('<writeAsRead>true</writeAsRead>'), { kind: 'writeAsRead' });
    assert.deepEqual(constraint('<useEnumeratedValues>1</useEnumeratedValues>'), { kind: 'useEnumeratedValues' });
    refused(() => constraint(''), /holds one of/);
    refused(
      () => constraint('<writeAsRead>true</writeAsRead><useEnumeratedValues>1</useEnumeratedValues>'),
      /holds one/,
    );
    refused(() => constraint('<range><minimum>1</minimum></range>'), /needs a <minimum> and a <maximum>/);
    refused(() => constraint('<writeAsRead>false</writeAsRead>'), /<writeAsRead> is false\. Remove/);
  });

  it('keep line and path, for the errors that are found later', () => {
    const text = timer(`\n<register><name>R</name><addressOffset>0</addressOffset><fields>
<field><name>F</name><bitRange>[0:0]</bitRange></field></fields></register>`);
    const [register_] = readSvd(text).peripherals[0]!.registers;
    assert.deepEqual([register_!.line, register_!.path], [3, 'TIM.R']);
    assert.deepEqual([register_!.fields[0]!.line, register_!.fields[0]!.path], [4, 'TIM.R.F']);
  });
});
