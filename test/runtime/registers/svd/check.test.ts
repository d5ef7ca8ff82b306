import { control, definitionOf, mode, refused, timer } from './snippets.js';

const field = (name: string, high: number, low: number, rest = ''): string =>
  `<field><name>${name}</name><bitRange>[${high}:${low}]</bitRange>${rest}</field>`;
const register = (name: string, offset: number, rest = ''): string =>
  `<register><name>${name}</name><addressOffset>${offset}</addressOffset>${rest}</register>`;

describe('A peripheral of an SVD file is refused', () => {
  it('where a register has another size than 8, 16 or 32 bits', () => {
    for (const size of [0, 4, 24, 64])
      refused(
        () => definitionOf(control(`<size>${size}</size>`)),
        new RegExp(`It is ${size} bits wide\\. A register has 8, 16 or 32\\. Correct it in the file, or drop it in`),
        { path: 'TIM.CTRL' },
      );
  });

  it('where a register is not aligned, or beyond the address space', () => {
    refused(() => definitionOf(timer(register('R', 2))), /at 0x1002, which is not a multiple of 4/);
    refused(() => definitionOf(timer(register('R', 0xfffffffc))), /at 0x100000ffc, beyond 32 bits/);
  });

  it('where registers overlap, unless they say that they do', () => {
    refused(
      () => definitionOf(timer(`${register('A', 0)}\n${register('B', 2, '<size>16</size>')}`)),
      /B: It is at 0x1002, as is A \(line 2\)\. Mark it as <alternateRegister>, or drop one in the overlay/,
      { line: 3 },
    );
    const array = '<dim>4</dim><dimIncrement>4</dimIncrement>';
    refused(() => definitionOf(timer(register('A[%s]', 0, array) + register('B', 12))), /as is A/);
    definitionOf(timer(register('A', 0) + register('B', 0, '<alternateRegister>A</alternateRegister>')));
    definitionOf(timer(register('A', 0) + register('B', 0, '<alternateGroup>X</alternateGroup>')));
  });

  it('where a field is outside its register, or over another', () => {
    refused(
      () => definitionOf(control(`<size>8</size><fields>${field('F', 8, 7)}</fields>`)),
      /Bits 7 to 8 are outside the 8 bits of CTRL/,
      { path: 'TIM.CTRL.F' },
    );
    refused(
      () => definitionOf(control(`<fields>${field('F', 31, 4)}${field('G', 4, 0)}</fields>`)),
      /bits overlap those of another field of CTRL/,
      { path: 'TIM.CTRL.G' },
    );
  });

  it('where a value does not fit into its field', () => {
    const value = '<enumeratedValue><name>V</name><value>8</value></enumeratedValue>';
    refused(() => definitionOf(mode(`<enumeratedValues>${value}</enumeratedValues>`)), /8 does not fit into 3 bits/, {
      path: 'TIM.CTRL.MODE.V',
    });
  });

  it('where a range of values is empty or too large', () => {
    const range = (minimum: number, maximum: number) =>
      mode(
        `<writeConstraint><range><minimum>${minimum}</minimum><maximum>${maximum}</maximum></range></writeConstraint>`,
      );
    refused(() => definitionOf(range(3, 2)), /<writeConstraint> allows 3 to 2, of at most 7/);
    refused(() => definitionOf(range(0, 8)), /<writeConstraint> allows 0 to 8, of at most 7/);
  });

  it('where an access contradicts a side effect', () => {
    for (const access of ['write-only', 'writeOnce'])
      refused(
        () => definitionOf(mode(`<access>${access}</access><readAction>clear</readAction>`)),
        new RegExp(`It is ${access}, but a read is said to clear it\\. Correct one in the overlay`),
      );
    refused(
      () => definitionOf(control('<access>read-only</access><modifiedWriteValues>clear</modifiedWriteValues>')),
      /It is read-only, but has clear/,
    );
  });
});
