import type { BoardSession } from '../board.js';
import { ControllerError } from '../errors.js';
import type { Scope } from '../scope.js';
import { Transaction } from '../transaction.js';
import { accessClass } from './access.js';
import { encodeCommand, sendingOf } from './command-spec.js';
import { compile, type CompiledCommand, type CompiledPeripheral, type CompiledRegister } from './compile.js';
import { savableBits, type PeripheralSpec, type RegisterSpec } from './definition.js';
import { attach } from './handles.js';
import { isSpec, type PeripheralTree } from './tree.js';

/**
 * What protects a peripheral: its own save and restore sequence, the journal where any of its registers has nothing
 * better, or nothing.
 */
export type ProtectionMethod = 'sequence' | 'journal' | 'none';

/** One line of the survey that the paper made of drivers, made of definitions. */
export interface SurveyRow {
  readonly peripheral: string;
  readonly registers: number;
  /** Registers, and settings of commands, that a checkpoint or the journal keeps. */
  readonly saved: number;
  readonly method: ProtectionMethod;
  /** What the definition takes when it is written down with one register, field, entry or step on a line. */
  readonly lines: number;
  /** What a rollback cannot undo. */
  readonly irrevocable: readonly string[];
  /** Whether a rollback on a board has brought every saved register back; null where there is nothing to bring back. */
  readonly verified: boolean | null;
}

/** Every definition in a tree, in order. */
export const everySpec = (tree: PeripheralTree): PeripheralSpec[] =>
  isSpec(tree) ? [tree] : Object.values<PeripheralTree>(tree).flatMap(everySpec);

/** What a definition says of itself. */
export function surveyOf(spec: PeripheralSpec): Omit<SurveyRow, 'verified'> {
  const registers = Object.entries<RegisterSpec>(spec.registers);
  const acting = [
    ...registers.filter(([, { access }]) => accessClass(access).irrevocable),
    ...Object.entries(spec.commands ?? {}).filter(([, command]) => sendingOf(command).irrevocable),
  ];
  const { saves, journaled } = compile(spec);
  return {
    peripheral: spec.name,
    registers: registers.reduce((sum, [, { count = 1 }]) => sum + count, 0),
    saved: new Set(saves).size + journaled.length,
    method: journaled.length > 0 ? 'journal' : saves.length > 0 ? 'sequence' : 'none',
    lines: linesOf(spec),
    irrevocable: [...(spec.irrevocable ?? []), ...acting.map(([name]) => `what goes through ${name}`)],
  };
}

/**
 * The size of a definition as data, whatever its source looks like, which is often made by a function and shared: a line
 * for what it is, and one for each register, field, command, entry of the save list, step and irrevocable thing.
 */
function linesOf({ registers, commands = {}, save, restore = [], irrevocable = [] }: PeripheralSpec): number {
  const fields = Object.values(registers).map(({ fields: each = {} }) => Object.keys(each).length);
  const parts = [registers, commands, save, restore, irrevocable].map((part) => Object.keys(part).length);
  return [1, ...parts, ...fields].reduce((sum, each) => sum + each);
}

/**
 * Changes a bit of every saved register, and sends what sets every setting, in a transaction, rolls it back, and tells
 * whether the controller found every register as it was and the digest is the same. A definition that the controller
 * refuses does not work either. Changes nothing for good, unless the restore does not work.
 */
export async function verifyRestore(board: BoardSession, spec: PeripheralSpec): Promise<boolean> {
  const handle = attach(spec, board);
  try {
    const before = await board.digest(handle);
    const transaction = new Transaction(board, `survey of ${spec.name}`);
    await transaction.enter([]);
    const failure = await changeEverything(transaction.scope, compile(spec)).catch((error: unknown) => error);
    const { outcome } = await transaction.rollback(failure ?? new Error('The survey undoes what it has tried.'));
    return failure === undefined && outcome === 'restored' && (await board.digest(handle)) === before;
  } catch (error) {
    if (error instanceof ControllerError) return false;
    throw error;
  }
}

async function changeEverything(scope: Scope, peripheral: CompiledPeripheral): Promise<void> {
  const number = scope.numberOf(peripheral);
  const kept = new Set([...peripheral.saves, ...peripheral.journaled]);
  for (const place of [...peripheral.registers.values()].flat())
    if (kept.has(place.name)) await flipLowestBit(scope, number, place);
  for (const command of peripheral.commands.values()) await sendAsAfterPowerOn(scope, peripheral, command);
  // What is asked is answered after everything before it has run: the last change has reached the hardware, too.
  await scope.ask({ op: 'digest', peripheral: number });
}

async function flipLowestBit(scope: Scope, number: number, { spec, at, owned }: CompiledRegister): Promise<void> {
  const place = { peripheral: number, ...at };
  const bits = savableBits(spec);
  const lowest = (bits & -bits) >>> 0;
  if (spec.access === 'wo') return scope.post({ op: 'masked', at: place, mask: owned, value: lowest });
  const present = (await scope.ask({ op: 'read', at: place })) as number;
  return scope.post({ op: 'masked', at: place, mask: lowest, value: (~present & lowest) >>> 0 });
}

/** How long a chip may take to be ready for its next message; 1 ms is the longest on the shelf (SHT3x section 4). */
const PAUSE_US = 2000;

/** Of messages that take values the one that is known to be good is sent, and of others all. */
async function sendAsAfterPowerOn(
  scope: Scope,
  peripheral: CompiledPeripheral,
  { name, spec, at }: CompiledCommand,
): Promise<void> {
  const values = spec.initial ?? (spec.bytes.every((byte) => typeof byte === 'number') ? [] : undefined);
  if (!spec.sets || !values) return;
  const bytes = encodeCommand(`${peripheral.name}.${name}`, spec, values);
  const place = { peripheral: scope.numberOf(peripheral), ...at };
  await scope.post({ op: 'transfer', at: place, bytes, count: 0 });
  await scope.delay(PAUSE_US);
}
