import assert from 'node:assert/strict';
import { DefinitionError } from '../../../runtime/errors.js';
import { definePeripheral, field, flag, savableBits } from '../../../runtime/registers/definition.js';

const refuses = (declare: () => unknown, sentence: RegExp) =>
  assert.throws(
    declare,
    (error) => error instanceof DefinitionError && error.code === 'bad-definition' && sentence.test(error.message),
  );

describe('Defining a peripheral', () => {
  const base = { name: 'timer', source: 'test' } as const;

  it('refuses a register that is not aligned to 4 bytes', () => {
    refuses(
      () => definePeripheral({ ...base, registers: { A: { address: 2, access: 'rw' } }, save: [] }),
      /multiple of 4/,
    );
  });

  it('refuses a field that reaches beyond 32 bits', () => {
    const A = { address: 0, access: 'rw', fields: { WIDE: field(20, 13) } } as const;
    refuses(() => definePeripheral({ ...base, registers: { A }, save: [] }), /A\.WIDE is outside 32 bits/);
  });

  it('refuses fields that overlap', () => {
    const A = { address: 0, access: 'rw', fields: { LOW: field(0, 4), HIGH: field(3, 4) } } as const;
    refuses(() => definePeripheral({ ...base, registers: { A }, save: [] }), /A\.HIGH overlaps/);
  });

  it('refuses the name of a value that does not fit into its field', () => {
    const A = { address: 0, access: 'rw', fields: { MODE: field(0, 2, { values: { fast: 4 } }) } } as const;
    refuses(() => definePeripheral({ ...base, registers: { A }, save: [] }), /fast = 4 does not fit/);
  });

  it('refuses to save a register that cannot be written back', () => {
    for (const access of ['ro', 'w1c'] as const)
      refuses(
        () => definePeripheral({ ...base, registers: { A: { address: 0, access } }, save: ['A'] }),
        /A cannot be saved/,
      );
  });

  it('refuses to save bits that belong to others', () => {
    const A = { address: 0, access: 'rw', owned: 0b10 } as const;
    refuses(
      () => definePeripheral({ ...base, registers: { A }, save: [{ register: 'A', mask: 0b11 }] }),
      /beyond its owned bits/,
    );
  });

  it('refuses save lists and restore steps that name no register', () => {
    const registers = { A: { address: 0, access: 'rw' } } as const;
    // @ts-expect-error B is no register: a compile error as well.
    refuses(() => definePeripheral({ ...base, registers, save: ['B'] }), /names B/);
    const restore = [{ step: 'write', register: 'C', mask: 1, value: 0 }] as const;
    // @ts-expect-error C is no register: a compile error as well.
    refuses(() => definePeripheral({ ...base, registers, save: [], restore }), /names C/);
  });

  it('saves the owned bits that read back as written', () => {
    const fields = {
      RUN: flag(0),
      STATUS: flag(1, { access: 'ro' }),
      GO: flag(2, { access: 'self-clearing' }),
      MODE: field(4, 3),
    };
    assert.equal(savableBits({ address: 0, access: 'rw', fields }), 0x71);
    assert.equal(savableBits({ address: 0, access: 'rw', owned: 0xff00 }), 0xff00);
  });
});
