/** An emulated board in a process of its own, plugged into the kernel: it lives on when its users are killed. */
import { emulatedBoard } from '../../transports/emulator/index.js';
import { systemEnvironment } from '../../transports/environment.js';
import { image } from '../emulated.js';
import { plugIntoKernel } from './kernel-port.js';

/** What the parent asks for; each is answered with its result. */
export type Command = { readonly do: 'plug' | 'unplug' | 'reset' } | { readonly do: 'read'; readonly address: number };

process.once('disconnect', () => process.exit());
// A supply of its own: what an unplugged board rolls back can be looked at. A number of its own, the same for ever.
const board = emulatedBoard({ image, environment: systemEnvironment, power: 'kept', flashId: 0xf6f7n });
let unplug = (): void => {};

/**
 * Emulated time stands still while the board sleeps and the bus is idle; here its leases end when real time says so.
 * Where this process did not get to run, time has stood still for the board, too.
 */
const STEP_MS = 20;
const LONGEST_STEP_MS = 100;
const MS = 1e6;
let isThere = false;
let seen = { real: performance.now(), emulated: board.chip.nanos / MS };
setInterval(() => {
  const passed = Math.min(performance.now() - seen.real, LONGEST_STEP_MS);
  const behind = passed - (board.chip.nanos / MS - seen.emulated);
  if (isThere && behind > 0) board.advance(behind);
  seen = { real: performance.now(), emulated: board.chip.nanos / MS };
}, STEP_MS);

async function run(command: Command): Promise<number> {
  if (command.do === 'read') return board.read32(command.address);
  if (command.do === 'plug') {
    await board.plug();
    unplug = await plugIntoKernel(board);
    isThere = true;
  } else if (command.do === 'reset') {
    await board.busReset();
  } else {
    unplug();
    await board.unplug();
  }
  return 0;
}

/** One after the other. */
let last: Promise<unknown> = Promise.resolve();
process.on('message', (command: Command) => {
  last = last.then(async () => process.send!(await run(command)));
});
