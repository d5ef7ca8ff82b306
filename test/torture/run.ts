/** `npm run torture`: kills, pulls, resets and corrupts, and looks whether a call ever happens by half. */
import { parseArgs } from 'node:util';
import { controllerReset, linkCorruption, unplug } from './link-losses.js';
import type { Outcome, Torture } from './outcome.js';
import { SEED } from './random.js';
import { sigkill } from './sigkill.js';

const USAGE = `Usage: npm run torture -- [--json] [--quick]

Ends host processes, cables, controllers and frames at random moments inside of transactions, on emulated boards, and
looks past the firmware whether every peripheral is as before or as after the call.

  --json    print an array of {name, trials, violations}
  --quick   a tenth of the trials
  --help    print this

FGFT_SEED=n draws other moments. Exits with 1 when a call has happened by half.`;

const TRIALS = 500;
const TORTURES: Readonly<Record<string, Torture>> = {
  sigkill,
  unplug,
  'controller-reset': controllerReset,
  'link-corruption': linkCorruption,
};

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, help: { type: 'boolean' } },
});

async function main(): Promise<void> {
  const interrupted = new AbortController();
  // The trial that is running ends by itself; then everything is cleaned up on the usual way.
  process.on('SIGINT', () => interrupted.abort());
  const trials = values.quick ? TRIALS / 10 : TRIALS;
  const progress = (text: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  };
  const outcomes: Outcome[] = [];
  for (const [name, torture] of Object.entries(TORTURES)) {
    if (interrupted.signal.aborted) break;
    const outcome = await torture(trials, {
      signal: interrupted.signal,
      trial: (done) => progress(`${name} ${done}/${trials}`),
      violation(what) {
        progress('');
        console.error(what);
      },
    });
    progress('');
    outcomes.push(outcome);
    if (!values.json) console.log(`${name.padEnd(18)}${outcome.trials} trials, ${outcome.violations} violations`);
  }
  if (values.json) console.log(JSON.stringify(outcomes, undefined, 2));
  const violations = outcomes.reduce((sum, each) => sum + each.violations, 0);
  if (violations > 0) console.error(`FGFT_SEED=${SEED} repeats the moments.`);
  if (interrupted.signal.aborted) process.exitCode = 130;
  else process.exitCode = violations > 0 ? 1 : 0;
}

if (values.help) console.log(USAGE);
else await main();
