import { EntryPointError } from '../../runtime/index.js';
import { picoBoard, type Bench } from '../emulated.js';
import { CELLS, DRIVERS, ENDINGS, Member, type Plan } from '../runtime/crowd.js';
import type { Random } from '../torture/random.js';

/** What many calls leave behind. */
export interface SoakResult {
  readonly calls: number;
  readonly failed: number;
  /** Locks that nobody has given back, and timers beyond those that were left by the first calls. */
  readonly locks: number;
  readonly timers: number;
  /** How the live heap, buffers included, has grown from the first samples to the last ones, for each call between them. */
  readonly bytesPerCall: number;
}

export interface SoakOptions {
  readonly calls: number;
  readonly random: Random;
  /** Collects garbage and tells the bytes that live. */
  readonly live: () => number;
  readonly signal?: AbortSignal;
  readonly progress?: (calls: number) => void;
}

const SAMPLES = 20;
/** Samples at each end that are averaged. The first ones are left out: by then everything has been used once. */
const WARM_UP = 4;
const AVERAGED = 4;
/** Registers hold 16 bits. */
const VALUES = 0x10000;

/** Eight drivers on one board call at random and fail at random, so many times. */
export async function soak({ calls, random, live, signal, progress }: SoakOptions): Promise<SoakResult> {
  const bench = await picoBoard();
  try {
    const members = Array.from({ length: DRIVERS }, () => new Member(bench.board));
    const samples: number[] = [];
    const leftovers: Leftovers[] = [];
    let failed = 0;
    for (let sample = 0; sample < SAMPLES; sample++) {
      if (signal?.aborted) break;
      const each = Math.ceil(calls / SAMPLES / DRIVERS);
      const failures = members.map((member) => callMany(member, each, random));
      failed += (await Promise.all(failures)).reduce((sum, n) => sum + n, 0);
      for (const member of members) member.written = [];
      samples.push(live());
      leftovers.push(left(bench));
      progress?.(each * DRIVERS * (sample + 1));
    }
    return {
      calls: done(calls, samples.length),
      failed,
      locks: leftovers.at(-1)!.locks,
      timers: leftovers.at(-1)!.timers - leftovers[0]!.timers,
      bytesPerCall: growth(calls, samples),
    };
  } finally {
    await bench.dispose();
  }
}

async function callMany(member: Member, calls: number, random: Random): Promise<number> {
  let failed = 0;
  for (let call = 0; call < calls; call++) {
    try {
      await member.run(drawPlan(random), () => random.below(VALUES), []);
    } catch (error) {
      if (!(error instanceof EntryPointError)) throw error;
      failed++;
    }
  }
  return failed;
}

/** Half of the calls are meant to return. */
function drawPlan(random: Random): Plan {
  const steps = Array.from({ length: 1 + random.below(3) }, () => ({
    cell: random.below(CELLS),
    write: random.below(2) === 0,
    pauses: 0,
  }));
  const ending = ENDINGS[Math.max(0, random.below(2 * ENDINGS.length) - ENDINGS.length)]!;
  return { driver: 0, steps, ending };
}

type Leftovers = Pick<SoakResult, 'locks' | 'timers'>;

function left({ board, emulated }: Bench): Leftovers {
  const { timers } = emulated.environment as unknown as { timers: number };
  return { locks: board.locks.size, timers };
}

const done = (calls: number, samples: number): number => Math.ceil(calls / SAMPLES / DRIVERS) * DRIVERS * samples;

function growth(calls: number, samples: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const first = samples.slice(WARM_UP, WARM_UP + AVERAGED);
  const last = samples.slice(-AVERAGED);
  const between = (calls / SAMPLES) * (samples.length - AVERAGED - WARM_UP);
  return (mean(last) - mean(first)) / between;
}
