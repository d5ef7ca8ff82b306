import { ACCESS, type Access, type FieldAccess } from '../access.js';
import { OverlayError } from './error.js';
import {
  READ_ACTIONS,
  WRITE_EFFECTS,
  type Behaviour,
  type SvdDevice,
  type SvdField,
  type SvdPeripheral,
  type SvdRegister,
} from './model.js';

/** A correction of a register or field; `null` takes away what the file says. */
export interface Correction {
  readonly access?: Access | FieldAccess;
  readonly readAction?: Behaviour['readAction'] | null;
  readonly modifiedWriteValues?: Behaviour['modifiedWriteValues'] | null;
  /** Registers only. */
  readonly resetValue?: number;
  /** Registers only: whether a checkpoint keeps it. */
  readonly save?: boolean | 'volatile';
}

/** Corrections by path (`UART*.UARTDR`, `PWM.CH*_CSR.PH_ADV`); `null` drops what it matches. Later ones win. */
export type Overlay = Readonly<Record<string, Correction | null>>;

const REGISTER_CLASSES = Object.keys(ACCESS);
const FIELD_CLASSES = [...REGISTER_CLASSES.filter((each) => each !== 'fifo'), 'self-clearing', 'volatile'];
const PATH = /^[\w*]+(\.[\w*]+){0,2}$/;

/** What may stand behind each key, in words, and a test of it. */
const KEYS: Readonly<Record<string, { readonly takes: string; readonly allows: (value: unknown) => boolean }>> = {
  access: oneOf([...new Set([...REGISTER_CLASSES, ...FIELD_CLASSES])]),
  readAction: oneOf([...READ_ACTIONS, null]),
  modifiedWriteValues: oneOf([...WRITE_EFFECTS, null]),
  resetValue: {
    takes: 'a whole number of 32 bits',
    allows: (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffffffff,
  },
  save: oneOf([true, false, 'volatile']),
};
const FIELD_KEYS = ['access', 'readAction', 'modifiedWriteValues'];

function oneOf(values: readonly unknown[]): { takes: string; allows: (value: unknown) => boolean } {
  return { takes: `one of ${values.map(String).join(', ')}`, allows: (value) => values.includes(value) };
}

/** Reads the JSON text of an overlay. Throws OverlayError where it is not one. */
export function readOverlay(text: string): Overlay {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new OverlayError(`The overlay is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (!isRecord(json)) throw new OverlayError('The overlay is not an object. Write {"UART0.UARTDR": {…}}.');
  for (const [path, correction] of Object.entries(json)) {
    if (!PATH.test(path))
      throw new OverlayError(`'${path}' is no path. Write PERIPHERAL.REGISTER.FIELD, with * for any characters.`);
    if (correction === null) continue;
    if (!isRecord(correction)) throw new OverlayError(`${path} takes an object of corrections, or null to drop it.`);
    checkCorrection(path, correction);
  }
  return json as Overlay;
}

function checkCorrection(path: string, correction: Readonly<Record<string, unknown>>): void {
  const depth = path.split('.').length;
  const known = depth === 3 ? FIELD_KEYS : depth === 2 ? Object.keys(KEYS) : [];
  if (depth === 1) throw new OverlayError(`${path} is a peripheral, which can only be dropped. Write null.`);
  for (const [key, value] of Object.entries(correction)) {
    if (!known.includes(key))
      throw new OverlayError(
        `${path} has the key ${key}. A ${depth === 3 ? 'field' : 'register'} takes ${known.join(', ')}.`,
      );
    const { takes, allows } = KEYS[key]!;
    if (!allows(value)) throw new OverlayError(`${path}: ${key} is ${JSON.stringify(value)}. It takes ${takes}.`);
    const classes = depth === 3 ? FIELD_CLASSES : REGISTER_CLASSES;
    if (key === 'access' && !classes.includes(value as string))
      throw new OverlayError(`${path}: access is ${JSON.stringify(value)}. It takes one of ${classes.join(', ')}.`);
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Applies the corrections in their order. Throws OverlayError for one that matches nothing. */
export const applyOverlay = (device: SvdDevice, overlay: Overlay): SvdDevice =>
  Object.entries(overlay).reduce((before, [path, correction]) => applyOne(before, path, correction), device);

function applyOne(device: SvdDevice, path: string, correction: Correction | null): SvdDevice {
  const [peripheral, register, field] = path.split('.').map(matcher);
  const reached = [false, false, false];
  const peripherals = change(device.peripherals, peripheral, reached, 0, (each): SvdPeripheral | null =>
    register
      ? {
          ...each,
          registers: change(each.registers, register, reached, 1, (one): SvdRegister | null =>
            field
              ? { ...one, fields: change(one.fields, field, reached, 2, (bits) => correctField(bits, correction)) }
              : correctRegister(one, correction),
          ),
        }
      : null,
  );
  const missing = reached.slice(0, path.split('.').length).indexOf(false);
  if (missing !== -1) {
    const kind = ['peripheral', 'register', 'field'][missing]!;
    throw new OverlayError(`${path} corrects nothing: no ${kind} has that name. Names are those of the SVD file.`);
  }
  return { ...device, peripherals };
}

function matcher(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
}

/** Changes what matches, drops it where `correct` says null, and notes that there was a match at this depth. */
function change<T extends { readonly name: string }>(
  all: readonly T[],
  pattern: RegExp | undefined,
  reached: boolean[],
  depth: number,
  correct: (each: T) => T | null,
): T[] {
  return all.flatMap((each) => {
    if (!pattern!.test(each.name)) return [each];
    reached[depth] = true;
    const corrected = correct(each);
    return corrected ? [corrected] : [];
  });
}

/** A correction of a register is one of all its fields. */
function correctRegister(register: SvdRegister, correction: Correction | null): SvdRegister | null {
  if (!correction) return null;
  const { access, readAction, modifiedWriteValues, resetValue, save } = correction;
  // Reading any field reads the register, so the action is the register's; but none at all is one of its fields too.
  const read: Correction = {
    ...(access && access !== 'fifo' ? { access } : {}),
    ...(readAction === null ? { readAction } : {}),
  };
  const written: Correction = modifiedWriteValues === undefined ? read : { ...read, modifiedWriteValues };
  return {
    ...correctBehaviour(register, correction),
    ...(access ? { corrected: access as Access } : {}),
    ...(resetValue === undefined ? {} : { resetValue: BigInt(resetValue) }),
    ...(save === undefined ? {} : { save }),
    fields: register.fields.map((each) => correctField(each, each.access === 'read-only' ? read : written)!),
  };
}

function correctField(field: SvdField, correction: Correction | null): SvdField | null {
  if (!correction) return null;
  const { access } = correction;
  return { ...correctBehaviour(field, correction), ...(access ? { corrected: access as FieldAccess } : {}) };
}

function correctBehaviour<T extends Behaviour>(each: T, { readAction, modifiedWriteValues }: Correction): T {
  const result: T & { readAction?: unknown; modifiedWriteValues?: unknown } = { ...each };
  if (readAction === null) delete result.readAction;
  else if (readAction) result.readAction = readAction;
  if (modifiedWriteValues === null) delete result.modifiedWriteValues;
  else if (modifiedWriteValues) result.modifiedWriteValues = modifiedWriteValues;
  return result;
}
