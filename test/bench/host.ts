import { performance } from 'node:perf_hooks';
import { pico, type PwmSlice } from '../../peripherals/rp2040/index.js';
import { Driver, entryPoint, open, peripheral, state, type Handle } from '../../runtime/index.js';
import type { PicoBoard } from '../emulated.js';
import { instantController } from './instant-controller.js';
import { row, type Row } from './report.js';

class Counter extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor calls = 0;
  @state accessor last = 0;

  constructor(board: PicoBoard) {
    super(board);
    this.slice = board.pwm.ch[0]!;
  }

  async plain(value: number): Promise<void> {
    this.calls++;
    this.last = value;
    await this.slice.CC.write({ A: value, B: value });
  }

  @entryPoint
  async inline(value: number): Promise<void> {
    this.calls++;
    this.last = value;
    await this.slice.CC.write({ A: value, B: value });
  }
}

const CALLS = 4000;
const ROUNDS = 25;

/**
 * Host time that a transaction adds to the same call, against a controller that answers at once: the fastest round of
 * each, interleaved, which is what the code costs when nothing else runs on the machine.
 */
export async function measureHost(): Promise<Row[]> {
  const board = await open(instantController(), pico);
  const counter = new Counter(board);
  const usPerCall = async (method: 'plain' | 'inline'): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < CALLS; i++) await counter[method](i & 0xff);
    return ((performance.now() - start) * 1000) / CALLS;
  };
  let plain = Infinity;
  let inline = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    plain = Math.min(plain, await usPerCall('plain'));
    inline = Math.min(inline, await usPerCall('inline'));
  }
  await board.close();
  return [row('host-us/plain', plain, 'us'), row('host-us/inline-added', inline - plain, 'us', 15)];
}
