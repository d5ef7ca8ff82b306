/** A board on the emulated Pico that is brought back when its link is lost. */
import { pico } from '../../../peripherals/rp2040/index.js';
import { open, type BoardState, type OpenOptions, type Transport } from '../../../runtime/index.js';
import { emulatedBoard, type EmulatedBoard } from '../../../transports/emulator/index.js';
import { webUsb } from '../../../transports/webusb.js';
import { image, type PicoBoard } from '../../emulated.js';
import { virtualEnvironment, type VirtualEnvironment } from '../../virtual-environment.js';

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
