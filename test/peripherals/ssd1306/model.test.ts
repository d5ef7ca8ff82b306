import assert from 'node:assert/strict';
import { ssd1306Model, type Ssd1306Model } from '../../../peripherals/ssd1306/model.js';

function send(chip: Ssd1306Model, ...bytes: number[]): void {
  assert(chip.start('write'));
  for (const byte of bytes) assert(chip.write(byte));
  chip.stop();
}
const command = (chip: Ssd1306Model, ...bytes: number[]): void => send(chip, 0x00, ...bytes);
const data = (chip: Ssd1306Model, ...bytes: number[]): void => send(chip, 0x40, ...bytes);

/** Cleared RAM, horizontal addressing, charge pump and display on. */
function shown(options: { rotated?: boolean } = {}): { clock: { nanos: number }; chip: Ssd1306Model } {
  const clock = { nanos: 0 };
  const chip = ssd1306Model({ clock, ...options });
  command(chip, 0x20, 0x00, 0x21, 0, 127, 0x22, 0, 7, 0x8d, 0x14, 0xaf);
  data(chip, ...Array.from({ length: 1024 }, () => 0));
  return { clock, chip };
}

const lit = (chip: Ssd1306Model): string[] => {
  const found: string[] = [];
  for (let y = 0; y < 64; y++) for (let x = 0; x < 128; x++) if (chip.pixel(x, y)) found.push(`${x},${y}`);
  return found;
};

describe('SSD1306 model', () => {
  it('comes up as reset leaves it, with noise in its RAM', () => {
    const chip = ssd1306Model({ clock: { nanos: 0 } });
    const { displayOn, contrast, multiplex, addressing, chargePump, pointer } = chip.registers;
    assert.deepEqual(
      { displayOn, contrast, multiplex, addressing, chargePump, pointer },
      {
        displayOn: false,
        contrast: 0x7f,
        multiplex: 64,
        addressing: 'page',
        chargePump: false,
        pointer: { column: 0, page: 0 },
      },
    );
    assert(new Set(chip.memory).size > 50);
    assert.deepEqual(lit(chip), []);
  });

  it('shows what was written, D0 on top of its page', () => {
    const { chip } = shown();
    command(chip, 0x21, 5, 127, 0x22, 2, 7);
    data(chip, 0x81);
    assert.deepEqual(lit(chip), ['5,16', '5,23']);
  });

  it('is dark without display on or charge pump, and keeps its RAM', () => {
    const { chip } = shown();
    data(chip, 0x01);
    command(chip, 0xae);
    assert.deepEqual(lit(chip), []);
    command(chip, 0xaf, 0x8d, 0x10);
    assert.deepEqual(lit(chip), []);
    command(chip, 0x8d, 0x14);
    assert.deepEqual(lit(chip), ['0,0']);
  });

  it('inverts, and lights everything whatever RAM holds', () => {
    const { chip } = shown();
    data(chip, 0x01);
    command(chip, 0xa7);
    assert.equal(lit(chip).length, 8191);
    assert.equal(chip.pixel(0, 0), false);
    command(chip, 0xa6, 0xa5);
    assert.equal(lit(chip).length, 8192);
    command(chip, 0xa4);
    assert.equal(lit(chip).length, 1);
  });

  it('takes one byte after a control byte with Co, all bytes after one without', () => {
    const { chip } = shown();
    send(chip, 0x80, 0x81, 0x80, 0x33, 0xc0, 0x01, 0x80, 0xa7, 0x40, 0x02, 0x04);
    assert.equal(chip.registers.contrast, 0x33);
    assert.equal(chip.registers.inverse, true);
    assert.deepEqual([...chip.memory.subarray(0, 4)], [1, 2, 4, 0]);
  });

  it('waits for the parameters of a command across transmissions', () => {
    const { chip } = shown();
    command(chip, 0x21, 3);
    command(chip, 9);
    assert.deepEqual([chip.registers.columnStart, chip.registers.columnEnd], [3, 9]);
  });

  it('moves through a window by rows in horizontal mode', () => {
    const { chip } = shown();
    command(chip, 0x21, 126, 127, 0x22, 6, 7);
    data(chip, 1, 2, 3, 4, 5);
    assert.deepEqual([...chip.memory.subarray(6 * 128 + 126, 7 * 128)], [5, 2]);
    assert.deepEqual([...chip.memory.subarray(7 * 128 + 126)], [3, 4]);
  });

  it('moves through a window by columns in vertical mode', () => {
    const { chip } = shown();
    command(chip, 0x20, 0x01, 0x21, 126, 127, 0x22, 6, 7);
    data(chip, 1, 2, 3, 4, 5);
    assert.deepEqual([...chip.memory.subarray(6 * 128 + 126, 7 * 128)], [5, 3]);
    assert.deepEqual([...chip.memory.subarray(7 * 128 + 126)], [2, 4]);
  });

  it('stays in its page in page mode, where alone column and page commands count', () => {
    const { chip } = shown();
    command(chip, 0x05, 0x11, 0xb3);
    assert.deepEqual(chip.registers.pointer, { column: 0, page: 0 });
    command(chip, 0x20, 0x02, 0x0f, 0x17, 0xb3);
    data(chip, 0xaa, 0xbb);
    assert.equal(chip.memory[3 * 128 + 127], 0xaa);
    assert.equal(chip.memory[3 * 128], 0xbb);
    command(chip, 0x21, 1, 2, 0x22, 1, 2);
    assert.deepEqual(chip.registers.pointer, { column: 1, page: 3 });
    assert.equal(chip.registers.columnEnd, 127);
  });

  it('mirrors by segment remap only what is written afterwards', () => {
    const { chip } = shown();
    data(chip, 0x01);
    command(chip, 0xa1);
    assert.deepEqual(lit(chip), ['0,0']);
    data(chip, 0x01);
    assert.deepEqual(lit(chip), ['0,0', '126,0']);
  });

  it('turns the picture over with the scan direction at once', () => {
    const { chip } = shown();
    data(chip, 0x01);
    command(chip, 0xc8);
    assert.deepEqual(lit(chip), ['0,63']);
    command(chip, 0xc0);
    assert.deepEqual(lit(chip), ['0,0']);
  });

  it('shows an upright picture on a panel mounted upside down after A1 and C8', () => {
    const { chip } = shown({ rotated: true });
    command(chip, 0xa1, 0xc8);
    data(chip, 0x02);
    assert.deepEqual(lit(chip), ['0,1']);
  });

  it('starts with the row of the start line, and moves the picture up by the offset', () => {
    const { chip } = shown();
    command(chip, 0x22, 1, 7);
    data(chip, 0x01); // RAM row 8
    command(chip, 0x48);
    assert.deepEqual(lit(chip), ['0,0']);
    command(chip, 0x40, 0xd3, 8);
    assert.deepEqual(lit(chip), ['0,0']);
    command(chip, 0xd3, 56);
    assert.deepEqual(lit(chip), ['0,16']);
  });

  it('scans no more rows than the multiplex ratio says', () => {
    const { chip } = shown();
    command(chip, 0xa5, 0xa8, 31);
    assert.equal(lit(chip).length, 32 * 128);
    command(chip, 0xa8, 14);
    assert.equal(chip.registers.multiplex, 32);
    command(chip, 0xa4, 0xc8);
    data(chip, 0x01);
    assert.deepEqual(lit(chip), ['0,31']);
    // Table 10-1, multiplex 56 with offset 8: row 0 comes out at COM56.
    command(chip, 0xc0, 0xa8, 55, 0xd3, 8);
    assert.deepEqual(lit(chip), ['0,56']);
  });

  it('agrees with the examples of offset and start line in tables 10-1 and 10-2', () => {
    // Multiplex ratio, direction, offset, start line, and the RAM row that COM0, COM8, COM47 and COM56 show.
    const examples = [
      [64, 0xc0, 8, 0, [8, 16, 55, 0]],
      [64, 0xc0, 0, 8, [8, 16, 55, 0]],
      [56, 0xc0, 8, 0, [8, 16, 55, 0]],
      [56, 0xc0, 0, 8, [8, 16, 55, undefined]],
      [64, 0xc8, 0, 0, [63, 55, 16, 7]],
      [64, 0xc8, 8, 0, [7, 63, 24, 15]],
      [64, 0xc8, 0, 8, [7, 63, 24, 15]],
      [48, 0xc8, 0, 0, [47, 39, 0, undefined]],
      [48, 0xc8, 8, 0, [undefined, 47, 8, undefined]],
      [48, 0xc8, 0, 8, [55, 47, 8, undefined]],
      [48, 0xc8, 8, 16, [undefined, 63, 24, undefined]],
    ] as const;
    const { chip } = shown();
    // Column n has only its row n set.
    for (let row = 0; row < 64; row++) {
      command(chip, 0x21, row, 127, 0x22, row >> 3, 7);
      data(chip, 1 << (row & 7));
    }
    for (const [multiplex, direction, offset, start, rows] of examples) {
      command(chip, 0xa8, multiplex - 1, direction, 0xd3, offset, 0x40 | start);
      const columns = Array.from({ length: 64 }, (_, x) => x);
      const found = [0, 8, 47, 56].map((com) => columns.find((x) => chip.pixel(x, com)));
      assert.deepEqual(found, rows, `${multiplex} ${direction} ${offset} ${start}`);
    }
  });

  it('scrolls its RAM with the frames', () => {
    const { clock, chip } = shown();
    data(chip, 0x01);
    // Every two frames of 64 rows of 54 clocks at 370 kHz.
    const step = (2 * 64 * 54 * 1e9) / 370e3;
    command(chip, 0x26, 0, 0, 7, 0, 0, 0xff, 0x2f);
    clock.nanos += 3.5 * step;
    assert.deepEqual(lit(chip), ['3,0']);
    command(chip, 0x2e);
    clock.nanos += 10 * step;
    assert.deepEqual(lit(chip), ['3,0']);
    command(chip, 0x27, 0, 0, 7, 0, 0, 0xff, 0x2f);
    clock.nanos += 4.5 * step;
    assert.deepEqual(lit(chip), ['127,0']);
  });

  it('answers a read with its status', () => {
    const { chip } = shown();
    chip.start('read');
    assert.equal(chip.read() & 0x40, 0);
    command(chip, 0xae);
    assert.equal(chip.read() & 0x40, 0x40);
  });

  it('ignores commands that it does not have', () => {
    const { chip } = shown();
    const before = chip.registers;
    command(chip, 0xe3, 0xad, 0x30, 0xff, 0xb8, 0xcb, 0x23, 0xa7, 0xd6, 0xa7);
    assert.deepEqual(chip.registers, before);
  });

  it('forgets registers, picture and an unfinished command with its supply', () => {
    const { chip } = shown();
    command(chip, 0x81);
    chip.power(false);
    assert.equal(chip.start('write'), false);
    chip.power(true);
    command(chip, 0xa7);
    assert.equal(chip.registers.inverse, true);
    assert.equal(chip.registers.displayOn, false);
    assert(chip.memory.some((byte) => byte !== 0));
  });
});
