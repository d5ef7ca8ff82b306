/** Workers are given JavaScript: what the tests here run in them is compiled first, into a folder of its own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

const FILES = [
  'runtime/isolation/node-worker.ts',
  'runtime/isolation/web-worker.ts',
  'test/runtime/isolation/drivers.ts',
  'test/bench/counter.ts',
  'test/runtime/detectors/prone.ts',
  'test/runtime/inject/leaky.ts',
  'test/torture/host.ts',
  'examples/isolated.ts',
  'examples/servo-workload.ts',
  'runtime/cli/fgft.ts',
];

let folder: string | undefined;

/** Where a source file of this repository stands as JavaScript: one of `FILES`, or something that they import. */
export function compiled(path: string): URL {
  folder ??= compile(FILES);
  return pathToFileURL(join(folder, path.replace(/\.ts$/, '.js')));
}

function compile(files: readonly string[]): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'fgft-workers-')));
  process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  const options = { noEmit: false, noCheck: true, rootDir: root, outDir: made };
  const project = join(made, 'tsconfig.json');
  writeFileSync(
    project,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { ...options, typeRoots: [join(root, 'node_modules/@types')] },
      include: [],
      files: files.map((file) => join(root, file)),
    }),
  );
  writeFileSync(join(made, 'package.json'), '{ "type": "module" }');
  for (const needed of ['node_modules', 'firmware']) symlinkSync(join(root, needed), join(made, needed));
  const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' });
  return made;
}
