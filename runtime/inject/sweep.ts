import type { EntryPointError } from '../errors.js';
import type { CompiledPeripheral } from '../registers/compile.js';
import { onFrame } from '../../transports/faulty.js';
import { FAULTS, harming, harmingAnswered, type FaultKind } from './faults.js';
import { startRig, type RegisterValue, type Rig } from './rig.js';
import type { Workload } from './workload.js';

/** What a call has left, on the board and in the driver. */
interface Remains {
  readonly registers: readonly RegisterValue[];
  readonly state: unknown;
}

/** What a call without faults does. */
interface Plan {
  readonly operations: number;
  readonly requests: number;
  readonly answers: number;
  readonly starts: number;
  readonly bytes: number;
  readonly peripherals: readonly CompiledPeripheral[];
  readonly before: Remains;
  readonly after: Remains;
}

/** What came of one kind of fault, put at each place in turn. */
export interface SweepRow {
  readonly fault: string;
  /** How many places there are: operations of the call, frames, what chips get. */
  readonly trials: number;
  /** Calls that failed, with everything as before. */
  readonly undone: number;
  /** Calls that failed and say that nobody can tell whether they were made (outcome `unknown`): wholly, or not at all. */
  readonly unknown: number;
  /** Calls that succeeded all the same: the link made up for the fault, or it came too late. */
  readonly done: number;
  /** How often which detector failed the call. */
  readonly detectors: Readonly<Record<string, number>>;
  /** Calls that happened by half, or after which the next one did not work: each with a sentence. */
  readonly violations: readonly string[];
}

export interface SweepOptions {
  /** The firmware. */
  readonly image: Uint8Array;
  readonly signal?: AbortSignal;
  readonly progress?: (fault: string, trial: number, trials: number) => void;
}

/** Fails a call at each of its operations and frames, with every kind of fault, each time on a board of its own. */
export async function sweep(workload: Workload, { image, signal, progress }: SweepOptions): Promise<SweepRow[]> {
  const plan = await rehearse(workload, image);
  const rows: SweepRow[] = [];
  for (const [fault, kind] of Object.entries(FAULTS)) {
    const trials = placesOf(kind, plan);
    const tally = {
      undone: 0,
      unknown: 0,
      done: 0,
      detectors: {} as Record<string, number>,
      violations: [] as string[],
    };
    for (let n = 1; n <= trials; n++) {
      signal?.throwIfAborted();
      progress?.(fault, n, trials);
      const { detector, came, violation } = await trial(workload, image, plan, kind, n);
      if (violation) tally.violations.push(`${fault} ${n}: ${violation}`);
      else tally[came]++;
      if (detector !== undefined) tally.detectors[detector] = (tally.detectors[detector] ?? 0) + 1;
    }
    rows.push({ fault, trials, ...tally });
  }
  return rows;
}

function placesOf({ at }: FaultKind, { operations, requests, answers, starts, bytes }: Plan): number {
  const places = { operation: operations, request: requests, answer: answers, start: starts, byte: bytes };
  return at === 'board' ? requests : at === 'answered-board' ? answers : places[at];
}

/** Counts what the call asks for, and notes what it changes. */
async function rehearse(workload: Workload, image: Uint8Array): Promise<Plan> {
  const rig = await startRig(workload, image);
  try {
    const counts = { operations: 0, requests: 0, answers: 0, starts: 0, bytes: 0 };
    const touched = new Set<number>();
    const count = (what: 'requests' | 'answers') => (frame: Uint8Array) => {
      counts[what]++;
      return frame;
    };
    const trace = rig.board.trace.subscribe((event) => {
      if (event.type !== 'sent') return;
      for (const op of event.ops) if ('at' in op) touched.add(op.at.peripheral);
    });
    // Before the call, nobody knows yet what it will touch: a first one tells, and another board is asked.
    rig.point.at = (op) => {
      counts.operations++;
      return op;
    };
    rig.faults.send = count('requests');
    rig.faults.receive = count('answers');
    rig.taps.start = () => ++counts.starts > 0;
    rig.taps.byte = () => ++counts.bytes > 0;
    await rig.pass(workload.call(rig.driver));
    calm(rig);
    trace.unsubscribe();
    const peripherals = [...touched].flatMap((number) => rig.board.compiledOf(number) ?? []);
    const after = await remainsOf(workload, rig, peripherals);
    return { ...counts, peripherals, after, before: await freshRemains(workload, image, peripherals) };
  } finally {
    await rig.close();
  }
}

async function freshRemains(
  workload: Workload,
  image: Uint8Array,
  peripherals: readonly CompiledPeripheral[],
): Promise<Remains> {
  const rig = await startRig(workload, image);
  try {
    return await remainsOf(workload, rig, peripherals);
  } finally {
    await rig.close();
  }
}

async function remainsOf(workload: Workload, rig: Rig, peripherals: readonly CompiledPeripheral[]): Promise<Remains> {
  return { registers: await rig.registers(peripherals), state: structuredClone(workload.state(rig.driver)) };
}

interface Verdict {
  readonly came: 'undone' | 'unknown' | 'done';
  /** Undefined where the call succeeded. */
  readonly detector?: string | undefined;
  readonly violation?: string | undefined;
}

async function trial(workload: Workload, image: Uint8Array, plan: Plan, kind: FaultKind, n: number): Promise<Verdict> {
  const rig = await startRig(workload, image);
  const failure = (call: Promise<unknown>): Promise<EntryPointError | undefined> =>
    rig.pass(call).then(
      () => undefined,
      (reason: unknown) => reason as EntryPointError,
    );
  try {
    put(rig, kind, n);
    const error = await failure(workload.call(rig.driver));
    calm(rig);
    const found = await remainsOf(workload, rig, plan.peripherals);
    const verdict = error ? verdictOf(error, plan, found) : { came: 'done' as const, violation: undoneBy(plan, found) };
    if (verdict.violation) return verdict;
    const again = await failure(workload.call(rig.driver));
    return again ? { ...verdict, violation: `the next call failed: ${again.message}` } : verdict;
  } catch (error) {
    return { came: 'unknown', violation: `the board was not usable afterwards: ${(error as Error).message}` };
  } finally {
    await rig.close();
  }
}

function undoneBy({ after }: Plan, found: Remains): string | undefined {
  const difference = differenceOf(after, found);
  return difference && `succeeded, but ${difference}`;
}

/** Whether a commit was made that nobody answered for may be unknown; the call has failed, so the driver is as before. */
function verdictOf(error: EntryPointError, { before, after }: Plan, found: Remains): Verdict {
  const detector = error.code ?? 'not an EntryPointError';
  const came = error.rollback?.outcome === 'unknown' ? 'unknown' : 'undone';
  const difference = differenceOf(before, found);
  const made = came === 'unknown' && !differenceOf({ registers: after.registers, state: before.state }, found);
  return { came, detector, violation: difference && !made ? `failed (${detector}), but ${difference}` : undefined };
}

function differenceOf(expected: Remains, found: Remains): string | undefined {
  for (const [index, { register, value }] of expected.registers.entries()) {
    const now = found.registers[index]!.value;
    if (now !== value) return `${register} is 0x${now.toString(16)} instead of 0x${value.toString(16)}`;
  }
  const [state, was] = [JSON.stringify(found.state), JSON.stringify(expected.state)];
  return state === was ? undefined : `the state is ${state} instead of ${was}`;
}

function put({ emulated, faults, taps, point }: Rig, kind: FaultKind, n: number): void {
  let places = 0;
  if (kind.at === 'operation') point.at = (op) => (++places === n ? kind.replace(op) : op);
  else if ('hears' in kind) taps[kind.at] = (bus) => ++places !== n || kind.hears(emulated, bus);
  else if ('harm' in kind) {
    const harm = (): void => void kind.harm(emulated).catch(() => {});
    const times = kind.twice ? 2 : 1;
    if (kind.at === 'board') faults.send = harming(n, times, harm);
    else faults.receive = harmingAnswered(n, times, harm);
  } else faults[kind.at === 'request' ? 'send' : 'receive'] = onFrame(n, kind.fault);
}

/** From now on nothing fails. */
function calm({ faults, taps, point }: Rig): void {
  point.at = (op) => op;
  for (const each of ['send', 'receive'] as const) delete faults[each];
  for (const each of ['start', 'byte'] as const) delete taps[each];
}
