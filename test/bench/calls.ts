import { performance } from 'node:perf_hooks';
import { pwmOf, type GpioPin, type PwmSlice } from '../../peripherals/rp2040/index.js';
import { Driver, entryPoint, peripheral, type Handle } from '../../runtime/index.js';
import { picoBoard, type PicoBoard } from '../emulated.js';
import { row, type Row } from './report.js';

/** The four kinds of calls that the design gives a budget for, as plain methods. */
export class PlainCalls extends Driver {
  @peripheral accessor pin: Handle<GpioPin>;
  @peripheral accessor slice: Handle<PwmSlice>;

  constructor(board: PicoBoard) {
    super(board);
    this.pin = board.pin[2]!;
    this.slice = board.pwm.ch[pwmOf(2).slice]!;
  }

  async 'write-only'(): Promise<void> {
    await this.slice.TOP.write({ WRAP: 1000 });
  }

  async 'read-only'(): Promise<void> {
    await this.slice.CSR.read();
  }

  async 'read-modify-write'(): Promise<void> {
    const { A } = await this.slice.CC.read();
    await this.slice.CC.modify({ A: (A + 1) & 0xff });
  }

  async 'trigger-then-read'(): Promise<void> {
    await this.pin.OUT.write({ HIGH: true });
    await this.pin.STATUS.read();
  }

  async 'many-write'(): Promise<void> {
    for (let i = 0; i < 16; i++) await this.slice.CC.write({ A: i, B: i });
  }
}

export class Calls extends PlainCalls {
  @entryPoint override 'write-only'() {
    return super['write-only']();
  }
  @entryPoint override 'read-only'() {
    return super['read-only']();
  }
  @entryPoint override 'read-modify-write'() {
    return super['read-modify-write']();
  }
  @entryPoint override 'trigger-then-read'() {
    return super['trigger-then-read']();
  }
  @entryPoint override 'many-write'() {
    return super['many-write']();
  }
}

/** Added round trips, from the design: at most these. */
export const BUDGET = {
  'write-only': 0,
  'read-only': 0,
  'read-modify-write': 0,
  'trigger-then-read': 1,
  'many-write': 0,
} as const;
export type Kind = keyof typeof BUDGET;

interface Cost {
  readonly roundTrips: number;
  readonly transfers: number;
  readonly emulatedUs: number;
  readonly cycles: number;
  readonly wallMs: number;
}

const REPEATS = 200;

/** Round trips, USB transfers and time of plain calls against the same calls as transactions, on the emulated board. */
export async function measureCalls(): Promise<Row[]> {
  const bench = await picoBoard();
  const { emulated, board } = bench;
  const plain = new PlainCalls(board);
  const transactional = new Calls(board);

  async function measure(driver: PlainCalls, kind: Kind): Promise<Cost> {
    // The first call also sends the definitions.
    await driver[kind]();
    const frames = board.link.framesSent;
    const { transfers } = emulated.counters;
    const { cycles, nanos } = emulated.chip;
    await driver[kind]();
    const counted = {
      roundTrips: board.link.framesSent - frames,
      transfers: emulated.counters.transfers - transfers,
      emulatedUs: (emulated.chip.nanos - nanos) / 1000,
      cycles: emulated.chip.cycles - cycles,
    };
    const start = performance.now();
    for (let i = 0; i < REPEATS; i++) await driver[kind]();
    return { ...counted, wallMs: performance.now() - start };
  }

  const rows: Row[] = [];
  for (const [kind, budget] of Object.entries(BUDGET) as [Kind, number][]) {
    const before = await measure(plain, kind);
    const after = await measure(transactional, kind);
    rows.push(
      row(`added-round-trips/${kind}`, after.roundTrips - before.roundTrips, 'round trips', budget),
      row(`usb-transfers/${kind}/plain`, before.transfers, 'transfers'),
      row(`usb-transfers/${kind}/transaction`, after.transfers, 'transfers'),
      row(`emulated-time/${kind}/plain`, before.emulatedUs, 'us'),
      row(`emulated-time/${kind}/transaction`, after.emulatedUs, 'us'),
      row(`cycles/${kind}/plain`, before.cycles, 'cycles'),
      row(`cycles/${kind}/transaction`, after.cycles, 'cycles'),
      row(`wall-ratio/${kind}/transaction-over-plain`, after.wallMs / before.wallMs, 'ratio'),
    );
  }
  await bench.dispose();
  return rows;
}
