/** Unplugs and resets at random moments inside calls, on a board that is brought back each time. */
import { filter, firstValueFrom } from 'rxjs';
import { pico } from '../../peripherals/rp2040/index.js';
import { EntryPointError, open } from '../../runtime/index.js';
import { emulatedBoard, type EmulatedBoard } from '../../transports/emulator/index.js';
import { faulty, type Faults } from '../../transports/faulty.js';
import { webUsb } from '../../transports/webusb.js';
import { image } from '../emulated.js';
import { passUntilSettled, virtualEnvironment, type VirtualEnvironment } from '../../transports/virtual-environment.js';
import { runTrials, type Outcome, type Torture, type Watch } from './outcome.js';
import { randomOf, type Random } from './random.js';
import { witnessOf, type Witness } from './witness.js';
import { Mover, startBus } from './workload.js';

interface Rig {
  readonly emulated: EmulatedBoard;
  readonly environment: VirtualEnvironment;
  readonly witness: Witness;
  readonly mover: Mover;
  readonly faults: Faults;
  /** Turns of the event loop that a call takes. */
  readonly turns: number;
  close(): Promise<void>;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function startRig(): Promise<Rig> {
  const environment = virtualEnvironment();
  const emulated = emulatedBoard({ image, environment });
  const witness = witnessOf(emulated);
  const faults: Faults = {};
  const transport = async () => faulty(webUsb(await emulated.plug(), environment), faults);
  const board = await open(await transport(), pico, { recovery: { reopen: transport } });
  await startBus(board);
  const mover = new Mover(board);
  await mover.move(1);
  const turns = await passUntilSettled(mover.move(2), environment);
  return {
    emulated,
    environment,
    witness,
    mover,
    faults,
    turns,
    async close() {
      await board.close();
      emulated.dispose();
    },
  };
}

/** Does harm in the middle of a call, or right before or behind it. */
type Harm = (rig: Rig, random: Random) => Promise<void> | void;

/**
 * One call with harm in it. It is a violation where the registers are not as before or after the call, where they are not
 * as the caller was told, or where the next call does not work.
 */
async function trial(rig: Rig, n: number, random: Random, harm: Harm): Promise<string | undefined> {
  const { mover, witness, environment, faults } = rig;
  try {
    const wrong = await callWithHarm(rig, n, random, harm);
    if (wrong !== undefined) return wrong;
  } finally {
    delete faults.send;
    delete faults.receive;
  }
  const next = mover.move(n + 1);
  await passUntilSettled(next, environment);
  await next;
  const later = witness.look(n + 1);
  return typeof later === 'string' ? `the next call: ${later}` : undefined;
}

async function callWithHarm(rig: Rig, n: number, random: Random, harm: Harm): Promise<string | undefined> {
  const { mover, witness, environment, turns } = rig;
  const before = mover.moved;
  let told: number | undefined = n;
  const call = mover.move(n).catch((error: unknown) => {
    if (!(error instanceof EntryPointError)) throw error;
    told = error.rollback.outcome === 'unknown' ? undefined : before;
    if (error.rollback.outcome === 'mismatch') throw error;
  });
  for (let left = random.below(turns); left > 0; left--) await nextTurn();
  await harm(rig, random);
  await passUntilSettled(call, environment);
  await call;
  // A reset that came right behind the call is brought back from, too.
  const ready = firstValueFrom(mover.board.state.pipe(filter((now) => now !== 'recovering')));
  await passUntilSettled(ready, environment);
  if ((await ready) !== 'ready') return `the board is ${await ready}`;
  const found = witness.look(before, n);
  if (typeof found === 'string') return found;
  if (told !== undefined && told !== found) return `the caller was told ${told}, the registers say ${found}`;
  if (told === undefined) return `the caller was told nothing, with a way back to the board`;
  return mover.moved === found ? undefined : `the driver's state says ${mover.moved}, the registers ${found}`;
}

export const tortureBy =
  (name: string, harm: Harm): Torture =>
  async (trials: number, watch: Watch): Promise<Outcome> => {
    const random = randomOf(name);
    const board = await startRig();
    try {
      return await runTrials(name, trials, watch, async (index) => {
        try {
          return await trial(board, 3 + 2 * index, random, harm);
        } catch (error) {
          return `an error that should not be: ${String(error)}`;
        }
      });
    } finally {
      await board.close();
    }
  };

/** The cable is pulled; half of the boards have a supply of their own. */
export const unplug = tortureBy('unplug', ({ emulated }, random) =>
  emulated.unplug({ power: random.below(2) === 0 ? 'kept' : 'lost' }),
);

/** The RUN pin is pulled low, or the power fails for a moment. The chip behind the bus goes on. */
export const controllerReset = tortureBy('controller-reset', async ({ emulated }, random) => {
  if (random.below(2) === 0) await emulated.pressReset();
  else await emulated.powerCycle();
});

/** From here on frames are flipped, cut or lost: now and then, or so many in a row that the link gives up. */
export const linkCorruption = tortureBy('link-corruption', ({ faults }, random) => {
  const oneIn = 1 + random.below(4);
  let left = 1 + random.below(12);
  const fault = (frame: Uint8Array): Uint8Array | undefined => {
    if (left === 0 || random.below(oneIn) !== 0) return frame;
    left--;
    switch (random.below(3)) {
      case 0:
        return undefined;
      case 1:
        return frame.slice(0, random.below(frame.length));
      default: {
        const damaged = frame.slice();
        damaged[random.below(frame.length)]! ^= 1 << random.below(8);
        return damaged;
      }
    }
  };
  if (random.below(2) === 0) faults.send = fault;
  if (random.below(2) === 0 || !faults.send) faults.receive = fault;
});
