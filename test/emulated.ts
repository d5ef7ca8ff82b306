/** What the tests of the runtime run on: the project's firmware on an emulated Pico, over the WebUSB transport. */
import { readFileSync } from 'node:fs';
import { pico } from '../peripherals/rp2040/index.js';
import { open, type Board, type OpenOptions } from '../runtime/index.js';
import type { Environment } from '../transports/environment.js';
import { emulatedBoard, type EmulatedBoard } from '../transports/emulator/index.js';
import type { Transport } from '../transports/transport.js';
import { webUsb } from '../transports/webusb.js';
import { virtualEnvironment } from '../transports/virtual-environment.js';

export const image = readFileSync(new URL('../firmware/images/fgft-rp2040.bin', import.meta.url));

export type PicoBoard = Board<(typeof pico)['peripherals']>;

export interface Bench {
  readonly emulated: EmulatedBoard;
  readonly board: PicoBoard;
  /** Opens the board anew, as another session. */
  reopen(options?: OpenOptions): Promise<PicoBoard>;
  dispose(): Promise<void>;
}

/** Boots a board and opens it. `through` may put something between the runtime and the transport. */
export async function picoBoard(
  options: OpenOptions & { environment?: Environment; through?: (transport: Transport) => Transport } = {},
): Promise<Bench> {
  const { environment = virtualEnvironment(), through = (transport) => transport, ...openOptions } = options;
  const emulated = emulatedBoard({ image, environment });
  let device = await emulated.plug();
  const board = await open(through(webUsb(device, environment)), pico, openOptions);
  return {
    emulated,
    board,
    async reopen(again = openOptions) {
      device = emulated.device ?? (await emulated.plug());
      return open(webUsb(device, environment), pico, again);
    },
    async dispose() {
      await board.close();
      emulated.dispose();
    },
  };
}
