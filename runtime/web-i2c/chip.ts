import { DefinitionError } from '../errors.js';
import { chipName, defineChip, type I2cAddress } from '../registers/chip.js';
import { matchesCommand } from '../registers/command-spec.js';
import { compile, type CompiledCommand, type CompiledPeripheral, type CompiledRegister } from '../registers/compile.js';
import { allBits, definePeripheral, type PeripheralSpec } from '../registers/definition.js';
import { hex } from '../hex.js';
import type { I2cSpace } from '../registers/space.js';

/** A register of a chip, as bytes meet it. */
export interface Located {
  readonly peripheral: CompiledPeripheral;
  readonly register: CompiledRegister;
  readonly bytes: number;
  readonly highByteFirst: boolean;
}

export interface LocatedCommand {
  readonly peripheral: CompiledPeripheral;
  readonly command: CompiledCommand;
}

/** What the definitions of one chip say about the bytes that it takes and gives. */
export interface Chip {
  readonly name: string;
  readonly target: number;
  readonly addressBytes: number;
  /** One register address is one register; otherwise it is one byte. */
  readonly wholeRegisters: boolean;
  /** By register address; several definitions may own bits of one register. */
  readonly registers: ReadonlyMap<number, readonly Located[]>;
  /** The bytes of a chip that nobody has described, as it gives them. */
  readonly raw?: Located;
  /** The commands that a message is; messages of no bytes may differ in how long the answer is. */
  commandsFor(message: ArrayLike<number>): readonly LocatedCommand[];
}

/** Reads the definitions of one chip together. Throws DefinitionError where they are not of one chip. */
export function chipOf(specs: readonly PeripheralSpec[], raw?: PeripheralSpec): Chip {
  const [first] = specs;
  const { target, addressBytes = 1, wholeRegisters = false } = i2cSpaceOf(first!);
  const registers = new Map<number, Located[]>();
  const commands: LocatedCommand[] = [];
  for (const spec of specs) {
    const { addressBytes: same = 1, wholeRegisters: whole = false } = i2cSpaceOf(spec);
    if (same !== addressBytes || whole !== wholeRegisters)
      throw new DefinitionError(`${first!.name} and ${spec.name} differ in how the chip addresses its registers.`);
    for (const { address, located } of locate(spec)) {
      registers.set(address, withOwner(registers.get(address) ?? [], located));
    }
    const peripheral = compile(spec);
    for (const command of peripheral.commands.values()) commands.push({ peripheral, command });
  }
  return {
    name: first!.name,
    target,
    addressBytes,
    wholeRegisters,
    registers,
    ...(raw && { raw: locate(raw)[0]!.located }),
    commandsFor: (message) => commands.filter(({ command }) => matchesCommand(command.spec, message)),
  };
}

/** A register that somebody owns whole needs no other owner; parts of a definition may name it twice. */
function withOwner(owners: readonly Located[], next: Located): Located[] {
  const isWhole = ({ register }: Located): boolean => register.owned === allBits(register.spec);
  if (owners.some(isWhole)) return [...owners];
  return isWhole(next) ? [next] : [...owners, next];
}

function locate(spec: PeripheralSpec): { address: number; located: Located }[] {
  const peripheral = compile(spec);
  const { highByteFirst = false, wholeRegisters = false } = i2cSpaceOf(spec);
  // A register of which no bit is owned is there for the restore sequence alone.
  const owned = [...peripheral.registers.values()].filter(([first]) => first!.owned !== 0);
  return owned.flatMap((list) =>
    list.map((register, index) => {
      const bytes = 1 << register.at.width;
      const address = register.spec.address + index * (wholeRegisters ? 1 : bytes);
      return { address, located: { peripheral, register, bytes, highByteFirst } };
    }),
  );
}

/** Throws DefinitionError for a peripheral that is not behind I²C. */
export function i2cSpaceOf({ name, space }: PeripheralSpec): I2cSpace {
  if (space?.bus === 'i2c') return space;
  throw new DefinitionError(`${name} is not behind an I²C bus: its definition needs a space.`);
}

/** A chip of which nothing is known, taken for one with 256 registers of a byte each. */
const unknownChip = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('unknown', { bus: 'i2c', index, target }),
    source: 'none',
    space: { bus: 'i2c', index, target },
    registers: { REGISTERS: { address: 0, access: 'rw', width: 8, count: 256 } },
    save: [],
    fallback: 'journal',
  }),
);

/** The same chip, read without saying what. */
const unknownStream = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('unknown-stream', { bus: 'i2c', index, target }),
    source: 'none',
    space: { bus: 'i2c', index, target, addressBytes: 0 },
    registers: { BYTES: { address: 0, access: 'fifo', width: 8 } },
    save: [],
  }),
);

export const unknownChipAt = (at: I2cAddress): Chip => chipOf([unknownChip(at)], unknownStream(at));

/** Bytes, for messages. */
export const listed = (bytes: ArrayLike<number>): string =>
  bytes.length === 0 ? 'no bytes' : Array.from(bytes, hex).join(' ');
