/** Registers as this page shows them: read without side effects, and decoded field by field. */
import { attach, type BoardSession, type PeripheralSpec, type RegisterSpec } from '../../runtime/index.js';

export interface WatchedRegister {
  /** `pwm1.CSR`, as in traces and errors. */
  readonly name: string;
  readonly label: string;
  readonly spec: RegisterSpec;
  /** Part of a checkpoint, and not changed by the hardware itself: a rollback must bring it back. */
  readonly isKept: boolean;
  read(): Promise<number>;
}

/** The values of registers, by name. */
export type Snapshot = ReadonlyMap<string, number>;

interface Readable {
  readBits(): Promise<number>;
}

/** Access classes whose reading changes something, or that cannot be read. */
const NOT_READ = new Set(['wo', 'fifo', 'rc', 'rs']);

/** The registers of a peripheral that can be looked at. */
export function watch(peripheral: PeripheralSpec, board: BoardSession): WatchedRegister[] {
  const handle = attach(peripheral, board) as unknown as Record<string, Readable & readonly Readable[]>;
  const kept = new Set(
    peripheral.save.flatMap((entry) => (typeof entry === 'string' ? [entry] : entry.volatile ? [] : [entry.register])),
  );
  return Object.entries<RegisterSpec>(peripheral.registers).flatMap(([register, spec]) => {
    if (NOT_READ.has(spec.access)) return [];
    const one = (label: string, readable: Readable): WatchedRegister => ({
      name: `${peripheral.name}.${label}`,
      label,
      spec,
      isKept: kept.has(register),
      read: () => readable.readBits(),
    });
    if (spec.count === undefined) return [one(register, handle[register]!)];
    return Array.from(handle[register]!, (each, index) => one(`${register}[${index}]`, each));
  });
}

export async function snapshot(registers: readonly WatchedRegister[]): Promise<Snapshot> {
  const values = await Promise.all(registers.map(async (each) => [each.name, await each.read()] as const));
  return new Map(values);
}

/** `0x0000001f`, as wide as the register. */
export const hex = (value: number, { width = 32 }: RegisterSpec): string =>
  `0x${value.toString(16).padStart(width / 4, '0')}`;

/** Fields as text: named values by name, flags as yes or no. */
export function fieldsOf({ fields = {} }: RegisterSpec, bits: number): (readonly [name: string, value: string])[] {
  return Object.entries(fields).map(([name, { bit, width, flag, values }]) => {
    const code = Math.floor(bits / 2 ** bit) % 2 ** width;
    const named = Object.entries(values ?? {}).find(([, each]) => each === code)?.[0];
    return [name, named ?? (flag ? (code === 1 ? 'yes' : 'no') : String(code))];
  });
}
