import assert from 'node:assert/strict';
import {
  calibrationOf,
  celsius,
  fineTemperature,
  pascals,
  readingsOf,
  relativeHumidity,
} from '../../../peripherals/bme280/compensation.js';

/** The words of the worked example in the BMP280 datasheet (BST-BMP280-DS001, 3.12), as they lie from 0x88 on. */
const LOW = new Uint8Array([
  112, 107, 67, 103, 24, 252, 125, 142, 67, 214, 208, 11, 39, 11, 140, 0, 249, 255, 140, 60, 248, 198, 112, 23, 0, 75,
]);
/** dig_H2 to dig_H6: 362, 0, 333, 50, 30; and with negative ones: 370, 20, -50, -40, -3 (0xe1 on). */
const HIGH = [0x6a, 0x01, 0x00, 0x14, 0x2d, 0x03, 0x1e];
const HIGH_NEGATIVE = [0x72, 0x01, 0x14, 0xfc, 0x8e, 0xfd, 0xfd];

function airOf(high: readonly number[], temperature: number, pressure: number, humidity: number): number[] {
  const calibration = calibrationOf(LOW, high);
  const fine = fineTemperature(calibration, temperature);
  return [celsius(fine), pascals(calibration, pressure, fine), relativeHumidity(calibration, humidity, fine)];
}

function assertClose(found: readonly number[], expected: readonly [celsius: number, pascals: number, percent: number]) {
  const tolerances = [0.01, 0.5, 0.01];
  for (const [index, tolerance] of tolerances.entries())
    assert.ok(
      Math.abs(found[index]! - expected[index]!) <= tolerance,
      `${found.join(', ')}, not ${expected.join(', ')}`,
    );
}

describe('The compensation of a BME280', () => {
  it('finds the words of the example in the BMP280 datasheet where the memory map has them', () => {
    assert.deepEqual(calibrationOf(LOW, HIGH), {
      t: [27504, 26435, -1000],
      p: [36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000],
      h: [75, 362, 0, 333, 50, 30],
    });
    assert.deepEqual(calibrationOf(LOW, HIGH_NEGATIVE).h, [75, 370, 20, -50, -40, -3]);
  });

  it('comes to the fine temperature, degrees and pascals of that example', () => {
    const calibration = calibrationOf(LOW, HIGH);
    const fine = fineTemperature(calibration, 519888);
    assert.equal(fine, 128422);
    assert.equal(celsius(fine), 25.08);
    assert.ok(Math.abs(pascals(calibration, 415148, fine) - 100653.27) < 0.05);
  });

  it('agrees with the same formulas in double precision (8.1), worked out apart from it', () => {
    assertClose(airOf(HIGH, 519888, 415148, 30000), [25.0825, 100653.267, 47.8745]);
    assertClose(airOf(HIGH, 400000, 350000, 25000), [-12.6436, 105492.045, 21.2523]);
    assertClose(airOf(HIGH, 600000, 500000, 36000), [50.1098, 89314.28, 83.3594]);
    assertClose(airOf(HIGH_NEGATIVE, 600000, 500000, 10000), [50.1098, 89314.28, 75.5159]);
  });

  it('keeps the humidity between 0 and 100 %', () => {
    assert.equal(airOf(HIGH, 519888, 415148, 20000)[2], 0);
    assert.equal(airOf(HIGH, 519888, 415148, 60000)[2], 100);
  });

  it('takes pressure, temperature and humidity from the data registers in that order, high bits first', () => {
    const data = [0x12, 0x34, 0x50, 0x67, 0x89, 0xa0, 0xbc, 0xde];
    assert.deepEqual(readingsOf(data), { pressure: 0x12345, temperature: 0x6789a, humidity: 0xbcde });
  });

  it('does not divide by zero where all words are 0', () => {
    const calibration = calibrationOf(new Uint8Array(26), new Uint8Array(7));
    assert.equal(pascals(calibration, 415148, 0), 0);
  });
});
