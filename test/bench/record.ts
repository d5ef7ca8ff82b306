import { performance } from 'node:perf_hooks';
import { Mcp23017Port } from '../../peripherals/mcp23017/index.js';
import { Mpu6050 } from '../../peripherals/mpu6050/index.js';
import { Pca9685 } from '../../peripherals/pca9685/index.js';
import { pico } from '../../peripherals/rp2040/index.js';
import { shelf, startBuses } from '../../peripherals/shelf.js';
import { compile } from '../../runtime/registers/compile.js';
import { open } from '../../runtime/index.js';
import { webUsb } from '../../transports/webusb.js';
import { picoBoard, type Bench, type PicoBoard } from '../emulated.js';
import { BUDGET, Calls, type Kind } from './calls.js';
import { Counter } from './counter.js';
import { instantController } from './instant-controller.js';
import { row, type Row } from './report.js';

const CALLS = 4000;
const ROUNDS = 25;

interface Cost {
  readonly frames: number;
  readonly us: number;
}

/** Of the second call: the first one sends the definitions, too. */
async function costOf(bench: Bench, call: () => Promise<unknown>): Promise<Cost> {
  await call();
  const { board, emulated } = bench;
  const frames = board.link.framesSent;
  const { nanos } = emulated.chip;
  await call();
  return { frames: board.link.framesSent - frames, us: (emulated.chip.nanos - nanos) / 1000 };
}

/** Calls that change one peripheral of a chip behind I²C, at 400 kHz. */
async function chipCalls(board: PicoBoard): Promise<Readonly<Record<string, () => Promise<unknown>>>> {
  await startBuses(board);
  const port = new Mcp23017Port(board, { index: 0, target: 0x20 }, 'a');
  const leds = new Pca9685(board, { index: 0, target: 0x41 });
  const motion = new Mpu6050(board, { index: 0, target: 0x69 });
  await leds.init();
  await motion.init();
  let on = 0;
  return {
    'mcp23017-port': () => port.write((on ^= 1)),
    'pca9685-channel': () => leds.duty(3, (on ^= 1) / 2),
    mpu6050: () => motion.configure({}),
  };
}

/** What it costs that the host keeps the committed registers: the same calls with it and without. */
export async function measureRecord(): Promise<Row[]> {
  const rows: Row[] = [];
  const without = new Map<string, Cost>();
  for (const record of [false, true]) {
    const bench = await picoBoard({ record });
    for (const chip of shelf) chip.connect(bench.emulated);
    const calls = new Calls(bench.board);
    for (const kind of Object.keys(BUDGET) as Kind[]) {
      const cost = await costOf(bench, () => calls[kind]());
      if (record) rows.push(...added(kind, cost, without.get(kind)!));
      else without.set(kind, cost);
    }
    for (const [chip, call] of Object.entries(await chipCalls(bench.board))) {
      const cost = await costOf(bench, call);
      if (record) rows.push(...added(chip, cost, without.get(chip)!));
      else rows.push(row(`record/time-without/${chip}`, cost.us, 'us emulated'));
      without.set(chip, cost);
    }
    await bench.dispose();
  }
  return [...rows, ...(await measureBringingBack())];
}

const added = (call: string, { frames, us }: Cost, without: Cost): Row[] => [
  row(`record/added-round-trips/${call}`, frames - without.frames, 'round trips', 0),
  row(`record/added-time/${call}`, us - without.us, 'us emulated'),
];

/** Against a controller that answers at once: the fastest round of each, interleaved. */
export async function measureRecordOnHost(): Promise<Row[]> {
  const saves = compile(pico.peripherals.pwm.ch[0]!).saves.length;
  const counters = await Promise.all(
    [false, true].map(async (record) => new Counter(await open(instantController(saves), pico, { record }))),
  );
  const fastest = counters.map(() => ({ native: Infinity, protected: Infinity }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, counter] of counters.entries()) {
      for (const method of ['native', 'protected'] as const) {
        const start = performance.now();
        // Small values: the instant controller looks for op codes at the end of a frame.
        for (let i = 0; i < CALLS; i++) await counter[method](i % 8);
        const us = ((performance.now() - start) * 1000) / CALLS;
        fastest[index]![method] = Math.min(fastest[index]![method], us);
      }
    }
  }
  for (const { board } of counters) await board.close();
  const [without, kept] = fastest as [(typeof fastest)[0], (typeof fastest)[0]];
  return [
    row('host-us/record-native-added', kept.native - without.native, 'us'),
    row('host-us/record-added', kept.protected - without.protected, 'us'),
    row('host-us/record-inline-added', kept.protected - kept.native, 'us', 15),
  ];
}

/** From a reset of the controller until the next call can run, with eight slices and eight pins to bring back. */
async function measureBringingBack(): Promise<Row[]> {
  const first = await picoBoard();
  const { emulated } = first;
  await first.board.close();
  const reopen = async () => webUsb(await emulated.plug(), emulated.environment);
  const board = await open(await reopen(), pico, { recovery: { reopen } });
  for (let index = 0; index < 8; index++) {
    await board.pwm.ch[index]!.CC.write({ A: index, B: index });
    await board.pin[index]!.OUT.write({ HIGH: true });
  }
  const { nanos } = emulated.chip;
  const start = performance.now();
  await emulated.pressReset();
  await board.pin[0]!.OUT.read();
  const us = (emulated.chip.nanos - nanos) / 1000;
  const ms = performance.now() - start;
  const restored = board.recovery.steps.filter(({ step, error }) => step === 'restore' && error === undefined).length;
  await board.close();
  emulated.dispose();
  return [
    row('recovery/after-reset', us, 'us emulated'),
    row('recovery/after-reset-wall', ms, 'ms'),
    row('recovery/after-reset/peripherals', restored, 'peripherals'),
  ];
}
