/// <reference types="node" />
import { readFile } from 'node:fs/promises';
import type { BoardName } from '../link/protocol.js';

/** The firmware for a controller in this package, which is one folder further out where this file is compiled. */
export async function firmwareImage(controller: BoardName = 'rp2040'): Promise<Uint8Array> {
  const [built, source] = ['../../../', '../../'].map(
    (folder) => new URL(`${folder}firmware/images/fgft-${controller}.bin`, import.meta.url),
  );
  return readFile(source!).catch(() => readFile(built!));
}
