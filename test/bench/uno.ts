import type { Output8 } from '../../peripherals/atmega328p/index.js';
import { Driver, entryPoint, peripheral, type BoardSession, type Handle } from '../../runtime/index.js';
import { unoBoard, type UnoBench } from '../emulated-uno.js';
import { row, type Row } from './report.js';

const MANY = 16;

/** Calls that change or read one peripheral of an Uno, each of them as a transaction, and plain. */
class Calls extends Driver {
  @peripheral accessor output: Handle<Output8>;

  constructor(board: BoardSession, output: Handle<Output8>) {
    super(board);
    this.output = output;
  }

  async plainRead(): Promise<void> {
    await this.output.OCR.read();
  }

  async plainWrites(count: number): Promise<void> {
    for (let write = 0; write < count; write++) await this.output.OCR.write(write);
  }

  async plainModify(): Promise<void> {
    await this.output.TCCRA.modify({ COM: 'off' });
  }

  @entryPoint
  async read(): Promise<void> {
    await this.plainRead();
  }

  @entryPoint
  async writes(count: number): Promise<void> {
    await this.plainWrites(count);
  }

  @entryPoint
  async modify(): Promise<void> {
    await this.plainModify();
  }
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** Of the second call, in emulated microseconds: the first one sends the definition, too. */
async function microseconds({ emulated }: UnoBench, call: () => Promise<unknown>): Promise<number> {
  await call();
  await turns();
  const { nanos } = emulated.chip;
  await call();
  await turns();
  return (emulated.chip.nanos - nanos) / 1000;
}

/** What a call costs on a serial line of 115200 baud, as a multiple of the same without a transaction. */
export async function measureUno(): Promise<Row[]> {
  const bench = await unoBoard();
  const calls = new Calls(bench.board, bench.board.timer0.a);
  const time = (call: () => Promise<unknown>): Promise<number> => microseconds(bench, call);
  const [read, write, modify] = [
    await time(() => calls.plainRead()),
    await time(() => calls.plainWrites(1)),
    await time(() => calls.plainModify()),
  ];
  const many = await time(() => calls.plainWrites(MANY));
  const rows = [
    row('uno/plain-read', read, 'us emulated'),
    row('uno/read-only-over-plain', (await time(() => calls.read())) / read, 'ratio', 1.1),
    row('uno/write-only-over-plain', (await time(() => calls.writes(1))) / write, 'ratio', 1.1),
    row('uno/read-modify-write-over-plain', (await time(() => calls.modify())) / modify, 'ratio', 1.1),
    row('uno/many-write-over-plain', (await time(() => calls.writes(MANY))) / many, 'ratio', 0.5),
  ];
  await bench.dispose();
  return rows;
}
