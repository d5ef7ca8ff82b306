/** Kills host processes in the middle of their calls; the board, at the other end of the cable, lives on. */
import type { ChildProcess } from 'node:child_process';
import { pico } from '../../peripherals/rp2040/index.js';
import { open } from '../../runtime/index.js';
import { emulatedBoard, type EmulatedBoard } from '../../transports/emulator/index.js';
import { systemEnvironment } from '../../transports/environment.js';
import { webUsb } from '../../transports/webusb.js';
import { image } from '../emulated.js';
import { describeDevice, lendDevice } from '../usb-over-ipc.js';
import type { Said, Start } from './host.js';
import { startHosts } from './hosts.js';
import { runTrials, type Outcome, type Watch } from './outcome.js';
import { randomOf, type Random } from './random.js';
import { witnessOf, type Witness } from './witness.js';
import { Mover, startBus } from './workload.js';

/** The lease that a host gets if it asks for no other one. */
const LEASE_MS = 1000;
/** A frame that is still on its way begins the lease anew when it arrives. */
const ON_ITS_WAY_MS = 100;
/** Frames that a session begins with: hello, the definitions of what the driver uses. */
const FIRST_FRAMES = 7;
/** How many calls a host may get through before it is killed, in frames. */
const FRAMES = 24;
const TURNS = 60;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The device, as a process sees it that is killed when it sends its n-th frame: right before it arrives, or behind. */
function deadly(device: USBDevice, child: ChildProcess, random: Random): USBDevice {
  let left = FIRST_FRAMES + random.below(FRAMES);
  const arrives = random.below(4) > 0;
  const turns = random.below(2) * random.below(TURNS);
  const kill = async (): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    child.kill('SIGKILL');
  };
  return new Proxy(device, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const result = (): unknown => Reflect.apply(value, target, args);
        if (name !== 'transferOut' || --left !== 0) return result();
        if (!arrives) {
          child.kill('SIGKILL');
          return new Promise(() => {});
        }
        void kill();
        return result();
      };
    },
  });
}

/** Runs a host until it is killed; resolves with the number of the last call that it said to be committed. */
async function runAndKill(
  device: USBDevice,
  child: ChildProcess,
  from: number,
  random: Random,
  letGo: () => Promise<void>,
): Promise<number> {
  let committed = from - 1;
  child.on('message', (said: Said) => {
    if (typeof said === 'object' && 'committed' in said) committed = said.committed;
  });
  lendDevice(deadly(device, child, random), child, letGo);
  // What the host said before it died may arrive after its death.
  const ended = Promise.all([
    new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal))),
    new Promise<void>((resolve) => child.once('disconnect', resolve)),
  ]);
  child.send({ device: describeDevice(device), from } satisfies Start);
  const [signal] = await ended;
  if (signal !== 'SIGKILL') throw new Error('A host ended by itself.');
  return committed;
}

/** How the board comes to know: it hears that the system lets go of what the process had open, or it waits for its lease. */
async function endTransaction(emulated: EmulatedBoard, isLetGo: boolean): Promise<void> {
  if (!isLetGo) {
    emulated.advance(LEASE_MS + ON_ITS_WAY_MS);
    await emulated.device!.close();
  }
  while (emulated.device!.opened) await nextTurn();
  const board = await open(webUsb(emulated.device!), pico);
  await board.close();
}

async function trial(
  emulated: EmulatedBoard,
  witness: Witness,
  child: ChildProcess,
  from: number,
  random: Random,
): Promise<number | string> {
  const device = emulated.device!;
  const isLetGo = random.below(2) === 0;
  const committed = await runAndKill(device, child, from, random, isLetGo ? () => device.close() : async () => {});
  await endTransaction(emulated, isLetGo);
  return witness.look(committed, committed + 1);
}

/** See docs/recovery.md. The moment of each kill is drawn from the seed; how far the other process is, is not. */
export async function sigkill(trials: number, watch: Watch): Promise<Outcome> {
  const random = randomOf('sigkill');
  const hosts = startHosts();
  const emulated = emulatedBoard({ image, environment: systemEnvironment });
  const witness = witnessOf(emulated);
  try {
    const board = await open(webUsb(await emulated.plug()), pico);
    await startBus(board);
    let last = 1;
    await new Mover(board).move(last);
    await board.close();
    return await runTrials('sigkill', trials, watch, async () => {
      const found = await trial(emulated, witness, await hosts.take(), last + 1, random);
      if (typeof found === 'number') {
        last = found;
        return undefined;
      }
      // The next trial begins with registers that are known.
      last++;
      const again = await open(webUsb(emulated.device!), pico);
      await new Mover(again).move(last);
      await again.close();
      return found;
    });
  } finally {
    emulated.dispose();
    hosts.close();
  }
}
