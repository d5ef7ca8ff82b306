import { performance } from 'node:perf_hooks';
import { pico } from '../../peripherals/rp2040/index.js';
import { nodeContext } from '../../runtime/context/node.js';
import { open } from '../../runtime/index.js';
import { Counter } from './counter.js';
import { instantController } from './instant-controller.js';
import { row, type Row } from './report.js';

const CALLS = 4000;
const ROUNDS = 15;

/**
 * Host time that an inline transaction adds where calls are told apart by their code. To be measured last: Node follows
 * the promises of the whole process once anything asks for it.
 */
export async function measureContextOnHost(): Promise<Row[]> {
  const board = await open(instantController(), pico, { context: nodeContext });
  const counter = new Counter(board);
  const usPerCall = async (call: (value: number) => Promise<void>): Promise<number> => {
    await new Promise((resolve) => setImmediate(resolve));
    const start = performance.now();
    for (let i = 0; i < CALLS; i++) await call(i % 8);
    return ((performance.now() - start) * 1000) / CALLS;
  };
  const added: number[] = [];
  // The first round is the warm-up.
  for (let round = 0; round <= ROUNDS; round++) {
    const native = await usPerCall((value) => counter.native(value));
    const inline = await usPerCall((value) => counter.protected(value));
    if (round > 0) added.push(inline - native);
  }
  await board.close();
  return [row('host-us/context-inline-added', added.toSorted((a, b) => a - b)[added.length >> 1]!, 'us')];
}
