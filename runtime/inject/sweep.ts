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
  readonly peripherals: readonly CompiledPeripheral[];
  readonly before: Remains;
  readonly after: Remains;
}

/** What came of one kind of fault, put at each place in turn. */
export interface SweepRow {
  readonly fault: string;
  /** How many places there are: operations of the call, or frames. */
  readonly trials: number;
  /** Calls that failed, with everything as before, and how often by which detector. */
  readonly undone: number;
  readonly detectors: Readonly<Record<string, number>>;
  /** Calls that succeeded all the same: the link made up for the fault, or it came too late. */
  readonly done: number;
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
    const tally = { undone: 0, done: 0, detectors: {} as Record<string, number>, violations: [] as string[] };
    for (let n = 1; n <= trials; n++) {
      signal?.throwIfAborted();
      progress?.(fault, n, trials);
      const { detector, violation } = await trial(workload, image, plan, kind, n);
      if (violation) tally.violations.push(`${fault} ${n}: ${violation}`);
      else if (detector === undefined) tally.done++;
      else {
        tally.undone++;
        tally.detectors[detector] = (tally.detectors[detector] ?? 0) + 1;
      }
    }
    rows.push({ fault, trials, ...tally });
  }
  return rows;
}

const placesOf = ({ at }: FaultKind, { operations, requests, answers }: Plan): number =>
  ({ operation: operations, request: requests, answer: answers, board: requests, 'answered-board': answers })[at];

/** Counts what the call asks for, and notes what it changes. */
async function rehearse(workload: Workload, image: Uint8Array): Promise<Plan> {
  const rig = await startRig(workload, image);
  try {
    const counts = { operations: 0, requests: 0, answers: 0 };
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
  /** Undefined where the call succeeded. */
  readonly detector?: string;
  readonly violation?: string;
}

async function trial(workload: Workload, image: Uint8Array, plan: Plan, kind: FaultKind, n: number): Promise<Verdict> {
  const rig = await startRig(workload, image);
  try {
    put(rig, kind, n);
    const error = await rig.pass(workload.call(rig.driver)).then(
      () => undefined,
      (reason: unknown) => reason as EntryPointError,
    );
    calm(rig);
    const found = await remainsOf(workload, rig, plan.peripherals);
    const detector = error && (error.code ?? 'not an EntryPointError');
    const difference = error ? undoneDifference(error, plan, found) : differenceOf(plan.after, found);
    if (difference) return { violation: `${error ? `failed (${detector})` : 'succeeded'}, but ${difference}` };
    const again = await rig.pass(workload.call(rig.driver)).then(
      () => undefined,
      (reason: Error) => reason,
    );
    if (again) return { violation: `the next call failed: ${again.message}` };
    return detector === undefined ? {} : { detector };
  } catch (error) {
    return { violation: `the board was not usable afterwards: ${(error as Error).message}` };
  } finally {
    await rig.close();
  }
}

/** A commit whose answer was lost may have been made, and says so; never by half. */
function undoneDifference({ rollback }: EntryPointError, { before, after }: Plan, found: Remains): string | undefined {
  const difference = differenceOf(before, found);
  if (rollback?.outcome !== 'unknown') return difference;
  return difference && differenceOf({ ...after, state: before.state }, found);
}

function differenceOf(expected: Remains, found: Remains): string | undefined {
  for (const [index, { register, value }] of expected.registers.entries()) {
    const now = found.registers[index]!.value;
    if (now !== value) return `${register} is 0x${now.toString(16)} instead of 0x${value.toString(16)}`;
  }
  const [state, was] = [JSON.stringify(found.state), JSON.stringify(expected.state)];
  return state === was ? undefined : `the state is ${state} instead of ${was}`;
}

function put(rig: Rig, kind: FaultKind, n: number): void {
  if (kind.at === 'operation') {
    let operations = 0;
    rig.point.at = (op) => (++operations === n ? kind.replace(op) : op);
  } else if ('harm' in kind) {
    const harm = (): void => void Promise.resolve(kind.harm(rig.emulated)).catch(() => {});
    if (kind.at === 'board') rig.faults.send = harming(n, harm);
    else rig.faults.receive = harmingAnswered(n, harm);
  } else rig.faults[kind.at === 'request' ? 'send' : 'receive'] = onFrame(n, kind.fault);
}

/** From now on nothing fails. */
function calm({ faults, point }: Rig): void {
  point.at = (op) => op;
  delete faults.send;
  delete faults.receive;
}
