import assert from 'node:assert/strict';
import { uno } from '../../../../peripherals/atmega328p/index.js';
import { open } from '../../../../runtime/index.js';
import { emulatedUno, inRealTime, type EmulatedUno } from '../../../../transports/emulator/index.js';
import { serialLink } from '../../../../transports/serial/index.js';
import { virtualEnvironment, type VirtualEnvironment } from '../../../../transports/virtual-environment.js';
import { unoBoard, unoImage, type UnoBench } from '../../../emulated-uno.js';

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('The time of an emulated Uno whose firmware never sleeps', () => {
  let bench: UnoBench;

  before(async () => (bench = await unoBoard()));
  after(() => bench.dispose());

  const millis = (): number => bench.emulated.chip.nanos / 1e6;

  it('stands still when it has answered', async () => {
    await bench.board.link.request([{ op: 'echo', bytes: Uint8Array.of(1, 2, 3) }]);
    await turns(5);
    const before = millis();
    await turns(200);
    assert.equal(millis(), before);
  });

  it('is the same in every run, however slow the host is', async () => {
    const took: number[] = [];
    for (const pause of [0, 50]) {
      await turns(pause);
      const before = millis();
      await bench.board.link.request([{ op: 'echo', bytes: new Uint8Array(64) }]);
      await turns(5);
      took.push(millis() - before);
    }
    assert.ok(Math.abs(took[0]! - took[1]!) < 0.1, took.join(', '));
  });

  it('passes while the host waits for something that takes time', async () => {
    const before = millis();
    await bench.board.link.request([{ op: 'delay', us: 100_000 }]);
    const passed = millis() - before;
    assert.ok(passed > 100 && passed < 115, `${passed} ms`);
  });

  it('stands still again where there is no answer to wait for', async () => {
    const { emulated } = bench;
    await bench.board.close();
    const port = await emulated.serialPort({ bytes: () => assert.fail('an answer'), lost: () => {} });
    const start = millis();
    await port.write(Uint8Array.of(1, 2, 3, 0));
    for (let last = -1; last !== millis();) {
      last = millis();
      await turns(100);
    }
    const passed = millis() - start;
    assert.ok(passed > 2999 && passed < 3010, `${passed} ms`);
    await port.close();
  });
});

describe('An emulated Uno in real time', () => {
  let environment: VirtualEnvironment;
  let board: EmulatedUno;

  beforeEach(() => {
    environment = virtualEnvironment();
    board = emulatedUno({ image: unoImage, environment, power: 'kept', resetOnOpen: false });
    board.plug();
  });
  afterEach(() => board.dispose());

  it('rolls back by itself when the host is silent for longer than the lease', async () => {
    const stop = inRealTime(board);
    const link = () => serialLink('the emulated Uno', (listener) => board.serialPort(listener), environment);
    const session = await open(link(), uno, { leaseMs: 200 });
    await session.timer0.a.OCR.write(5);
    await session.link.request([{ op: 'begin' }], { transaction: 1 });
    await session.close();
    environment.advance(500);
    const next = await open(link(), uno);
    assert.equal(next.hello.previous?.rolledBack, 1);
    await next.close();
    stop();
    assert.equal(environment.timers, 0);
  });
});
