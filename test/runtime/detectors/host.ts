/** Runs every fault on every level, each on a board of its own, and prints what came of it. A process of its own. */
import { attributeRejections, nodeContext } from '../../../runtime/context/node.js';
import { isolate } from '../../../runtime/isolation/index.js';
import { nodeThreads } from '../../../runtime/isolation/node.js';
import { setPolicies } from '../../../runtime/index.js';
import { startBuses } from '../../../peripherals/shelf.js';
import { faulty, flipped, type Faults } from '../../../transports/faulty.js';
import { compiled } from '../../compiled.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { virtualEnvironment } from '../../../transports/virtual-environment.js';
import { FAULTS, LEVELS, type Cell, type Fault, type Level } from './faults.js';
import { CHANGED, Prone } from './prone.js';

/** CHx_CC (RP2040 datasheet 4.5.3), past the firmware. */
const CC = (channel: number) => 0x40050000 + 0x14 * channel + 0x0c;
const BEFORE = 5;
const PATIENCE = 400;
const PAUSE_MS = 5;
const STEP_MS = 1000;

const threads = nodeThreads({ memoryMb: 32, entry: compiled('runtime/isolation/node-worker.ts') });
const module = compiled('test/runtime/detectors/prone.ts');
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function run(fault: Fault, level: Level): Promise<Cell> {
  const environment = virtualEnvironment();
  const faults: Faults = {};
  const bench = await picoBoard({
    environment,
    context: nodeContext,
    through: (transport) => faulty(transport, faults),
  });
  await startBuses(bench.board);
  const driver = new Prone(bench.board);
  const isolation = level === 'worker' ? isolate(driver, { module, threads }) : undefined;
  if (level === 'native') setPolicies(driver, { fail: 'native' });
  await driver.set(BEFORE);

  const held = hold(fault, bench);
  const call = start(fault, driver);
  for (let turns = 0; turns < PATIENCE && dutyOf(bench) !== CHANGED && !call.over; turns++) await pause(1);
  if (fault.event === 'frames are damaged') faults.receive = flipped(100);
  if (fault.event === 'the cable is pulled') await bench.emulated.unplug({ power: 'kept' });
  if (fault.event === 'another call waits for it') {
    held.goOn();
    await pause(1);
    bench.emulated.write32(CC(2), 1);
  }
  for (let steps = 0; steps < PATIENCE && !call.over; steps++) {
    await pause(PAUSE_MS);
    if (fault.event === 'time passes' || fault.event === 'frames are damaged') environment.advance(STEP_MS);
  }
  delete faults.receive;
  held.goOn();
  await held.done;
  const isLost = call.code === 'link-failure' || call.code === 'device-lost';
  if (isLost) await bench.board.close();
  const board = isLost ? await bench.reopen() : bench.board;
  const cell: Cell = {
    way: fault.way,
    event: fault.event ?? '',
    level,
    code: call.code,
    registers: dutyOf(bench) === BEFORE ? 'back' : 'changed',
    state: driver.duty === BEFORE && driver.kept === null ? 'back' : 'changed',
    next: await works(isLost ? new Prone(board) : driver),
  };
  isolation?.close();
  await bench.dispose();
  return cell;
}

/** Starts the call, and notes how it ends. */
function start(fault: Fault, driver: Prone): { over: boolean; code: string } {
  const call = { over: false, code: '' };
  const result = (() => {
    if (fault.way === 'is given an odd number') return driver.takesEven(3);
    if (fault.way === 'gives an odd number') return driver.givesEven(3);
    if (fault.way === 'calls its own driver from outside') return reenter(driver);
    return driver.fail(fault.way);
  })();
  result.then(
    () => Object.assign(call, { over: true, code: 'none' }),
    (error: { code?: string } | undefined) => Object.assign(call, { over: true, code: error?.code ?? 'an error' }),
  );
  return call;
}

/** The error of the inner call is the one that names the fault; the outer one fails with it. */
async function reenter(driver: Prone): Promise<void> {
  let refused: unknown;
  await driver
    .runs(() =>
      driver.set(8).catch((error: unknown) => {
        refused = error;
        throw error;
      }),
    )
    .catch(() => {});
  throw refused;
}

/** Another call that has the other slice, where the fault is about that. */
function hold(fault: Fault, { board }: Bench): { goOn: () => void; done: Promise<unknown> } {
  if (!fault.way.startsWith('wants what another call has')) return { goOn: () => {}, done: Promise.resolve() };
  let goOn!: () => void;
  const wait = new Promise<void>((resolve) => (goOn = resolve));
  const holder = new Prone(board);
  const call = fault.event === 'another call waits for it' ? holder.cross(wait) : holder.hold(wait);
  return { goOn, done: call.catch(() => {}) };
}

const dutyOf = ({ emulated }: Bench): number => emulated.read32(CC(0)) & 0xffff;

async function works(driver: Prone): Promise<Cell['next']> {
  return driver.set(6).then(
    (duty) => (duty === 6 && driver.duty === 6 ? 'works' : 'fails'),
    () => 'fails',
  );
}

attributeRejections();
const cells: Cell[] = [];
for (const fault of FAULTS) {
  for (const level of LEVELS) if (fault[level]) cells.push(await run(fault, level));
}
process.stdout.write(JSON.stringify(cells), () => process.exit(0));
