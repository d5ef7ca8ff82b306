import type { Transport } from '../transports/transport.js';
import { BoardSession, type OpenOptions } from './board.js';
import { Link } from './link/link.js';
import type { BoardName } from './link/protocol.js';
import { attachTree, type Handles, type PeripheralTree } from './registers/tree.js';

/** A board as data: which controller it has, and its peripherals by name. */
export interface BoardSpec<T extends PeripheralTree = PeripheralTree> {
  readonly board: BoardName;
  readonly name: string;
  readonly peripherals: T;
}

/** Declares a board; its type keeps every register and field. */
export const defineBoard = <const T extends PeripheralTree>(spec: BoardSpec<T>): BoardSpec<T> => spec;

/** An open board: its peripherals by name, and the session on it. */
export type Board<T extends PeripheralTree = PeripheralTree> = BoardSession & Handles<T>;

/**
 * Opens a board. Whatever an earlier session left open on it is rolled back first; `hello.previous` says what that was.
 * Rejects with a LinkError or TransportError; then nothing was changed.
 */
export async function open<const T extends PeripheralTree>(
  transport: Transport,
  spec: BoardSpec<T>,
  options: OpenOptions = {},
): Promise<Board<T>> {
  const link = await Link.open(transport, spec.board, options);
  const session = new BoardSession(link, transport, spec.board, options);
  const handles = attachTree(spec.peripherals, session);
  return Object.defineProperties(session, Object.getOwnPropertyDescriptors(handles)) as Board<T>;
}
