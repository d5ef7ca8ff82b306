/** A host process that is there to be killed or stopped: it makes one call after another, and says what became of each. */
import { EntryPointError } from '../../runtime/index.js';
import { picoFamily } from '../conformance/pico.js';
import { LINKS, type LinkName } from './links.js';

/** What the process says: that a call has begun, how many were committed, or what failed. */
export type Said = { readonly holding: true } | { readonly committed: number } | { readonly failed: string };

const say = (said: Said): Promise<void> => new Promise((resolve) => process.send!(said, () => resolve()));

process.once('disconnect', () => process.exit());
const [link, leaseMs, work] = process.argv.slice(2) as [LinkName, string, 'count' | 'hold'];
const { probe } = await picoFamily.open(await LINKS[link](), { leaseMs: Number(leaseMs) });
try {
  if (work === 'hold') await probe.hold([70, 80], () => void say({ holding: true }), new Promise(() => {}));
  for (let committed = 1; ; committed++) {
    await probe.count();
    await say({ committed });
  }
} catch (error) {
  await say({ failed: error instanceof EntryPointError ? error.code : String(error) });
  process.exit();
}
