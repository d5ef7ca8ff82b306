import { FgftError } from '../errors.js';
import type { BoardSession } from '../board.js';
import { hex } from '../hex.js';
import { hasFeature } from '../link/hello.js';
import { missingFeature } from '../link/link-errors.js';
import { sameRegisters } from '../recovery/record.js';
import { compile, type CompiledPeripheral } from '../registers/compile.js';
import { SPEC, type AnyHandle } from '../registers/handles.js';

/**
 * - `leak`: a test has left registers otherwise than it found them; they are back.
 * - `not-restored`: they could not be brought back; the board is not to be used for further tests.
 * - `no-checkpoint`: a peripheral has no save sequence, or one with registers that only the journal protects.
 */
export type TestingErrorCode = 'leak' | 'not-restored' | 'no-checkpoint';

export class TestingError extends FgftError<TestingErrorCode> {}

/** The registers of peripherals between two tests. */
export interface Checkpoint {
  readonly board: BoardSession;
  readonly saved: ReadonlyMap<AnyHandle, Uint8Array>;
}

export async function takeCheckpoint(board: BoardSession, peripherals: Iterable<AnyHandle>): Promise<Checkpoint> {
  const saved = new Map<AnyHandle, Uint8Array>();
  for (const peripheral of peripherals) saved.set(peripheral, await snapshot(board, peripheral));
  return { board, saved };
}

/** Brings back what differs, with the peripherals' own restore sequences, verified by the controller. Resolves with what had differed. */
export async function restoreCheckpoint({ board, saved }: Checkpoint): Promise<readonly string[]> {
  const leaks: string[] = [];
  for (const [peripheral, record] of saved) {
    const compiled = compile(peripheral[SPEC]);
    const now = await snapshot(board, peripheral);
    if (sameRegisters(compiled, now, record)) continue;
    leaks.push(...differences(compiled, record, now));
    await restore(board, peripheral, record);
  }
  return leaks;
}

async function restore(board: BoardSession, peripheral: AnyHandle, record: Uint8Array): Promise<void> {
  const compiled = compile(peripheral[SPEC]);
  const number = board.numberOf(compiled);
  try {
    await board.ask({ op: 'restore', peripheral: number, saves: compiled.saves.length, record });
  } catch (cause) {
    throw new TestingError(
      'not-restored',
      `${compiled.name} could not be brought back to what it was before the test.`,
      {
        cause,
      },
    );
  }
  // So that recovery, too, brings this back, and not what the test had left.
  await board.adopt(peripheral);
}

async function snapshot(board: BoardSession, peripheral: AnyHandle): Promise<Uint8Array> {
  const compiled = compile(peripheral[SPEC]);
  const { name, saves, journaled } = compiled;
  if (saves.length === 0 || journaled.length > 0)
    throw new TestingError(
      'no-checkpoint',
      `${name} has no sequence that saves all of its registers, so it cannot be checkpointed between tests. Leave it out.`,
    );
  if (!hasFeature(board.hello, 'snapshots')) throw missingFeature('snapshots', `${name} was to be checkpointed`);
  return (await board.ask({ op: 'snapshot', peripheral: board.numberOf(compiled), saves: saves.length })) as Uint8Array;
}

function differences({ name, saves, steady }: CompiledPeripheral, before: Uint8Array, now: Uint8Array): string[] {
  const valueOf = (record: Uint8Array, index: number): number =>
    new DataView(record.buffer, record.byteOffset, record.length).getUint32(4 * index, true);
  return saves.flatMap((register, index) => {
    const [was, is] = [before, now].map((record) => (valueOf(record, index) & steady[index]!) >>> 0);
    return was === is ? [] : [`${name}.${register} is ${hex(is!)} instead of ${hex(was!)}`];
  });
}
