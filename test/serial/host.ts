/** A host process that is there to be killed: it makes one call after another, and says how many were committed. */
import { serial } from '../../transports/serial/index.js';
import { unoFamily } from '../conformance/uno.js';

process.once('disconnect', () => process.exit());
const [path, leaseMs] = process.argv.slice(2) as [string, string];
const { probe } = await unoFamily.open(serial({ path }), { leaseMs: Number(leaseMs) });
for (let committed = 1; ; committed++) {
  await probe.count();
  await new Promise<void>((resolve) => process.send!(committed, () => resolve()));
}
