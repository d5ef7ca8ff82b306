import { emulatedBoard, type EmulatedBoard } from '../../transports/emulator/index.js';
import { faulty, type Faults } from '../../transports/faulty.js';
import { passUntilSettled, virtualEnvironment } from '../../transports/virtual-environment.js';
import { webUsb } from '../../transports/webusb.js';
import type { BoardSession, FaultPoint } from '../board.js';
import { open } from '../open.js';
import type { CompiledPeripheral } from '../registers/compile.js';
import { tappedBuses, type Taps } from './buses.js';
import type { Workload } from './workload.js';

export interface RegisterValue {
  readonly register: string;
  readonly value: number;
}

/** A workload on an emulated board of its own, whose link and operations can be made to fail, in virtual time. */
export interface Rig {
  readonly board: BoardSession;
  readonly driver: unknown;
  readonly emulated: EmulatedBoard;
  readonly faults: Faults;
  readonly taps: Taps;
  /** Looked at for each operation of the call; reset it to let all pass. */
  readonly point: { at: FaultPoint };
  /** Lets turns pass, and time where nothing else happens, until the promise is settled. Rejects where it never is. */
  pass<R>(promise: Promise<R>): Promise<R>;
  /** The registers that checkpoints of these peripherals would save now, by peripheral and register. */
  registers(peripherals: Iterable<CompiledPeripheral>): Promise<readonly RegisterValue[]>;
  close(): Promise<void>;
}

const every: FaultPoint = (op) => op;

export async function startRig(workload: Workload, image: Uint8Array): Promise<Rig> {
  const environment = virtualEnvironment();
  const emulated = emulatedBoard({ image, environment });
  const taps: Taps = {};
  workload.connect?.(tappedBuses(emulated, taps));
  const faults: Faults = {};
  const point = { at: every };
  const reopen = async () => faulty(webUsb(emulated.device ?? (await emulated.plug()), environment), faults);
  const pass = async <R>(promise: Promise<R>): Promise<R> => {
    await passUntilSettled(promise, environment);
    return promise;
  };
  const opening = open(await pass(reopen()), workload.board, {
    faultPoint: (op) => point.at(op),
    recovery: { reopen },
  });
  const board = await pass(opening);
  const driver = await pass(workload.prepare(board));
  return {
    board,
    driver,
    emulated,
    faults,
    taps,
    point,
    pass,
    registers: (peripherals) => pass(readRegisters(board, peripherals)),
    async close() {
      await pass(board.close());
      emulated.dispose();
    },
  };
}

/** Bits that change by themselves are left out, as a restore does when it reads back. */
async function readRegisters(board: BoardSession, peripherals: Iterable<CompiledPeripheral>): Promise<RegisterValue[]> {
  const found: RegisterValue[] = [];
  for (const compiled of peripherals) {
    const { name, saves, steady, journaled } = compiled;
    const peripheral = board.numberOf(compiled);
    const record = (await board.ask({ op: 'snapshot', peripheral, saves: saves.length })) as Uint8Array;
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    steady.forEach((mask, index) =>
      found.push({ register: `${name}.${saves[index]}`, value: (view.getUint32(4 * index, true) & mask) >>> 0 }),
    );
    if (journaled.length === 0) continue;
    const digest = (await board.ask({ op: 'digest', peripheral })) as number;
    found.push({ register: `${name}, digest with its journaled registers`, value: digest });
  }
  return found;
}
