import assert from 'node:assert/strict';
import { DefinitionError, RegisterError } from '../../../runtime/errors.js';
import { ANY, encodeCommand, matchesCommand, type CommandSpec } from '../../../runtime/registers/command-spec.js';
import { definePeripheral } from '../../../runtime/registers/definition.js';

const POWER: CommandSpec = { bytes: [0x00, { fixed: 0xae, free: 0x01 }, ANY] };

describe('A command', () => {
  it('is sent with the caller’s bits in their places', () => {
    assert.deepEqual([...encodeCommand('POWER', POWER, [1, 0xff])], [0x00, 0xaf, 0xff]);
  });

  it('refuses values that do not fit, however large, and another number of them', () => {
    for (const values of [[2, 0], [0, 0x100], [0, 2 ** 32 + 5], [0, -1], [0, 0.5], [0], [0, 1, 2]])
      assert.throws(() => encodeCommand('POWER', POWER, values), RegisterError, values.join());
  });

  it('is recognised by its fixed bits', () => {
    assert.equal(matchesCommand(POWER, [0x00, 0xaf, 0x12]), true);
    for (const message of [
      [0x00, 0xad, 0x12],
      [0x00, 0xaf],
      [0x01, 0xaf, 0x12],
    ])
      assert.equal(matchesCommand(POWER, message), false);
  });

  const declare = (commands: Readonly<Record<string, CommandSpec>>) => () =>
    definePeripheral({
      name: 'chip',
      source: 'test',
      space: { bus: 'i2c', index: 0, target: 0x3c },
      registers: {},
      commands,
      save: [],
    });

  it('that contradicts itself or another is refused when it is declared', () => {
    const wrong: readonly [RegExp, Readonly<Record<string, CommandSpec>>][] = [
      [/the initial A takes 1 bytes, not 0/, { A: { bytes: [ANY], sets: 'a', initial: [] } }],
      [/a has no initial command/, { A: { bytes: [1], sets: 'a' } }],
      [
        /a has two initial commands/,
        { A: { bytes: [1], sets: 'a', initial: [] }, B: { bytes: [2], sets: 'a', initial: [] } },
      ],
      [
        /sets a by 2 bytes, another by 1/,
        { A: { bytes: [1], sets: 'a', initial: [] }, B: { bytes: [2, 3], sets: 'a' } },
      ],
      [/is not harmless/, { A: { bytes: [1], sets: 'a', initial: [], harmless: true } }],
      [/a byte whose fixed and free bits do not fit/, { A: { bytes: [{ fixed: 3, free: 1 }] } }],
      [/1 to 255 can be sent at once/, { A: { bytes: [] } }],
    ];
    for (const [message, commands] of wrong)
      assert.throws(
        declare(commands),
        (error) => error instanceof DefinitionError && message.test(error.message),
        String(message),
      );
  });
});
