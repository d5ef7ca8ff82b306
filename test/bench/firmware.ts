import { image, picoBoard } from '../emulated.js';
import { virtualEnvironment } from '../../transports/virtual-environment.js';
import { row, type Row } from './report.js';

const RAM_BYTES = 264 * 1024;

/** Bytes of flash that the image takes, and bytes of RAM that a running board has written: data, stack and buffers. */
export async function measureFirmware(): Promise<Row[]> {
  // RAM holds something else at every power-on, except where the firmware has put something. Four times, so that a byte
  // which is the same by chance (1 in 256) does not count.
  const contents: Uint8Array[] = [];
  for (const seed of [1, 2, 3, 4]) {
    const bench = await picoBoard({ environment: virtualEnvironment(seed) });
    contents.push(bench.emulated.chip.silicon.sram.slice());
    await bench.dispose();
  }
  let written = 0;
  for (let i = 0; i < RAM_BYTES; i++) if (contents.every((content) => content[i] === contents[0]![i])) written++;
  return [row('firmware/flash-bytes', image.length, 'bytes'), row('firmware/ram-bytes', written, 'bytes')];
}
