import { pico } from '../../peripherals/rp2040/index.js';
import { open } from '../../runtime/index.js';
import { picoBoard, type PicoBoard } from '../emulated.js';
import { Counter } from './counter.js';
import { instantController } from './instant-controller.js';
import { row, type Row } from './report.js';

const BOARDS = [1, 8, 64] as const;
const MOST = 64;
/** All boards together, in a round; what answers at once needs more of them to be measured. */
const CALLS = { emulated: 3200, instant: 32_000 };
const ROUNDS = 5;
/** A link lets the event loop turn; a controller that answers at once does not. */
const CALLS_A_TURN = 50;

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/**
 * Calls of entry points on 1, 8 and 64 boards in this process, all boards at work at once: processor time for a call, of
 * the runtime alone, on boards that answer at once, and with the emulators. Medians of interleaved rounds.
 */
export async function measureThroughput(): Promise<Row[]> {
  const instant = await Promise.all(Array.from({ length: MOST }, () => open(instantController(), pico)));
  const rows = await measure('instant', instant, 'host-ratio/64-boards-cpu-per-call-over-1');
  for (const board of instant) await board.close();
  const benches = [];
  for (let count = 0; count < MOST; count++) benches.push(await picoBoard());
  const boards = benches.map(({ board }) => board);
  rows.push(...(await measure('emulated', boards, 'host-ratio/64-emulated-boards-cpu-per-call-over-1')));
  for (const bench of benches) await bench.dispose();
  return rows;
}

async function measure(kind: keyof typeof CALLS, boards: readonly PicoBoard[], ratio: string): Promise<Row[]> {
  const drivers = boards.map((board) => new Counter(board));
  const spent = new Map<number, number[]>(BOARDS.map((count) => [count, []]));
  // The first round is the warm-up: every board has run, and everything is compiled.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const count of BOARDS) {
      const us = await cpuPerCall(drivers.slice(0, count), CALLS[kind]);
      if (round > 0) spent.get(count)!.push(us);
    }
  }
  const us = (count: number): number => median(spent.get(count)!);
  return [
    ...BOARDS.map((count) => row(`throughput/${count}-${kind}-boards`, 1_000_000 / us(count), 'calls a CPU second')),
    // At least 80 % of one board's efficiency: at most 1 / 0.8 of its time for a call.
    row(ratio, us(MOST) / us(1), 'ratio', 1.25),
  ];
}

async function cpuPerCall(drivers: readonly Counter[], calls: number): Promise<number> {
  const each = calls / drivers.length;
  const start = process.cpuUsage();
  await Promise.all(
    drivers.map(async (driver) => {
      // Small values: the instant controller looks for op codes at the end of a frame.
      for (let call = 0; call < each; call++) {
        await driver.protected(call % 8);
        if (call % CALLS_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    }),
  );
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}
