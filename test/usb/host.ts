/** A host process that is there to come to a bad end: it makes calls, and says what became of each. */
import { FgftError } from '../../runtime/index.js';
import { picoFamily } from '../conformance/pico.js';
import { LINKS, type LinkName } from './links.js';

/** `count`: one call after the other. `hold`: one that stays in the middle. */
export type Work = 'count' | 'hold';

/** What the process says: that a call has begun, how many were committed, or what failed. */
export type Said =
  | { readonly holding: true }
  | { readonly committed: number }
  | { readonly failed: string; readonly message: string };

/** What it is told to do in the middle of a call. */
export type Told = { readonly exit: number } | { readonly throw: string } | { readonly goOn: true };

const say = (said: Said): Promise<void> => new Promise((resolve) => process.send!(said, () => resolve()));

process.once('disconnect', () => process.exit());
const end = new Promise<void>((goOn) => {
  process.on('message', (told: Told) => {
    if ('exit' in told) process.exit(told.exit);
    if ('throw' in told) throw new Error(told.throw);
    goOn();
  });
});
const [link, leaseMs, work] = process.argv.slice(2) as [LinkName, string, Work];
try {
  const { probe } = await picoFamily.open(await LINKS[link](), { leaseMs: Number(leaseMs) });
  if (work === 'hold') await probe.hold([70, 80], () => void say({ holding: true }), end);
  for (let committed = 1; ; committed++) {
    await probe.count();
    await say({ committed });
  }
} catch (error) {
  await say({ failed: error instanceof FgftError ? error.code : 'unknown', message: String(error) });
  process.exit();
}
