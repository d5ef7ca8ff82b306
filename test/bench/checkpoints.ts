import type { Op, Place } from '../../runtime/link/ops.js';
import { compile } from '../../runtime/registers/compile.js';
import { definePeripheral, type RegisterSpec } from '../../runtime/registers/definition.js';
import { picoBoard } from '../emulated.js';
import { row, type Row } from './report.js';

/** PWM registers that can be written and read back: DIV, CC and TOP of each slice (RP2040 datasheet 4.5.3). */
const ADDRESSES = Array.from({ length: 8 }, (_, slice) =>
  [0x04, 0x0c, 0x10].map((offset) => 0x40050000 + slice * 0x14 + offset),
).flat();
const SIZES = [1, 2, 4, 8, 12, 16, 20, 23];

function peripheralOf(name: string, addresses: readonly number[]) {
  const registers: Record<string, RegisterSpec> = Object.fromEntries(
    addresses.map((address, index) => [`R${index}`, { address, access: 'rw' } as const]),
  );
  return compile(definePeripheral({ name, source: 'RP2040 datasheet 4.5.3', registers, save: Object.keys(registers) }));
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
 */
export async function measureCheckpoints(): Promise<Row[]> {
  const bench = await picoBoard();
  const { board, emulated } = bench;
  const [small, ...rest] = ADDRESSES;
  const base = peripheralOf('base', [small!]);

  const writeTo = (peripheral: ReturnType<typeof peripheralOf>): Op => {
    const at: Place = { peripheral: board.numberOf(peripheral), ...peripheral.registers.get('R0')![0]!.at };
    return { op: 'write', at, value: 0x123 };
  };
  await board.link.request([writeTo(base)]);
  let transaction = 0;
  async function cyclesOf(second: Op, end: 'commit' | 'rollback'): Promise<number> {
    const ops: Op[] = [{ op: 'begin' }, writeTo(base), second, { op: end }];
    const before = emulated.chip.cycles;
    const answer = await board.link.request(ops, { transaction: (transaction % 200) + 1 });
    transaction++;
    if (answer.status !== 'ok') throw new Error(`The controller refused the measurement: ${answer.status}`);
    return emulated.chip.cycles - before;
  }

  const checkpoints: [number, number][] = [];
  const restores: [number, number][] = [];
  for (const size of SIZES) {
    const measured = peripheralOf(`measured${size}`, rest.slice(0, size));
    await board.link.request([writeTo(measured)]);
    const checkpoint = (await cyclesOf(writeTo(measured), 'commit')) - (await cyclesOf(writeTo(base), 'commit'));
    const both = (await cyclesOf(writeTo(measured), 'rollback')) - (await cyclesOf(writeTo(base), 'rollback'));
    checkpoints.push([size, checkpoint]);
    restores.push([size, both - checkpoint]);
  }
  await bench.dispose();

  const rows: Row[] = [];
  for (const [name, points] of [['checkpoint', checkpoints] as const, ['restore', restores] as const]) {
    const { fixed, each } = line(points);
    rows.push(
      row(`cycles/${name}-fixed`, fixed, 'cycles', 500),
      row(`cycles/${name}-per-register`, each, 'cycles', 30),
    );
  }
  return rows;
}
