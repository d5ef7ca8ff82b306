import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { at24c32 } from '../../../peripherals/at24c32/index.js';
import { attach } from '../../../runtime/index.js';
import { takeCheckpoint, TestingError } from '../../../runtime/testing/index.js';
import { picoBoard } from '../../emulated.js';

interface Report {
  readonly code: number;
  readonly passes: readonly { readonly title: string }[];
  readonly failures: readonly { readonly title: string; readonly err: { readonly message: string } }[];
  readonly pending: readonly { readonly title: string }[];
}

const MOCHA = fileURLToPath(new URL('../../../node_modules/mocha/bin/mocha.js', import.meta.url));

function runMocha(file: string): Promise<Report> {
  const fixture = fileURLToPath(new URL(file, import.meta.url));
  const args = ['--import', 'tsx', MOCHA, '--no-config', '--reporter', 'json', fixture];
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, out) => {
      resolve({ ...(JSON.parse(out.slice(out.indexOf('{'))) as Report), code: error ? Number(error.code) : 0 });
    });
  });
}

describe('fgft/testing', function () {
  this.timeout(60_000);
  let report: Report;
  before(async () => {
    report = await runMocha('guarded.fixture.ts');
  });
  const failure = (title: string) => report.failures.find((each) => each.title === title)?.err.message;

  it('lets tests pass that leave the board as they found it, each on what was before the others', () => {
    assert.deepEqual(
      report.passes.map(({ title }) => title),
      ['reads only', 'finds what was before the leak', 'cleans up', 'finds what was before the failure'],
    );
  });

  it('fails a test that leaves a register otherwise, and names both', () => {
    assert.match(failure('leaks')!, /^'leaks' has left pwm0\.CC is 0x42 instead of 0x5\. It was restored/);
    assert.match(failure('leaks, with a callback')!, /has left pin3\.OUT/);
  });

  it('lets a test that fails keep its own error', () => {
    assert.equal(failure('fails, and leaks'), 'of itself');
  });

  it('skips the rest when the board is broken, and says why', () => {
    assert.match(failure('breaks the board')!, /unplugged/);
    assert.equal(report.pending.length, 2);
    for (const { title } of report.pending) assert.match(title, /\(skipped, the board is broken: .*unplugged/);
  });

  it('fails each test, and the run, where a peripheral cannot be checkpointed', async () => {
    const { code, failures, pending } = await runMocha('misused.fixture.ts');
    assert.notEqual(code, 0);
    assert.deepEqual([failures.length, pending.length], [2, 0]);
    for (const { err } of failures) assert.match(err.message, /cannot be checkpointed between tests/);
  });

  it('fails the test that breaks the board, be it the last one, and leaks be restored', async () => {
    const { code, passes, failures } = await runMocha('last.fixture.ts');
    assert.notEqual(code, 0);
    assert.deepEqual(
      [passes, failures].map((tests) => tests.map(({ title }) => title)),
      [['leaks'], ['breaks the board']],
    );
    assert.match(failures[0]!.err.message, /unplugged/);
  });

  it('is used like this', async () => {
    const { passes, failures } = await runMocha('../../../examples/servo-suite.ts');
    assert.deepEqual([passes.length, failures.length], [2, 1]);
    assert.equal(
      failures[0]!.err.message,
      "'is left somewhere else' has left pwm1.CC is 0x4e2 instead of 0x5dc. It was restored: undo it in the test.",
    );
  });

  it('refuses a peripheral that no sequence saves', async () => {
    const bench = await picoBoard();
    const memory = attach(at24c32({ index: 0, target: 0x50 }), bench.board);
    await assert.rejects(
      takeCheckpoint(bench.board, [memory]),
      (error) => error instanceof TestingError && error.code === 'no-checkpoint',
    );
    await bench.dispose();
  });
});
