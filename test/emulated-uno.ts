/** What the tests of the Uno run on: the project's firmware on an emulated Uno, over its serial port. */
import { readFileSync } from 'node:fs';
import { uno } from '../peripherals/atmega328p/index.js';
import { open, type Board, type OpenOptions } from '../runtime/index.js';
import { emulatedUno, type EmulatedUno } from '../transports/emulator/index.js';
import { serialLink } from '../transports/serial/index.js';
import type { Transport } from '../transports/transport.js';
import { virtualEnvironment } from '../transports/virtual-environment.js';

const imageOf = (name: string): Buffer => readFileSync(new URL(`../firmware/images/${name}.bin`, import.meta.url));

/** The firmware of 8 KB, and the one that leaves nothing out. */
export const unoImage = imageOf('fgft-atmega328p');
export const fullUnoImage = imageOf('fgft-atmega328p-full');

export type UnoBoard = Board<(typeof uno)['peripherals']>;

export interface UnoBench {
  readonly emulated: EmulatedUno;
  readonly board: UnoBoard;
  /** Opens the board anew, as another session: a controller of this size keeps a few definitions, and no more. */
  reopen(options?: OpenOptions): Promise<UnoBoard>;
  dispose(): Promise<void>;
}

/** Boots a board and opens it. */
export async function unoBoard(
  options: OpenOptions = {},
  environment = virtualEnvironment(),
  image: Uint8Array = unoImage,
): Promise<UnoBench> {
  const emulated = emulatedUno({ image, environment, resetOnOpen: false });
  emulated.plug();
  const link = (): Transport =>
    serialLink('the emulated Uno', (listener) => emulated.serialPort(listener), environment);
  let board = await open(link(), uno, options);
  return {
    emulated,
    get board() {
      return board;
    },
    async reopen(again = options) {
      await board.close();
      return (board = await open(link(), uno, again));
    },
    async dispose() {
      await board.close();
      emulated.dispose();
    },
  };
}
