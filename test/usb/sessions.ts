/** Sessions on a board behind Linux, and what its registers hold, past the firmware. */
import type { OpenOptions } from '../../runtime/index.js';
import type { Session } from '../conformance/path.js';
import { picoFamily } from '../conformance/pico.js';
import type { Pair } from '../conformance/probe.js';
import type { KernelBoard } from './kernel-board.js';
import { LINKS, type LinkName } from './links.js';

/** In ms: so short that a test of it does not take long, so long that a loaded machine keeps it. */
export const LEASE_MS = 500;
/** RP2040 datasheet 4.5.3: CC of PWM slices 5 and 6, of which the conformance suite's driver has output A. */
const COMPARE = [0x40050070, 0x40050084] as const;
const OUTPUT_A = 0xffff;

export const registersOf = async (board: KernelBoard): Promise<Pair> => [
  (await board.read(COMPARE[0])) & OUTPUT_A,
  (await board.read(COMPARE[1])) & OUTPUT_A,
];

/** Opens a session, and closes it whatever happens. */
export async function inSession<R>(
  link: LinkName,
  work: (session: Session) => Promise<R>,
  options: OpenOptions = { leaseMs: LEASE_MS },
): Promise<R> {
  const session = await picoFamily.open(await LINKS[link](), options);
  try {
    return await work(session);
  } finally {
    await session.board.close();
  }
}

export interface HeldCall {
  /** Lets the call go on to its end. */
  goOn(): void;
  /** How it has failed; undefined if it has not. */
  readonly failure: Promise<unknown>;
}

/** Begins a call that has changed both registers, and stays there. */
export async function holdCall({ probe }: Session, values: Pair): Promise<HeldCall> {
  let goOn = (): void => {};
  const end = new Promise<void>((resolve) => (goOn = resolve));
  let failure: Promise<unknown> | undefined;
  await new Promise<void>((changed, fail) => {
    failure = probe.hold(values, changed, end).catch((error: unknown) => error);
    failure.then(fail, fail);
  });
  return { goOn, failure: failure! };
}
