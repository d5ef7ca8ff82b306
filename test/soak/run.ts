/** `npm run soak`: many calls of many drivers on one board, and what they leave behind in memory. */
import { parseArgs } from 'node:util';
import { printTable, row } from '../bench/report.js';
import { randomOf, SEED } from '../torture/random.js';
import { soak } from './soak.js';

const USAGE = `Usage: npm run soak -- [--json] [--quick]

Eight drivers on one emulated board call at random and fail at random, 100,000 times: no lock may be left, and memory
must not grow.

  --json    print an array of {name, value, unit, target, ok}
  --quick   a tenth of the calls; memory then moves too much for the target, which is not applied
  --help    print this

FGFT_SEED=n draws other calls. Exits with 1 when a target is missed.`;

const CALLS = 100_000;
/** An object that every call left behind would be larger than this. */
const FLAT_BYTES = 16;

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, help: { type: 'boolean' } },
});

function live(): number {
  // Twice: what finalizers have let go is collected the second time.
  globalThis.gc!();
  globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function main(): Promise<void> {
  const interrupted = new AbortController();
  process.on('SIGINT', () => interrupted.abort());
  const wanted = values.quick ? CALLS / 10 : CALLS;
  const progress = (calls: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${calls < wanted ? `${calls}/${wanted} calls` : ''}`);
  };
  const start = process.cpuUsage();
  const result = await soak({ calls: wanted, random: randomOf('soak'), live, signal: interrupted.signal, progress });
  const { user, system } = process.cpuUsage(start);
  if (interrupted.signal.aborted) {
    process.exitCode = 130;
    return;
  }
  const rows = [
    row('soak/calls', result.calls, 'calls'),
    row('soak/failed', result.failed, 'calls'),
    row('soak/locks-left', result.locks, 'locks', 0),
    row('soak/timers-left', result.timers, 'timers', 0),
    row('soak/growth', result.bytesPerCall, 'B a call', values.quick ? null : FLAT_BYTES),
    row('soak/cpu', (user + system) / result.calls, 'us a call'),
  ];
  if (values.json) console.log(JSON.stringify(rows, undefined, 2));
  else printTable(rows);
  const missed = rows.some(({ ok }) => !ok);
  if (missed) console.error(`FGFT_SEED=${SEED} repeats the calls.`);
  process.exitCode = missed ? 1 : 0;
}

if (values.help) console.log(USAGE);
else await main();
