import assert from 'node:assert/strict';
import type { PwmSlice } from '../../../peripherals/rp2040/index.js';
import {
  Driver,
  entryPoint,
  peripheral,
  RecoveryError,
  type BreakerPolicy,
  type Handle,
} from '../../../runtime/index.js';
import { picoBoard, type Bench, type PicoBoard } from '../../emulated.js';
import { virtualEnvironment, type VirtualEnvironment } from '../../../transports/virtual-environment.js';

const REST_MS = 500;

class Fickle extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  calls = 0;

  constructor(board: PicoBoard) {
    super(board);
    this.slice = board.pwm.ch[3]!;
  }

  @entryPoint
  async set(fails: boolean, until: Promise<void> = Promise.resolve()): Promise<void> {
    await this.slice.CC.write({ A: 1 });
    await until;
    if (fails) throw new Error('It will not.');
  }

  @entryPoint
  async other(): Promise<void> {
    await this.slice.CC.read();
  }
}

describe('A circuit breaker', () => {
  let bench: Bench;
  let environment: VirtualEnvironment;
  let fickle: Fickle;
  const start = async (breaker: BreakerPolicy): Promise<void> => {
    environment = virtualEnvironment();
    bench = await picoBoard({ environment, breaker });
    fickle = new Fickle(bench.board);
  };
  const fail = () => assert.rejects(fickle.set(true), { code: 'exception' });
  afterEach(() => bench.dispose());

  it('refuses an entry point after so many failures in a row, with the last of them as the cause', async () => {
    await start({ failures: 3, restMs: REST_MS });
    for (let i = 0; i < 3; i++) await fail();
    const sent = bench.board.link.framesSent;
    const error: unknown = await fickle.set(false).catch((reason: unknown) => reason);
    assert.equal((error as { code: string }).code, 'circuit-open');
    const cause = (error as Error).cause;
    assert.ok(cause instanceof RecoveryError);
    assert.match(String(cause.cause), /It will not/);
    assert.equal(bench.board.link.framesSent, sent, 'nothing was sent');
  });

  it('leaves the other entry points, and the same one of another driver, alone', async () => {
    await start({ failures: 1, restMs: REST_MS });
    await fail();
    await assert.rejects(fickle.set(false), { code: 'circuit-open' });
    await fickle.other();
    await new Fickle(bench.board).set(false);
  });

  it('counts failures in a row only', async () => {
    await start({ failures: 2, restMs: REST_MS });
    for (let i = 0; i < 5; i++) {
      await fail();
      await fickle.set(false);
    }
  });

  it('lets one call through after the rest, and closes when that succeeds', async () => {
    await start({ failures: 2, restMs: REST_MS });
    await fail();
    await fail();
    environment.advance(REST_MS - 1);
    await assert.rejects(fickle.set(false), { code: 'circuit-open' });
    environment.advance(1);
    let finish!: () => void;
    const trial = fickle.set(
      false,
      new Promise((resolve) => {
        finish = resolve;
      }),
    );
    await assert.rejects(fickle.set(false), { code: 'circuit-open' }, 'only one is let through');
    finish();
    await trial;
    await fail();
    await fickle.set(false);
  });

  it('rests anew when the call that was let through fails', async () => {
    await start({ failures: 2, restMs: REST_MS });
    await fail();
    await fail();
    environment.advance(REST_MS);
    await fail();
    await assert.rejects(fickle.set(false), { code: 'circuit-open' });
    environment.advance(REST_MS);
    await fickle.set(false);
  });

  it('is chosen by the name of the entry point', async () => {
    await start((name) => (name === 'Fickle.other' ? { failures: 1, restMs: REST_MS } : undefined));
    for (let i = 0; i < 5; i++) await fail();
    await fickle.set(false);
  });
});
