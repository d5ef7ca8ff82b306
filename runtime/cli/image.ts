/// <reference types="node" />
import { readFile } from 'node:fs/promises';

/** The firmware of this name in this package, which is one folder further out where this file is compiled. */
export async function firmwareImage(name: 'rp2040' | 'atmega328p' | 'atmega328p-full' = 'rp2040'): Promise<Uint8Array> {
  const [built, source] = ['../../../', '../../'].map(
    (folder) => new URL(`${folder}firmware/images/fgft-${name}.bin`, import.meta.url),
  );
  return readFile(source!).catch(() => readFile(built!));
}
