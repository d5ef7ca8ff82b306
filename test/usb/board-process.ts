/** An emulated board in a process of its own, plugged into the kernel: it lives on when its users are killed. */
import { emulatedBoard, inRealTime, type PowerWhenUnplugged } from '../../transports/emulator/index.js';
import { systemEnvironment } from '../../transports/environment.js';
import { image } from '../emulated.js';
import { plugIntoKernel } from './kernel-port.js';

/** What the parent asks for; each is answered with its result. */
export type Command =
  | { readonly do: 'plug' }
  | { readonly do: 'unplug'; readonly power: PowerWhenUnplugged }
  | { readonly do: 'read'; readonly address: number };

process.once('disconnect', () => process.exit());
// A supply of its own: what an unplugged board rolls back can be looked at. A number of its own, the same for ever.
const board = emulatedBoard({ image, environment: systemEnvironment, power: 'kept', flashId: 0xf6f7n });
let unplug = (): void => {};

/** Emulated time stands still while the board sleeps; here leases end when real time says so. */
let isRunning = false;

async function run(command: Command): Promise<number> {
  if (command.do === 'read') return board.read32(command.address);
  if (command.do === 'plug') {
    await board.plug();
    if (!isRunning) inRealTime(board);
    isRunning = true;
    unplug = await plugIntoKernel(board);
  } else {
    unplug();
    await board.unplug(command);
  }
  return 0;
}

/** One after the other. */
let last: Promise<unknown> = Promise.resolve();
process.on('message', (command: Command) => {
  last = last.then(async () => process.send!(await run(command)));
});
