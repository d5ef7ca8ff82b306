import type { Op, Place } from '../../runtime/link/ops.js';
import { pico } from '../../peripherals/rp2040/index.js';
import { shelf, startBuses } from '../../peripherals/shelf.js';
import { encodeCommand } from '../../runtime/registers/command-spec.js';
import { compile, type CompiledPeripheral } from '../../runtime/registers/compile.js';
import {
  definePeripheral,
  savableBits,
  type PeripheralSpec,
  type RegisterSpec,
} from '../../runtime/registers/definition.js';
import { everySpec } from '../../runtime/registers/survey.js';
import { picoBoard } from '../emulated.js';
import { row, type Row } from './report.js';

/** PWM registers that can be written and read back: DIV, CC and TOP of each slice (RP2040 datasheet 4.5.3). */
const ADDRESSES = Array.from({ length: 8 }, (_, slice) =>
  [0x04, 0x0c, 0x10].map((offset) => 0x40050000 + slice * 0x14 + offset),
).flat();
/** So long a chip may need between two messages (SHT3x section 4: 1 ms). */
const PAUSE_US = 2000;
const SIZES = [1, 2, 4, 8, 12, 16, 20, 23];

/** Which bits of each register are saved; all, where no mask is given. */
const KINDS = { whole: undefined, masked: 0x00ff } as const;
type Kind = keyof typeof KINDS;

function peripheralOf(name: string, addresses: readonly number[], kind: Kind = 'whole') {
  const registers: Record<string, RegisterSpec> = Object.fromEntries(
    addresses.map((address, index) => [`R${index}`, { address, access: 'rw' } as const]),
  );
  const mask = KINDS[kind];
  const save = Object.keys(registers).map((register) => (mask === undefined ? register : { register, mask }));
  return compile(definePeripheral({ name, source: 'RP2040 datasheet 4.5.3', registers, save }));
}

/** Peripherals whose names differ by a number are of one kind. */
function firstOfEachKind(specs: readonly PeripheralSpec[]): PeripheralSpec[] {
  const kindOf = ({ name }: PeripheralSpec) => name.replaceAll(/[0-9]+/g, '');
  return specs.filter((spec, index) => specs.findIndex((other) => kindOf(other) === kindOf(spec)) === index);
}

/** y = fixed + each * x, by least squares. */
function line(points: readonly (readonly [number, number])[]): { fixed: number; each: number } {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const covariance = mean(points.map(([x, y]) => (x - meanX) * (y - meanY)));
  const each = covariance / mean(points.map(([x]) => (x - meanX) ** 2));
  return { fixed: meanY - each * meanX, each };
}

/**
 * Cycles of one checkpoint and one restore, by the register. Two frames that differ in one thing are compared: the
 * second write goes to a peripheral that is checkpointed already, or to one that is not. The difference is the
 * checkpoint; with ROLLBACK instead of COMMIT, it is the checkpoint and the restore.
 *
 * A register that is saved whole is written back by a plain store, one that is saved under a mask is read and then flipped
 * through its alias. Each has its own series and must keep the targets; those of the former have the plain names.
 */
export async function measureCheckpoints(): Promise<Row[]> {
  const bench = await picoBoard();
  const { board, emulated } = bench;
  for (const chip of shelf) chip.connect(emulated);
  const [small, ...rest] = ADDRESSES;
  const base = peripheralOf('base', [small!]);

  const writeTo = (peripheral: ReturnType<typeof peripheralOf>): Op => {
    const at: Place = { peripheral: board.numberOf(peripheral), ...peripheral.registers.get('R0')![0]!.at };
    return { op: 'write', at, value: 0x123 };
  };
  await board.link.request([writeTo(base)]);
  let transaction = 0;
  async function cyclesOf(end: 'commit' | 'rollback', ...more: readonly Op[]): Promise<number> {
    const ops: Op[] = [{ op: 'begin' }, writeTo(base), ...more, { op: end }];
    const before = emulated.chip.cycles;
    const answer = await board.link.request(ops, { transaction: (transaction % 200) + 1 });
    transaction++;
    emulated.advance(PAUSE_US / 1000);
    if (answer.status !== 'ok') throw new Error(`The controller refused the measurement: ${answer.status}`);
    return emulated.chip.cycles - before;
  }

  /** Writes one saved bit of the peripheral as it is now, or sends one of its settings as after power-on. */
  async function touchOf(peripheral: CompiledPeripheral): Promise<Op> {
    const registers = [...peripheral.registers.values()].flat();
    const saved = registers.find(({ name }) => name === peripheral.saves[0]);
    if (!saved) {
      const command = [...peripheral.commands.values()].find((each) => each.spec.initial)!;
      const bytes = encodeCommand(command.name, command.spec, command.spec.initial!);
      return { op: 'transfer', at: { peripheral: board.numberOf(peripheral), ...command.at }, bytes, count: 0 };
    }
    const { spec, at, owned } = saved;
    const place: Place = { peripheral: board.numberOf(peripheral), ...at };
    if (spec.access === 'wo') return { op: 'masked', at: place, mask: owned, value: 0 };
    const value = (await board.ask({ op: 'read', at: place })) as number;
    const mask = (savableBits(spec) & -savableBits(spec)) >>> 0;
    return { op: 'masked', at: place, mask, value: (value & mask) >>> 0 };
  }

  async function series(kind: Kind): Promise<Row[]> {
    const checkpoints: [number, number][] = [];
    const restores: [number, number][] = [];
    for (const size of SIZES) {
      const measured = peripheralOf(`${kind}${size}`, rest.slice(0, size), kind);
      await board.link.request([writeTo(measured)]);
      const checkpoint = (await cyclesOf('commit', writeTo(measured))) - (await cyclesOf('commit', writeTo(base)));
      const both = (await cyclesOf('rollback', writeTo(measured))) - (await cyclesOf('rollback', writeTo(base)));
      checkpoints.push([size, checkpoint]);
      restores.push([size, both - checkpoint]);
    }
    const suffix = kind === 'whole' ? '' : `-${kind}`;
    return [['checkpoint', checkpoints] as const, ['restore', restores] as const].flatMap(([name, points]) => {
      const { fixed, each } = line(points);
      return [
        row(`cycles/${name}-fixed${suffix}`, fixed, 'cycles', 500),
        row(`cycles/${name}-per-register${suffix}`, each, 'cycles', 30),
      ];
    });
  }
  const rows = [...(await series('whole')), ...(await series('masked'))];

  const perPeripheral: Row[] = [];
  async function measure(specs: readonly PeripheralSpec[]): Promise<void> {
    for (const spec of firstOfEachKind(specs)) {
      const peripheral = compile(spec);
      if (peripheral.saves.length === 0) continue;
      // The register is written as it is: what counts is that the controller must expect a change.
      const touch = await touchOf(peripheral);
      await board.link.request([touch]);
      emulated.advance(PAUSE_US / 1000);
      const once = await cyclesOf('commit', touch);
      const pause: Op = { op: 'delay', us: PAUSE_US };
      const touching = (await cyclesOf('commit', touch, pause, touch)) - (await cyclesOf('commit', touch, pause));
      const checkpoint = once - (await cyclesOf('commit')) - touching;
      const both = (await cyclesOf('rollback', touch)) - (await cyclesOf('rollback')) - touching;
      perPeripheral.push(
        row(`cycles/${spec.name}/checkpoint`, checkpoint, 'cycles'),
        row(`cycles/${spec.name}/restore`, both - checkpoint, 'cycles'),
        row(`registers/${spec.name}/saved`, new Set(peripheral.saves).size, 'registers'),
      );
    }
  }
  await measure(everySpec(pico.peripherals));
  await startBuses(board);
  await measure(shelf.flatMap(({ specs }) => specs));
  await bench.dispose();

  return [...rows, ...perPeripheral];
}
