import { RegisterError } from '../errors.js';
import type { FieldAccess } from './access.js';
import { fieldMask, selfClearingBits, type FieldSpec, type RegisterSpec } from './definition.js';
import { hex } from '../hex.js';

/** Bits to change in a register: `value` under `mask`. */
export interface Bits {
  readonly mask: number;
  readonly value: number;
}

type Values = Readonly<Record<string, unknown>>;

/** What the bits are for, and the classes of fields that this refuses. */
const REFUSED = {
  compare: [],
  write: ['ro', 'rc', 'rs'],
  modify: ['ro', 'rc', 'rs', 'w1c', 'w1s', 'w0c'],
} as const satisfies Readonly<Record<string, readonly FieldAccess[]>>;

export type Purpose = keyof typeof REFUSED;

/** Field values by name → bits. Throws RegisterError for unknown names and for what does not fit. `where` is for messages. */
export function encodeFields(where: string, register: RegisterSpec, values: Values, purpose: Purpose = 'write'): Bits {
  const refused: readonly FieldAccess[] = REFUSED[purpose];
  let mask = 0;
  let value = 0;
  for (const [name, each] of Object.entries(values)) {
    const spec = register.fields && Object.hasOwn(register.fields, name) ? register.fields[name] : undefined;
    if (!spec) {
      const known = Object.keys(register.fields ?? {}).join(', ') || 'none';
      throw new RegisterError('unknown-field', `${where} has no field ${name}. Fields: ${known}.`);
    }
    if (spec.access && refused.includes(spec.access)) throw refusal(`${where}.${name}`, spec.access);
    mask |= fieldMask(spec);
    value |= encodeField(`${where}.${name}`, spec, each) << spec.bit;
  }
  if (purpose === 'modify') mask |= selfClearingBits(register);
  return { mask: mask >>> 0, value: value >>> 0 };
}

function refusal(where: string, access: FieldAccess): RegisterError {
  if (access === 'ro') return new RegisterError('read-only', `${where} is read-only.`);
  return new RegisterError(
    'read-only',
    `${where} is declared '${access}': modify() would act on flags that nobody named. Use write(), where you say what happens to all of them.`,
  );
}

function encodeField(where: string, spec: FieldSpec, value: unknown): number {
  if (typeof value === 'string') {
    const code = spec.values && Object.hasOwn(spec.values, value) ? spec.values[value] : undefined;
    if (code !== undefined) return code;
    const known = Object.keys(spec.values ?? {}).join(', ') || 'none';
    throw new RegisterError('unknown-value', `${where} has no value '${value}'. Values: ${known}.`);
  }
  if (typeof value === 'boolean' && spec.width === 1) return Number(value);
  return checkRange(where, value, fieldMask(spec) >>> spec.bit);
}

/** A whole number from 0 to `largest`, or RegisterError. */
export function checkRange(where: string, value: unknown, largest: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= largest) return value;
  throw new RegisterError(
    'value-out-of-range',
    `${where} takes a whole number from 0 to ${hex(largest)}, not ${String(value)}.`,
  );
}

/** Bits → field values by name: booleans for flags, names where the definition has them, else numbers. */
export function decodeFields(register: RegisterSpec, bits: number): Record<string, boolean | string | number> {
  const values: Record<string, boolean | string | number> = {};
  for (const [name, spec] of Object.entries(register.fields ?? {})) {
    const code = (bits & fieldMask(spec)) >>> spec.bit;
    values[name] = spec.values ? nameOf(spec.values, code) : spec.flag ? code === 1 : code;
  }
  return values;
}

function nameOf(values: Readonly<Record<string, number>>, code: number): string | number {
  for (const name in values) if (values[name] === code) return name;
  return code;
}
