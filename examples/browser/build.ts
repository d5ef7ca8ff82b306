/** Builds the page with esbuild: one bundle for it, one for the drivers, one for workers; they share what they have in common. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The files of the page by their names, ready to be served. */
export async function buildPage(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: {
      page: here('page.ts'),
      drivers: here('drivers.ts'),
      worker: here('../../runtime/isolation/web-worker.ts'),
      style: here('style/index.css'),
    },
    bundle: true,
    // A driver that a worker imports has to use the very modules that the worker uses.
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    // Errors and traces name drivers by their classes.
    keepNames: true,
    sourcemap: 'inline',
    write: false,
    outdir: here('.'),
  });
  const files = new Map<string, Uint8Array>(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  files.set('index.html', await readFile(here('index.html')));
  files.set('firmware.bin', await readFile(here('../../firmware/images/fgft-rp2040.bin')));
  return files;
}
