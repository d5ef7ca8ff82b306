import { accessClass } from '../access.js';
import { fieldMask } from '../definition.js';
import { hex } from '../../hex.js';
import { registerClass } from './classes.js';
import { SvdError } from './error.js';
import type { Behaviour, SvdField, SvdPeripheral, SvdRegister } from './model.js';

const maskOf = ({ bit, width }: SvdField): number => fieldMask({ bit, width });

const FIX = 'Correct it in the file, or drop it in the overlay.';

/** Throws SvdError where a peripheral contradicts itself, or where no definition can say what it says. */
export function checkPeripheral(peripheral: SvdPeripheral): void {
  for (const register of peripheral.registers) {
    checkRegister(register);
    let taken = 0;
    for (const field of register.fields) {
      checkField(field, register);
      if (taken & maskOf(field))
        throw new SvdError(field, `Its bits overlap those of another field of ${register.name}. ${FIX}`);
      taken |= maskOf(field);
    }
  }
  checkOverlap(peripheral.registers.filter(({ alternate }) => !alternate));
}

function checkRegister(register: SvdRegister): void {
  const { address, size, count = 1, save } = register;
  if (size !== 8 && size !== 16 && size !== 32)
    throw new SvdError(register, `It is ${size} bits wide. A register has 8, 16 or 32. ${FIX}`);
  if (address + (count * size) / 8 > 2 ** 32)
    throw new SvdError(register, `It is at 0x${address.toString(16)}, beyond 32 bits. ${FIX}`);
  if (address % (size / 8) !== 0)
    throw new SvdError(register, `It is at ${hex(address)}, which is not a multiple of ${size / 8}. ${FIX}`);
  checkBehaviour(register, register);
  const access = registerClass(register);
  if (save && !accessClass(access).savable)
    throw new SvdError(register, `The overlay saves it, but it is ${access}. Correct its access too.`);
}

function checkField(field: SvdField, register: SvdRegister): void {
  if (field.bit + field.width > register.size)
    throw new SvdError(
      field,
      `Bits ${field.bit} to ${field.bit + field.width - 1} are outside the ${register.size} bits of ${register.name}. ${FIX}`,
    );
  checkBehaviour(field, field);
  const largest = maskOf(field) >>> field.bit;
  for (const value of field.values)
    if (value.code && value.code.code > largest)
      throw new SvdError(value, `${value.code.code} does not fit into ${field.width} bits. ${FIX}`);
  const { writeConstraint: constraint } = field;
  if (constraint?.kind === 'range' && (constraint.minimum > constraint.maximum || constraint.maximum > largest))
    throw new SvdError(
      field,
      `<writeConstraint> allows ${constraint.minimum} to ${constraint.maximum}, of at most ${largest}. ${FIX}`,
    );
}

function checkBehaviour(place: SvdField | SvdRegister, { access, readAction, modifiedWriteValues }: Behaviour): void {
  if (place.corrected) return;
  if (readAction && (access === 'write-only' || access === 'writeOnce'))
    throw new SvdError(place, `It is ${access}, but a read is said to ${readAction} it. Correct one in the overlay.`);
  if (modifiedWriteValues && access === 'read-only')
    throw new SvdError(place, `It is read-only, but has ${modifiedWriteValues}. Correct one in the overlay.`);
}

function checkOverlap(registers: readonly SvdRegister[]): void {
  let last: SvdRegister | undefined;
  let end = 0;
  for (const register of registers.toSorted((a, b) => a.address - b.address)) {
    if (last && register.address < end)
      throw new SvdError(
        register,
        `It is at ${hex(register.address)}, as is ${last.name} (line ${last.line}). Mark it as <alternateRegister>, or ` +
          'drop one in the overlay.',
      );
    last = register;
    end = register.address + ((register.count ?? 1) * register.size) / 8;
  }
}
