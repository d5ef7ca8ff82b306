import { DefinitionError } from '../errors.js';
import { accessClass, type Access, type FieldAccess } from './access.js';
import { checkCommands, type CommandSpec } from './command-spec.js';
import { hex } from '../hex.js';
import type { Space } from './space.js';

export interface FieldSpec {
  /** Lowest bit. */
  readonly bit: number;
  /** Number of bits. */
  readonly width: number;
  readonly access?: FieldAccess;
  /** One bit that is read as a boolean; set by `flag`. */
  readonly flag?: true;
  /** Names of values; a field that has them is written and read by name. */
  readonly values?: Readonly<Record<string, number>>;
}

export interface RegisterSpec {
  /** Address on the controller's bus; of the first one, if there are several. */
  readonly address: number;
  readonly access: Access;
  /** Bits; 32 if left out. */
  readonly width?: 8 | 16 | 32;
  /** How many registers of this kind follow each other, one width apart; the handle is an array then. */
  readonly count?: number;
  /** What to write to which register right before each write to this one: a key that unlocks it. */
  readonly unlock?: { readonly register: string; readonly value: number };
  /** Microseconds for which the chip is busy after a write; the controller waits for so long. At most a second. */
  readonly busyUs?: number;
  /** The bits that belong to this peripheral where a register is shared; all if left out. */
  readonly owned?: number;
  /** Value after a reset of the block; 0 if left out. `write` starts from it. */
  readonly reset?: number;
  readonly fields?: Readonly<Record<string, FieldSpec>>;
}

/** An entry of the save list: a register, the bits to keep, and whether the hardware changes them by itself. */
export interface SaveSpec<Register extends string = string> {
  readonly register: Register;
  /** Bits to save; if left out, the owned bits that can be written and read back. */
  readonly mask?: number;
  /** Written back, but neither verified nor part of the digest. */
  readonly volatile?: boolean;
}

/** A step of the restore sequence. `saved` writes the saved values back, all of them, in the order of the save list. */
export type StepSpec<Register extends string = string> =
  | { readonly step: 'saved' }
  | { readonly step: 'write'; readonly register: Register; readonly mask: number; readonly value: number }
  | {
      readonly step: 'poll';
      readonly register: Register;
      readonly mask: number;
      readonly value: number;
      readonly timeoutUs: number;
    }
  | { readonly step: 'delay'; readonly us: number };

type Registers = Readonly<Record<string, RegisterSpec>>;
type Commands = Readonly<Record<string, CommandSpec>>;
export declare const NONE: unique symbol;
/** Of a peripheral that is made of registers alone: no name is a command. */
export type NoCommands = { readonly [NONE]?: never };
type NameOf<R> = Extract<keyof R, string>;

/** A peripheral as data: its registers, what a checkpoint saves, and how it is restored. */
export interface PeripheralSpec<R extends Registers = Registers, C extends Commands = Commands> {
  /** Unique on its board; appears in errors and traces (`pwm1`). */
  readonly name: string;
  /** Where the numbers come from (`RP2040 datasheet 4.5.3`). */
  readonly source: string;
  /** The bus behind which the registers are; left out, they are the controller's own. */
  readonly space?: Space;
  readonly registers: R;
  /** What a chip takes that has messages rather than registers, in the order in which a restore sends them again. */
  readonly commands?: C;
  /** What a checkpoint keeps, in the order in which it is written back. */
  readonly save: readonly (string | SaveSpec)[];
  /** Left out: the saved values are written back in the order of the save list. */
  readonly restore?: readonly StepSpec[];
  /**
   * For a peripheral whose suspend sequence nobody wrote down: the controller notes what each `rw` register held before
   * its first change, and writes that back in reverse. It knows nothing of order, nor of what the hardware changes by
   * itself, so it is reported as a journal, never as a sequence.
   */
  readonly fallback?: 'journal';
  /** What a rollback cannot undo, in words, beyond what the access classes say. */
  readonly irrevocable?: readonly string[];
}

/** The same while it is being declared: the save list and the steps can name only registers that are there. */
interface Declaration<R extends Registers, C extends Commands> extends PeripheralSpec<R, C> {
  readonly save: readonly (NameOf<R> | SaveSpec<NameOf<R>>)[];
  readonly restore?: readonly StepSpec<NameOf<R>>[];
}

type FieldRest = Omit<FieldSpec, 'bit' | 'width' | 'flag'>;
/** What `field` makes. */
export interface PlainField {
  readonly bit: number;
  readonly width: number;
}

/** What `flag` makes. */
export interface PlainFlag {
  readonly bit: number;
  readonly width: 1;
  readonly flag: true;
}

/** A field of `width` bits at `bit`. */
export function field(bit: number, width: number): PlainField;
export function field<const F extends FieldRest>(bit: number, width: number, rest: F): PlainField & F;
export function field(bit: number, width: number, rest?: FieldRest): FieldSpec {
  return { bit, width, ...rest };
}

/** A field of one bit, read and written as a boolean. */
export function flag(bit: number): PlainFlag;
export function flag<const F extends Omit<FieldRest, 'values'>>(bit: number, rest: F): PlainFlag & F;
export function flag(bit: number, rest?: Omit<FieldRest, 'values'>): FieldSpec {
  return { bit, width: 1, flag: true, ...rest };
}

/** The mask of a field, unsigned. */
export const fieldMask = ({ bit, width }: FieldSpec): number =>
  (width === 32 ? 0xffffffff : ((1 << width) - 1) << bit) >>> 0;

/** All bits of a register, unsigned. */
export const allBits = ({ width = 32 }: RegisterSpec): number => (width === 32 ? 0xffffffff : 2 ** width - 1);

/** The bits of a register that belong to the peripheral. */
export const ownedBits = (register: RegisterSpec): number => (register.owned ?? allBits(register)) >>> 0;

/** The bits of a register that a checkpoint can keep: owned, written and read back as written. */
export function savableBits(register: RegisterSpec): number {
  const owned = ownedBits(register);
  if (!register.fields) return owned;
  const kept = Object.values(register.fields).filter((each) => (each.access ?? register.access) === register.access);
  return (kept.reduce((mask, each) => mask | fieldMask(each), 0) & owned) >>> 0;
}

/** The owned bits of which a written 1 acts, whatever they read as: who means others writes them as 0. */
export function selfClearingBits(register: RegisterSpec): number {
  const acting = Object.values(register.fields ?? {}).filter(({ access }) => access === 'self-clearing');
  return (acting.reduce((mask, each) => mask | fieldMask(each), 0) & ownedBits(register)) >>> 0;
}

/**
 * Declares a peripheral. Throws DefinitionError where the data contradicts itself: a field beyond its register or over
 * another one, a save list or step that names a register which cannot be written, a register that is not aligned.
 */
export function definePeripheral<const R extends Registers, const C extends Commands = NoCommands>(
  spec: Declaration<R, C>,
): PeripheralSpec<R, C> {
  const fail = (what: string): never => {
    throw new DefinitionError(`Peripheral ${spec.name}: ${what}.`);
  };
  for (const [name, register] of Object.entries<RegisterSpec>(spec.registers)) {
    const { width = 32, count = 1, address, unlock } = register;
    const bytes = width / 8;
    if (!spec.space && address % bytes !== 0)
      fail(`${name} is at ${hex(address)}, which is not a multiple of ${bytes}`);
    if (!Number.isInteger(count) || count < 1) fail(`${name} has a count of ${count}`);
    if (unlock && !spec.registers[unlock.register])
      fail(`${name} is unlocked by ${unlock.register}, which is no register`);
    let taken = 0;
    for (const [fieldName, each] of Object.entries(register.fields ?? {})) {
      if (each.width < 1 || each.bit < 0 || each.bit + each.width > width)
        fail(`${name}.${fieldName} is outside ${width} bits`);
      if (taken & fieldMask(each)) fail(`${name}.${fieldName} overlaps another field`);
      taken |= fieldMask(each);
      const largest = fieldMask(each) >>> each.bit;
      for (const [value, code] of Object.entries(each.values ?? {}))
        if (code < 0 || code > largest)
          fail(`${name}.${fieldName}: ${value} = ${code} does not fit into ${each.width} bits`);
    }
  }
  for (const entry of spec.save.map(saveEntry)) {
    const register =
      spec.registers[entry.register] ?? fail(`the save list names ${entry.register}, which is no register`);
    if (!accessClass(register.access).savable) fail(`${entry.register} cannot be saved: it is ${register.access}`);
    if (entry.mask !== undefined && entry.mask & ~ownedBits(register))
      fail(`${entry.register} is saved beyond its owned bits`);
  }
  for (const step of spec.restore ?? [])
    if ('register' in step && !spec.registers[step.register])
      fail(`a restore step names ${step.register}, which is no register`);
  checkCommands(spec, fail);
  return spec;
}

/** The long form of an entry of a save list. */
export const saveEntry = (entry: string | SaveSpec): SaveSpec =>
  typeof entry === 'string' ? { register: entry } : entry;
