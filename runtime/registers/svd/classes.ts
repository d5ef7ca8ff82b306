import { accessClass, type Access, type FieldAccess } from '../access.js';
import type { Behaviour, SvdField, SvdRegister } from './model.js';

type WriteEffect = NonNullable<Behaviour['modifiedWriteValues']>;
type FieldClass = Exclude<Access, 'fifo'>;

/**
 * What a write does → access class. What no class says becomes `write-once`: such a write leaves with the commit and is
 * never part of a checkpoint. `modify` is the schema's default and says nothing.
 */
const CLASS_OF_EFFECT: Readonly<Record<WriteEffect, FieldClass | undefined>> = {
  oneToClear: 'w1c',
  oneToSet: 'w1s',
  zeroToClear: 'w0c',
  oneToToggle: 'write-once',
  zeroToSet: 'write-once',
  zeroToToggle: 'write-once',
  clear: 'write-once',
  set: 'write-once',
  modify: undefined,
};

const writes = ({ access }: Behaviour): boolean => access !== 'read-only';

/** Whether what the file says has no access class of its own; the word is then worth a comment. */
export function effectWithoutClass(each: Behaviour): WriteEffect | undefined {
  const { modifiedWriteValues: effect } = each;
  return effect && writes(each) && CLASS_OF_EFFECT[effect] === 'write-once' ? effect : undefined;
}

function classOf(each: Behaviour): FieldClass {
  const { access, readAction, modifiedWriteValues } = each;
  if (access === 'read-only') return readAction ? (readAction === 'set' ? 'rs' : 'rc') : 'ro';
  if (access === 'writeOnce' || access === 'read-writeOnce') return 'write-once';
  const special = modifiedWriteValues && CLASS_OF_EFFECT[modifiedWriteValues];
  return special ?? (access === 'write-only' ? 'wo' : 'rw');
}

const fieldClass = (field: SvdField): FieldAccess => field.corrected ?? classOf(field);

/** The class of a register: the one that fits its fields, or all that can be done to any of them. */
export function registerClass(register: SvdRegister): Access {
  if (register.corrected) return register.corrected;
  const parts: readonly Behaviour[] = register.fields.length > 0 ? register.fields : [register];
  const actions = [register, ...parts].map(({ readAction }) => readAction).filter((each) => each !== undefined);
  if (actions.length > 0) {
    // Reading any field reads all of them. A register that acts on reads and is written is a stream to the host.
    if (parts.some(writes)) return 'fifo';
    return actions.every((each) => each === 'set') ? 'rs' : 'rc';
  }
  if (register.fields.length === 0) return classOf(register);
  const classes = new Set(register.fields.map(fieldClass));
  const active = [...classes].filter((each) => each !== 'ro' && each !== 'volatile');
  if (active.length === 0) return classes.has('volatile') ? 'rw' : 'ro';
  const [only] = active;
  // A register of one class and read-only bits is of that class, as long as the bits can be read.
  if (active.length > 1 || only === 'self-clearing' || (only === 'wo' && classes.size > 1)) return 'rw';
  return only as Access;
}

/** The class of a field where it differs from its register's. */
export function differingClass(field: SvdField, register: Access): FieldAccess | undefined {
  if (register === 'fifo' || accessClass(register).readingActs) return undefined;
  const own = fieldClass(field);
  return own === register ? undefined : own;
}

/** How a checkpoint keeps a register; false if not at all. */
export function saveOf(register: SvdRegister): boolean | 'volatile' {
  if (register.save !== undefined) return register.save;
  if (register.alternate || registerClass(register) !== 'rw') return false;
  return register.fields.length === 0 || register.fields.some((each) => fieldClass(each) === 'rw');
}
