import { uno } from '../../peripherals/atmega328p/index.js';
import type { PeripheralSpec } from '../../runtime/index.js';
import { everySpec, verifyRestore } from '../../runtime/registers/survey.js';
import { image, picoBoard } from '../emulated.js';
import { fullUnoImage, unoBoard, unoImage } from '../emulated-uno.js';
import { virtualEnvironment } from '../../transports/virtual-environment.js';
import { row, type Row } from './report.js';

const RAM_BYTES = 264 * 1024;

/** What the firmware of an Uno may take: a quarter of its flash, and half of its RAM with the stack; the full one, three eighths and all. */
const UNO_FIRMWARE = [
  { name: 'atmega328p', firmware: unoImage, flash: 8192, ram: 1024 },
  { name: 'atmega328p-full', firmware: fullUnoImage, flash: 12288, ram: 2048 },
] as const;
const UNO_RAM = { from: 0x100, to: 0x900 } as const;

/**
 * RAM holds something else at every power-on, except where the firmware has put something. Four times, so that a byte which is the
 * same by chance (1 in 256) does not count.
 */
const SEEDS = [1, 2, 3, 4] as const;

function writtenIn(contents: readonly Uint8Array[]): boolean[] {
  return Array.from(contents[0]!, (byte, at) => contents.every((content) => content[at] === byte));
}

/** Bytes of flash that the image takes, and bytes of RAM that a running board has written: data, stack and buffers. */
export async function measureFirmware(): Promise<Row[]> {
  const contents: Uint8Array[] = [];
  for (const seed of SEEDS) {
    const bench = await picoBoard({ environment: virtualEnvironment(seed) });
    contents.push(bench.emulated.chip.silicon.sram.slice(0, RAM_BYTES));
    await bench.dispose();
  }
  const written = writtenIn(contents).filter(Boolean).length;
  return [
    row('firmware/flash-bytes', image.length, 'bytes'),
    row('firmware/ram-bytes', written, 'bytes'),
    ...(await Promise.all(UNO_FIRMWARE.map(measureUnoFirmware))).flat(),
  ];
}

/** Data and buffers are at the bottom of RAM, the stack is at its top; between them lies the longest piece that was never written. */
async function measureUnoFirmware({ name, firmware, flash, ram }: (typeof UNO_FIRMWARE)[number]): Promise<Row[]> {
  const contents: Uint8Array[] = [];
  for (const seed of SEEDS) {
    const bench = await unoBoard({}, virtualEnvironment(seed), firmware);
    for (const spec of everySpec(uno.peripherals) as readonly PeripheralSpec[])
      await verifyRestore(await bench.reopen(), spec);
    const { chip } = bench.emulated;
    contents.push(Uint8Array.from({ length: UNO_RAM.to - UNO_RAM.from }, (_, at) => chip.read8(UNO_RAM.from + at)));
    await bench.dispose();
  }
  const [bottom, top] = longestGap(writtenIn(contents));
  const stack = UNO_RAM.to - UNO_RAM.from - top;
  return [
    row(`firmware/${name}-flash`, firmware.length, 'bytes', flash),
    row(`firmware/${name}-ram`, bottom + stack, 'bytes', ram),
    row(`firmware/${name}-stack`, stack, 'bytes'),
  ];
}

function longestGap(written: readonly boolean[]): readonly [from: number, to: number] {
  let longest: readonly [number, number] = [0, 0];
  let from = 0;
  for (const [at, isWritten] of [...written, true].entries()) {
    if (!isWritten) continue;
    if (at - from > longest[1] - longest[0]) longest = [from, at];
    from = at + 1;
  }
  return longest;
}
