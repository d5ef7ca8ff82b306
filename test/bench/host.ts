import { performance } from 'node:perf_hooks';
import { pico } from '../../peripherals/rp2040/index.js';
import { isolate } from '../../runtime/isolation/index.js';
import { nodeThreads } from '../../runtime/isolation/node.js';
import { open } from '../../runtime/index.js';
import { compile } from '../../runtime/registers/compile.js';
import { compiled } from '../compiled.js';
import { Counter } from './counter.js';
import { instantController } from './instant-controller.js';
import { row, type Row } from './report.js';

/** Long enough that each round pays for its garbage. */
const CALLS = 4000;
/** Each crosses to another thread and back. */
const WORKER_CALLS = 1000;
const ROUNDS = 25;
const KILLS = 11;
/** What starting a thread and its rehearsal take, with much to spare. */
const WARM_MS = 400;

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/**
 * Host time that a transaction adds to the same call, inline and in a worker, against a controller that answers at once,
 * and how long after a kill the next call has its result. Medians, interleaved.
 */
export async function measureHost(): Promise<Row[]> {
  const { saves } = compile(pico.peripherals.pwm.ch[0]!);
  const board = await open(instantController(saves.length), pico);
  const inline = new Counter(board);
  const isolated = new Counter(board);
  const threads = nodeThreads({ entry: compiled('runtime/isolation/node-worker.ts') });
  const isolation = isolate(isolated, { module: compiled('test/bench/counter.ts'), threads });
  const usPerCall = async (call: (value: number) => Promise<void>, calls: number): Promise<number> => {
    // What the calls before have left to the next turn of the event loop is not part of these.
    await new Promise((resolve) => setImmediate(resolve));
    const start = performance.now();
    // Small values: the instant controller looks for op codes at the end of a frame.
    for (let i = 0; i < calls; i++) await call(i % 8);
    return ((performance.now() - start) * 1000) / calls;
  };
  const native: number[] = [];
  const inlineAdded: number[] = [];
  const workerAdded: number[] = [];
  await usPerCall((value) => inline.native(value), CALLS);
  await usPerCall((value) => inline.protected(value), CALLS);
  await usPerCall((value) => isolated.protected(value), WORKER_CALLS);
  for (let round = 0; round < ROUNDS; round++) {
    const plain = await usPerCall((value) => inline.native(value), CALLS);
    native.push(plain);
    inlineAdded.push((await usPerCall((value) => inline.protected(value), CALLS)) - plain);
    workerAdded.push((await usPerCall((value) => isolated.protected(value), WORKER_CALLS)) - plain);
  }
  const respawns: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    // The spare that takes over next is started when a call has ended.
    await new Promise((resolve) => setTimeout(resolve, WARM_MS));
    await isolated.hang().catch(() => {});
    const start = performance.now();
    await isolated.protected(kill % 8);
    respawns.push(performance.now() - start);
  }
  isolation.close();
  await board.close();
  return [
    row('host-us/native', median(native), 'us'),
    row('host-us/inline-added', median(inlineAdded), 'us', 15),
    row('host-us/worker-added', median(workerAdded), 'us', 150),
    row('host-ms/worker-respawn', median(respawns), 'ms', 2),
  ];
}
