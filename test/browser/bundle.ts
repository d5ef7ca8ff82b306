/** Bundles pages of these tests as a browser loads them. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** A page's modules by name, among them `page`. */
export type Entries = { readonly page: string } & Readonly<Record<string, string>>;

/** The files of a page by their names: its modules, and the firmware. */
export async function bundle(entries: Entries): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, here(file)])),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    keepNames: true,
    write: false,
    outdir: here('.'),
  });
  const files = new Map<string, Uint8Array>(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  files.set('firmware.bin', await readFile(here('../../firmware/images/fgft-rp2040.bin')));
  const html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="page.js"></script>';
  return files.set('index.html', new TextEncoder().encode(html));
}
