/** Runs in Chromium: the drivers of the isolation tests in real Web Workers, over the firmware on an emulated board. */
import { filter, firstValueFrom } from 'rxjs';
import { pico } from '../../peripherals/rp2040/index.js';
import { EntryPointError, isolate, open, systemEnvironment, type Board } from '../../runtime/index.js';
import { webThreads } from '../../runtime/isolation/web.js';
import { emulatedBoard } from '../../transports/emulator/index.js';
import { webUsb } from '../../transports/webusb.js';
import { Careless, Slice, wakeLeftovers, type WAYS } from '../runtime/isolation/drivers.js';

/** What became of a call, as data. */
export interface Outcome {
  readonly code: string;
  readonly message: string;
  readonly rollback: string;
}

export interface IsolationPage {
  set(duty: number): Promise<Outcome>;
  fail(how: keyof typeof WAYS): Promise<Outcome>;
  /** Writes 3, leaves a write of 66 behind, and waits until that has come. */
  leaveWrite(): Promise<Outcome & { readonly compare: number }>;
  /** The register and the state that the calls change. */
  now(): Promise<{ readonly compare: number; readonly duty: number; readonly log: readonly string[] }>;
  /** Whether a worker has reached the objects of the page. */
  polluted(): boolean;
  /** Ends the workers: calls run inline from then on. */
  close(): void;
  readonly workersStarted: number;
}

declare global {
  var isolationPage: IsolationPage;
}

const image = new Uint8Array(await (await fetch('firmware.bin')).arrayBuffer());
const emulated = emulatedBoard({ image, environment: systemEnvironment });
const board: Board<(typeof pico)['peripherals']> = await open(webUsb(await emulated.plug()), pico);

let workersStarted = 0;
const threads = webThreads({
  start() {
    workersStarted += 1;
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  },
});
const module = new URL('./drivers.js', import.meta.url);
const slice = new Slice(board);
const careless = new Careless(board, 1);
const isolations = [isolate(slice, { module, threads }), isolate(careless, { module, threads })];

const outcomeOf = (call: Promise<unknown>): Promise<Outcome> =>
  call.then(
    (result) => ({ code: 'done', message: JSON.stringify(result), rollback: '' }),
    (error: unknown) => {
      if (!(error instanceof EntryPointError)) throw error;
      return { code: error.code, message: error.message, rollback: error.rollback.outcome };
    },
  );

globalThis.isolationPage = {
  set: (duty) => outcomeOf(slice.set(duty)),
  fail: (how) => outcomeOf(slice.fail(how)),
  async leaveWrite() {
    const stray = firstValueFrom(board.trace.pipe(filter(({ type }) => type === 'stray')));
    const outcome = await outcomeOf(careless.leaveWrite());
    wakeLeftovers();
    await stray;
    return { ...outcome, compare: (await careless.slice.CC.read()).A };
  },
  now: async () => ({ compare: (await slice.slice.CC.read()).A, duty: slice.duty, log: [...slice.log] }),
  polluted: () => 'polluted' in {} || Array.prototype.push.name !== 'push',
  close: () => {
    for (const isolation of isolations) isolation.close();
  },
  get workersStarted() {
    return workersStarted;
  },
};
