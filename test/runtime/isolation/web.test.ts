import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Worker as NodeWorker } from 'node:worker_threads';
import { pico } from '../../../peripherals/rp2040/index.js';
import { EntryPointError, isolate, open, type Board } from '../../../runtime/index.js';
import { webThreads } from '../../../runtime/isolation/web.js';
import { instantController } from '../../bench/instant-controller.js';
import { compiled } from '../../compiled.js';
import { Slice } from './drivers.js';

/** What a browser gives the code inside a worker, as far as ours asks for it. */
const SELF = `
  import { parentPort } from 'node:worker_threads';
  const self = new EventTarget();
  self.postMessage = (message) => parentPort.postMessage(message);
  process.on('unhandledRejection', (reason) => self.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason })));
  globalThis.self = self;
  await import(WEB_WORKER);
  parentPort.on('message', (data) => self.dispatchEvent(Object.assign(new Event('message'), { data })));`;

/** The W3C Worker of a browser over a thread of Node; there is no browser here. */
class WebWorker extends EventTarget {
  readonly #thread = new NodeWorker(
    new URL(
      `data:text/javascript,${encodeURIComponent(SELF.replace('WEB_WORKER', JSON.stringify(compiled('runtime/isolation/web-worker.ts').href)))}`,
    ),
    { execArgv: [] },
  );
  terminated = false;

  constructor() {
    super();
    this.#thread.unref();
    this.#thread.on('message', (data) =>
      this.dispatchEvent(Object.assign(new Event('message'), { data: data as unknown })),
    );
    this.#thread.on('error', (error) =>
      this.dispatchEvent(Object.assign(new Event('error'), { message: error.message, error })),
    );
  }

  postMessage(message: unknown): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
    this.#thread.postMessage(message);
  }

  terminate(): void {
    this.terminated = true;
    void this.#thread.terminate();
  }
}

describe('Web Workers', function () {
  this.timeout(30_000);
  const started: WebWorker[] = [];
  const threads = webThreads({
    start() {
      const worker = new WebWorker();
      started.push(worker);
      return worker as unknown as Worker;
    },
  });
  let board: Board<(typeof pico)['peripherals']>;
  before(async () => (board = await open(instantController(), pico)));
  after(() => board.close());

  it('run entry points, and one that dies of its own code is replaced', async () => {
    const driver = new Slice(board);
    const isolation = isolate(driver, { module: compiled('test/runtime/isolation/drivers.ts'), threads });
    assert.equal(await driver.set(5), 5);
    assert.deepEqual([driver.duty, driver.log], [5, ['set 5']]);
    for (const how of ['leaves a rejection unhandled', 'throws in a timer'] as const) {
      const error: unknown = await driver.leave(how).catch((reason: unknown) => reason);
      assert.ok(error instanceof EntryPointError);
      assert.equal(error.code, 'worker-death');
      assert.match(error.message, /nobody looks|too late/);
      assert.equal(await driver.set(6), 6);
    }
    isolation.close();
    assert.ok(started.length >= 3);
    assert.ok(started.every(({ terminated }) => terminated));
  });

  it('start with a file that a bundler must not leave out: it exports nothing', async () => {
    const { exports, sideEffects } = JSON.parse(
      await readFile(new URL('../../../package.json', import.meta.url), 'utf8'),
    ) as {
      exports: Record<string, { default: string }>;
      sideEffects: readonly string[] | false;
    };
    const first = exports['./isolation/web-worker']!.default;
    assert.ok(sideEffects);
    assert.deepEqual(new Set(sideEffects), new Set([first, first.replace('web', 'node')]));
  });

  it('end, with the call that they run, when what they have sent cannot be read', async () => {
    const driver = new Slice(board);
    const isolation = isolate(driver, { module: compiled('test/runtime/isolation/drivers.ts'), threads });
    const worker = started.at(-1)!;
    const call = driver.leave('never returns').catch((reason: unknown) => reason);
    await new Promise((resolve) => setImmediate(resolve));
    worker.dispatchEvent(new Event('messageerror'));
    const error = await call;
    assert.ok(error instanceof EntryPointError);
    assert.equal(error.code, 'worker-death');
    assert.match(error.message, /could not be read/);
    assert.ok(worker.terminated);
    assert.equal(await driver.set(6), 6);
    isolation.close();
  });
});
