import assert from 'node:assert/strict';
import type { PwmSlice } from '../../peripherals/rp2040/index.js';
import { definePeripheral, Driver, entryPoint, peripheral, type Handle } from '../../runtime/index.js';
import { attach } from '../../runtime/registers/handles.js';
import { picoBoard, type Bench, type PicoBoard } from '../emulated.js';
import { failureOf } from '../failure.js';

/** The data register of a UART as a bare FIFO (RP2040 datasheet 4.2.8). */
const fifo = definePeripheral({
  name: 'fifo',
  source: 'RP2040 datasheet 4.2.8',
  registers: { DR: { address: 0x40034000, access: 'fifo' } },
  save: [],
});

class Writer extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @peripheral accessor fifo: Handle<typeof fifo>;

  constructor(board: PicoBoard) {
    super(board);
    this.slice = board.pwm.ch[0]!;
    this.fifo = attach(fifo, board);
  }

  @entryPoint
  async run(code: (view: Writer) => Promise<unknown>): Promise<unknown> {
    return code(this);
  }
}

describe('What a transaction sends', () => {
  let bench: Bench;
  let driver: Writer;
  let sent: string[];

  beforeEach(async () => {
    bench = await picoBoard({ record: true });
    driver = new Writer(bench.board);
    sent = [];
    bench.board.trace.subscribe((event) => {
      if (event.type === 'sent' && event.transaction > 0) sent.push(event.ops.map(({ op }) => op).join(' '));
    });
  });
  afterEach(() => bench.dispose());

  it('holds what a peripheral was before its first change, though a nested call was going to make that and did not', async () => {
    await driver.run(async (view) => {
      await failureOf(
        view.run(async (inner) => {
          await inner.slice.CC.write({ A: 1 });
          throw new Error('inner');
        }),
      );
      await view.slice.CC.write({ A: 2 });
      await view.slice.CC.read();
    });
    assert.equal(sent[0], 'begin snapshot write read');
  });

  it('is refused where more values are pushed than one operation can tell, before anything is sent', async () => {
    const error = await failureOf(
      driver.run(async (view) => {
        await view.slice.CC.write({ A: 9 });
        // Each value would be an operation of its own, a COMMIT, if their number were cut to a byte.
        await view.fifo.DR.push(Array.from({ length: 300 }, () => 7));
      }),
    );
    assert.deepEqual([error.code, error.rollback.outcome, sent], ['register-contract', 'nothing', []]);
    assert.equal((await driver.slice.CC.read()).A, 0);
  });

  it('is refused where one operation is longer than a frame, and the call is undone like any other', async () => {
    const error = await failureOf(
      driver.run(async (view) => {
        await view.slice.CC.write({ A: 9 });
        await view.slice.CC.read();
        await view.fifo.DR.push(Array.from({ length: 255 }, () => 7));
      }),
    );
    assert.ok(4 * 255 > bench.board.link.requestCapacity, 'a longer frame needs more values');
    assert.deepEqual([error.code, error.rollback.outcome], ['register-contract', 'restored']);
    assert.match(error.message, /does not fit: this board takes \d+ bytes/);
    await driver.run((view) => view.slice.CC.write({ A: 3 }));
  });
});
