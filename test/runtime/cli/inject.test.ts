import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compiled } from '../../compiled.js';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The program as it is compiled: a workload that it loads must have the same runtime as itself. */
function fgft(...args: readonly string[]): Promise<Run> {
  const program = fileURLToPath(compiled('runtime/cli/fgft.ts'));
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

describe('fgft inject', function () {
  this.timeout(60_000);
  const workload = fileURLToPath(compiled('examples/servo-workload.ts'));

  it('prints a table of what came of every fault, and a verdict', async () => {
    const { code, out } = await fgft('inject', 'sweep', workload);
    assert.equal(code, 0);
    assert.match(out, /^exception +7 +7 +0 +0 +0 +exception 7$/m);
    assert.match(out, /Servo\.angle: \d+ faults, no call happened by half\.\n$/);
  });

  it('prints an array for programs', async () => {
    const { out } = await fgft('inject', 'sweep', workload, '--json');
    const rows = JSON.parse(out) as { fault: string; violations: unknown[] }[];
    assert.deepEqual(
      rows.flatMap(({ violations }) => violations),
      [],
    );
  });

  it('exits with 3 where a call has happened by half', async () => {
    const { code, out, err } = await fgft('inject', 'sweep', fileURLToPath(compiled('test/runtime/inject/leaky.ts')));
    assert.equal(code, 3);
    assert.match(out, /calls happened by half/);
    assert.match(err, /Leaky\.plain has happened by half \d+ times\. \[violations\]/);
  });

  for (const [args, message] of [
    [['inject'], /Say what to do: sweep\./],
    [['inject', 'melt', 'x'], /There is no inject melt\./],
    [['inject', 'sweep'], /Give one module with a workload\./],
  ] as const)
    it(`says what is missing in: fgft ${args.join(' ')}`, async () => {
      const { code, err } = await fgft(...args);
      assert.equal(code, 2);
      assert.match(err, message);
    });

  it('says so when a module cannot be loaded, or holds no workload', async () => {
    const nowhere = await fgft('inject', 'sweep', 'nowhere.js');
    assert.deepEqual([nowhere.code, /nowhere\.js cannot be loaded/.test(nowhere.err)], [1, true]);
    const other = await fgft('inject', 'sweep', fileURLToPath(compiled('runtime/index.ts')));
    assert.match(other.err, /has no workload as its default export/);
  });
});
