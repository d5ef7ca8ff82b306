import assert from 'node:assert/strict';
import { crc8 } from '../../../peripherals/sht30/model-commands.js';
import { sht30Model, type Sht30Model } from '../../../peripherals/sht30/model.js';

const MILLISECOND = 1e6;

function bench(): { clock: { nanos: number }; chip: Sht30Model } {
  const clock = { nanos: 0 };
  return { clock, chip: sht30Model({ clock, temperature: 23.5, humidity: 40 }) };
}

function send(chip: Sht30Model, command: number): boolean {
  const acknowledged = chip.start('write') && chip.write(command >> 8) && chip.write(command & 0xff);
  chip.stop();
  return acknowledged;
}

/** Undefined where the header is not acknowledged. */
function receive(chip: Sht30Model, count: number): number[] | undefined {
  const acknowledged = chip.start('read');
  const bytes = acknowledged ? Array.from({ length: count }, () => chip.read()) : undefined;
  chip.stop();
  return bytes;
}

function climate(bytes: readonly number[] | undefined): string {
  assert(bytes, 'the read header is acknowledged');
  const [a = 0, b = 0, crcT, c = 0, d = 0, crcH] = bytes;
  assert.equal(crcT, crc8([a, b]));
  assert.equal(crcH, crc8([c, d]));
  const degrees = ((a * 256 + b) / 65535) * 175 - 45;
  return `${degrees.toFixed(1)} °C ${(((c * 256 + d) / 65535) * 100).toFixed(1)} %`;
}

function status(clock: { nanos: number }, chip: Sht30Model): number {
  clock.nanos += 2 * MILLISECOND;
  assert(send(chip, 0xf32d));
  const [high = 0, low = 0, crc] = receive(chip, 3) ?? [];
  assert.equal(crc, crc8([high, low]));
  clock.nanos += 2 * MILLISECOND;
  return high * 256 + low;
}

describe('SHT30 model', () => {
  it('computes the checksum of the example in table 20', () => {
    assert.equal(crc8([0xbe, 0xef]), 0x92);
  });

  for (const [command, milliseconds] of [
    [0x2400, 15],
    [0x240b, 6],
    [0x2416, 4],
  ] as const) {
    it(`measures once in ${milliseconds} ms, and does not acknowledge a read before`, () => {
      const { clock, chip } = bench();
      assert(send(chip, command));
      clock.nanos = milliseconds * MILLISECOND - 1;
      assert.equal(receive(chip, 6), undefined);
      assert.equal(chip.registers.mode, 'single shot');
      clock.nanos += 1;
      assert.equal(climate(receive(chip, 6)), '23.5 °C 40.0 %');
      assert.equal(receive(chip, 6), undefined);
    });
  }

  it('holds the clock with clock stretching until the measurement is over', () => {
    const { clock, chip } = bench();
    assert(send(chip, 0x2c06));
    clock.nanos = 2 * MILLISECOND;
    assert(chip.start('read'));
    assert.equal(chip.stretchUntil, 15 * MILLISECOND);
    chip.temperature = -10;
    clock.nanos = 15 * MILLISECOND;
    chip.humidity = 90;
    const bytes = Array.from({ length: 6 }, () => chip.read());
    chip.stop();
    assert.equal(climate(bytes), '-10.0 °C 40.0 %');
    assert.equal(chip.stretchUntil, 0);
    assert.equal(receive(chip, 6), undefined);
  });

  it('measures again and again in periodic mode, and gives each result once, when fetched', () => {
    const { clock, chip } = bench();
    assert(send(chip, 0x2130));
    clock.nanos = 14 * MILLISECOND;
    assert(send(chip, 0xe000));
    assert.equal(receive(chip, 6), undefined);
    clock.nanos = 16 * MILLISECOND;
    assert.equal(receive(chip, 6), undefined);
    assert(send(chip, 0xe000));
    assert.equal(climate(receive(chip, 6)), '23.5 °C 40.0 %');
    chip.temperature = 50;
    clock.nanos = 1014 * MILLISECOND;
    assert(send(chip, 0xe000));
    assert.equal(receive(chip, 6), undefined);
    clock.nanos = 3016 * MILLISECOND;
    assert(send(chip, 0xe000));
    assert.equal(climate(receive(chip, 6)), '50.0 °C 40.0 %');
  });

  it('knows every periodic command', () => {
    const commands = [
      0x2032, 0x2024, 0x202f, 0x2130, 0x2126, 0x212d, 0x2236, 0x2220, 0x222b, 0x2334, 0x2322, 0x2329, 0x2737, 0x2721,
      0x272a, 0x2b32,
    ];
    for (const command of commands) {
      const { chip } = bench();
      send(chip, command);
      assert.equal(chip.registers.mode, 'periodic', command.toString(16));
    }
  });

  it('stops on a break, in the middle of a measurement too', () => {
    const { clock, chip } = bench();
    send(chip, 0x2737);
    clock.nanos = 105 * MILLISECOND;
    assert(send(chip, 0x3093));
    assert.equal(chip.registers.mode, 'idle');
    clock.nanos += 2 * MILLISECOND;
    assert(send(chip, 0x2400));
    clock.nanos += 2 * MILLISECOND;
    assert(send(chip, 0x3093));
    clock.nanos += 20 * MILLISECOND;
    assert.equal(receive(chip, 6), undefined);
  });

  it('receives no command within 1 ms of another', () => {
    const { clock, chip } = bench();
    assert(send(chip, 0x306d));
    clock.nanos = MILLISECOND - 1;
    assert.equal(send(chip, 0x3066), false);
    clock.nanos = MILLISECOND;
    assert(send(chip, 0x3066));
  });

  it('tells in its status of reset, heater, and a command that it did not process', () => {
    const { clock, chip } = bench();
    assert.equal(status(clock, chip), 0x8010);
    send(chip, 0x306d);
    assert.equal(status(clock, chip), 0xa010);
    send(chip, 0x3041);
    assert.equal(status(clock, chip), 0x2000);
    send(chip, 0x1234);
    assert.equal(status(clock, chip), 0x2002);
    send(chip, 0x3066);
    assert.equal(status(clock, chip), 0x0000);
  });

  it('does not process a measurement, nor a soft reset, while it measures', () => {
    const { clock, chip } = bench();
    send(chip, 0x2400);
    clock.nanos = 2 * MILLISECOND;
    send(chip, 0x2416);
    clock.nanos = 4 * MILLISECOND;
    send(chip, 0x30a2);
    assert.equal(chip.registers.status, 0x8012);
    clock.nanos = 15 * MILLISECOND;
    assert.equal(climate(receive(chip, 6)), '23.5 °C 40.0 %');
  });

  it('is deaf for 1.5 ms after a soft reset, and as after power-up then', () => {
    const { clock, chip } = bench();
    send(chip, 0x3041);
    clock.nanos = 2 * MILLISECOND;
    send(chip, 0x306d);
    clock.nanos = 4 * MILLISECOND;
    send(chip, 0x30a2);
    clock.nanos += 1.5 * MILLISECOND - 1;
    assert.equal(chip.start('read'), false);
    assert.equal(chip.start('write'), false);
    clock.nanos += 1;
    assert.equal(status(clock, chip), 0x8010);
  });

  it('ignores half a command', () => {
    const { clock, chip } = bench();
    chip.start('write');
    chip.write(0x24);
    chip.stop();
    assert.equal(chip.registers.mode, 'idle');
    assert(send(chip, 0x2400));
    assert.equal(clock.nanos, 0);
  });

  it('clips to the range of its registers', () => {
    const { clock, chip } = bench();
    chip.temperature = 200;
    chip.humidity = -5;
    send(chip, 0x2400);
    clock.nanos = 15 * MILLISECOND;
    assert.equal(climate(receive(chip, 6)), '130.0 °C 0.0 %');
  });

  it('keeps nothing without power, and is idle 1 ms after it comes back', () => {
    const { clock, chip } = bench();
    send(chip, 0x2737);
    chip.power(false);
    clock.nanos = 100 * MILLISECOND;
    assert.equal(chip.start('write'), false);
    chip.power(true);
    assert.equal(chip.start('write'), false);
    clock.nanos += MILLISECOND;
    assert(send(chip, 0xe000));
    assert.equal(receive(chip, 6), undefined);
    assert.equal(chip.registers.mode, 'idle');
    chip.reset();
    assert.equal(chip.start('write'), false);
  });

  it('takes alert limits with their checksum only, reads them back, and has those of table 1 after a reset', () => {
    const { clock, chip } = bench();
    const defaults = [0xcd33, 0xc92d, 0x3869, 0x3466];
    assert.deepEqual(chip.limits, defaults);
    const sendLimit = (...bytes: number[]): boolean => {
      clock.nanos += 2 * MILLISECOND;
      const acknowledged = chip.start('write') && bytes.every((byte) => chip.write(byte));
      chip.stop();
      return acknowledged;
    };
    assert(sendLimit(0x61, 0x16, 0xbe, 0xef, 0x92));
    assert.deepEqual(chip.limits, [0xcd33, 0xbeef, 0x3869, 0x3466]);
    assert.equal(status(clock, chip) & 0x0003, 0);
    assert(sendLimit(0x61, 0x00, 0xbe, 0xef, 0x93));
    assert.deepEqual(chip.limits, [0xcd33, 0xbeef, 0x3869, 0x3466]);
    assert.equal(status(clock, chip) & 0x0003, 0x0001);
    assert(!sendLimit(0x61, 0x00, 0xbe, 0xef, 0x92, 0x00), 'a byte too many');
    assert(!sendLimit(0x61, 0x01, 0xbe), 'no such limit');
    clock.nanos += 2 * MILLISECOND;
    assert(send(chip, 0xe114));
    assert.deepEqual(receive(chip, 3), [0xbe, 0xef, 0x92]);
    chip.reset();
    assert.deepEqual(chip.limits, defaults);
  });
});
