/// <reference types="node" />
import { readFile } from 'node:fs/promises';

/** The firmware in this package, which is one folder further out where this file is compiled. */
export async function firmwareImage(): Promise<Uint8Array> {
  const [built, source] = ['../../../', '../../'].map(
    (folder) => new URL(`${folder}firmware/images/fgft-rp2040.bin`, import.meta.url),
  );
  return readFile(source!).catch(() => readFile(built!));
}
