import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));

/** The exports that are for Node alone; all others must run in a browser. */
const NODE_ONLY: readonly string[] = [
  './context/node',
  './isolation/node',
  './transports/serial',
  './transports/node-usb',
];

const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  exports: Record<string, string | { default: string }>;
};

/** The sources behind an export; none where it is no module. */
function sourcesOf(target: string | { default: string }): string[] {
  if (typeof target === 'string') return [];
  const [before, after] = target.default.replace('./dist/', '').replace(/\.js$/, '.ts').split('*');
  if (after === undefined) return [before!];
  return readdirSync(`${root}${before}`)
    .map((folder) => `${before}${folder}${after}`)
    .filter((source) => existsSync(`${root}${source}`));
}

/** Bundles one module as a browser gets it, and tells which modules of Node it asks for, and who asks. */
async function nodeImports(source: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [`${root}${source}`],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    absWorkingDir: root,
    external: ['node:*', ...builtinModules],
    loader: { '.node': 'empty' },
    logLevel: 'silent',
  });
  return Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
    imports.filter(({ external }) => external).map(({ path }) => `${file} imports ${path}`),
  );
}

describe('In a browser', () => {
  for (const [name, target] of Object.entries(exports)) {
    if (NODE_ONLY.includes(name)) {
      it(`fgft${name.slice(1)} cannot run, because it imports modules of Node`, async () => {
        for (const source of sourcesOf(target)) assert.notDeepEqual(await nodeImports(source), []);
      });
      continue;
    }
    for (const source of sourcesOf(target)) {
      it(`${source} (fgft${name.slice(1)}) runs: nothing that it imports is a module of Node`, async () => {
        assert.deepEqual(await nodeImports(source), []);
      });
    }
  }

  it('no public module is forgotten', () => {
    const all = Object.values(exports).flatMap(sourcesOf);
    assert.ok(all.includes('runtime/index.ts') && all.includes('runtime/isolation/web-worker.ts'));
    assert.ok(all.includes('peripherals/sht30/model.ts') && all.includes('transports/emulator/index.ts'));
  });
});
