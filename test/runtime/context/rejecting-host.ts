/** A process of its own, whose entry points leave rejections that nobody handles. Prints what becomes of them. */
import { attributeRejections, nodeContext } from '../../../runtime/context/node.js';
import { EntryPointError } from '../../../runtime/index.js';
import { picoBoard } from '../../emulated.js';
import { Caller } from './caller.js';

attributeRejections();
const bench = await picoBoard({ context: nodeContext });
const strays: unknown[] = [];
bench.board.trace.subscribe((event) => event.type === 'stray-rejection' && strays.push(event.reason));
const driver = new Caller(bench.board);
const outcome = async (call: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await call.catch((reason: unknown) => reason);
  return error instanceof EntryPointError ? [error.code, error.message, error.rollback.outcome] : error;
};
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const during = await outcome(
  driver.run(async ({ slice }) => {
    await slice.CC.write({ A: 9 });
    // A read is answered when the write has been made.
    await slice.CC.read();
    void Promise.reject(new Error('nobody looks'));
    await turns();
    await slice.CC.read();
  }),
);
const registers = (await driver.slice.CC.read()).A;
const after = await outcome(
  driver.run(async () => {
    void turns().then(() => Promise.reject(new Error('too late')));
  }),
);
await turns();
const other = Promise.resolve().then(() => Promise.reject(new Error('not of a call')));
process.once('uncaughtException', (error: Error) => {
  console.log(JSON.stringify({ during, registers, after, strays: strays.map(String), uncaught: error.message }));
  process.exit(0);
});
void other;
