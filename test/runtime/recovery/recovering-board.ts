/** A board on the emulated Pico that is brought back when its link is lost. */
import { pico } from '../../../peripherals/rp2040/index.js';
import { open, type BoardState, type OpenOptions, type Transport } from '../../../runtime/index.js';
import { emulatedBoard, type EmulatedBoard } from '../../../transports/emulator/index.js';
import { webUsb } from '../../../transports/webusb.js';
import { image, type PicoBoard } from '../../emulated.js';
import { virtualEnvironment, type VirtualEnvironment } from '../../../transports/virtual-environment.js';

export interface RecoveringBench {
  readonly emulated: EmulatedBoard;
  readonly environment: VirtualEnvironment;
  readonly board: PicoBoard;
  /** Every state since the board was opened. */
  readonly states: BoardState[];
  dispose(): Promise<void>;
}

interface Options extends OpenOptions {
  /** Instead of waiting for the device. */
  readonly reopen?: (emulated: EmulatedBoard) => Promise<Transport>;
  readonly timeoutMs?: number;
  readonly through?: (transport: Transport) => Transport;
  readonly prepare?: (emulated: EmulatedBoard) => void;
}

export async function recoveringBoard(options: Options = {}): Promise<RecoveringBench> {
  const { reopen, timeoutMs, through = (transport) => transport, prepare, ...openOptions } = options;
  const environment = virtualEnvironment();
  const emulated = emulatedBoard({ image, environment });
  prepare?.(emulated);
  const transport = async () => webUsb(await emulated.plug(), environment);
  const board = await open(through(await transport()), pico, {
    ...openOptions,
    recovery: {
      reopen: () => (reopen ? reopen(emulated) : transport()),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    },
  });
  const states: BoardState[] = [];
  board.state.subscribe((state) => states.push(state));
  return {
    emulated,
    environment,
    board,
    states,
    async dispose() {
      await board.close();
      emulated.dispose();
    },
  };
}

/** Resolves when the board is in that state. */
export const inState = (board: PicoBoard, state: BoardState): Promise<void> =>
  new Promise((resolve) => {
    const subscription = board.state.subscribe((now) => {
      if (now !== state) return;
      resolve();
      queueMicrotask(() => subscription.unsubscribe());
    });
  });

/** The code of the first op of a request (docs/protocol.md). */
export const firstOp = (frame: Uint8Array): number => frame[10]!;

/** Resolves when what is on its way has been dealt with. */
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

const PATIENCE_MS = 30_000;
const STEP_MS = 10;

/** Lets time pass until the promise is settled, whichever way. */
export async function passUntil(
  promise: Promise<unknown>,
  { environment }: Pick<RecoveringBench, 'environment'>,
): Promise<void> {
  const state = { isSettled: false };
  const settle = (): void => void (state.isSettled = true);
  promise.then(settle, settle);
  for (let ms = 0; !state.isSettled; ms += STEP_MS) {
    if (ms > PATIENCE_MS) throw new Error('It is never settled.');
    for (let turn = 0; turn < 20 && !state.isSettled; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (!state.isSettled) environment.advance(STEP_MS);
  }
}
