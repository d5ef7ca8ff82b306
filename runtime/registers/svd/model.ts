import type { Access, FieldAccess } from '../access.js';
import type { SvdPlace } from './error.js';
import type { Code } from './notation.js';

export const ACCESSES = ['read-only', 'write-only', 'read-write', 'writeOnce', 'read-writeOnce'] as const;
export const READ_ACTIONS = ['clear', 'set', 'modify', 'modifyExternal'] as const;
export const WRITE_EFFECTS = [
  'oneToClear',
  'oneToSet',
  'oneToToggle',
  'zeroToClear',
  'zeroToSet',
  'zeroToToggle',
  'clear',
  'set',
  'modify',
] as const;
export const USAGES = ['read', 'write', 'read-write'] as const;

/** What the file says about reading and writing a register or a field, with what it inherits. */
export interface Behaviour {
  readonly access: (typeof ACCESSES)[number];
  readonly readAction?: (typeof READ_ACTIONS)[number];
  readonly modifiedWriteValues?: (typeof WRITE_EFFECTS)[number];
  readonly writeConstraint?: WriteConstraint;
}

export type WriteConstraint =
  | { readonly kind: 'writeAsRead' | 'useEnumeratedValues' }
  | { readonly kind: 'range'; readonly minimum: number; readonly maximum: number };

/** A name for the codes of a field; without `code` it stands for all that have no other name. */
export interface SvdValue extends SvdPlace {
  readonly name: string;
  readonly usage: (typeof USAGES)[number];
  readonly code?: Code;
}

export interface SvdField extends SvdPlace, Behaviour {
  readonly name: string;
  readonly description: string;
  readonly bit: number;
  readonly width: number;
  readonly values: readonly SvdValue[];
  /** Set by an overlay: used instead of what the file says. */
  readonly corrected?: FieldAccess;
}

export interface SvdRegister extends SvdPlace, Behaviour {
  /** With the names and indices of the clusters around it. */
  readonly name: string;
  readonly description: string;
  /** On the bus; of the first one, if there are several. */
  readonly address: number;
  /** Bits. */
  readonly size: number;
  /** How many follow each other without a gap, for an array. */
  readonly count?: number;
  /** Another view of an address that is described elsewhere. */
  readonly alternate: boolean;
  readonly resetValue: bigint;
  readonly resetMask: bigint;
  readonly fields: readonly SvdField[];
  /** Set by an overlay: used instead of what the file says. */
  readonly corrected?: Access;
  /** Set by an overlay: whether a checkpoint keeps it; `volatile`: kept, but not compared. */
  readonly save?: boolean | 'volatile';
}

export interface SvdPeripheral extends SvdPlace {
  readonly name: string;
  readonly description: string;
  readonly registers: readonly SvdRegister[];
}

/** An SVD file with everything inherited, derived and repeated written out. */
export interface SvdDevice {
  readonly name: string;
  readonly version: string;
  readonly peripherals: readonly SvdPeripheral[];
}
