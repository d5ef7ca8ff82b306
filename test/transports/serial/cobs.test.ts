import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CobsDecoder, encodeCobs } from '../../../transports/serial/cobs.js';
import { stuffed } from './reference-cobs.js';

const LONGEST = 1024;

/** Bytes in which zeros, and runs of 254 bytes without one, are not rare. */
const packets = fc
  .array(
    fc.oneof(
      fc.constant([0]),
      fc.uint8Array({ maxLength: 20 }).map((bytes) => [...bytes]),
      fc.integer({ min: 252, max: 256 }).map((length) => Array.from({ length }, (_, index) => (index % 255) + 1)),
    ),
    { maxLength: 4 },
  )
  .map((parts) => Uint8Array.from(parts.flat()).slice(0, LONGEST));

function decoded(line: Iterable<number>, cuts: readonly number[] = []): number[][] {
  const found: number[][] = [];
  const decoder = new CobsDecoder(LONGEST, (packet) => found.push([...packet]));
  let rest = Uint8Array.from(line);
  for (const cut of cuts) {
    decoder.take(rest.subarray(0, cut));
    rest = rest.subarray(cut);
  }
  decoder.take(rest);
  return found;
}

describe('COBS', () => {
  it('encodes as the paper says, with no zero but the last one', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        const line = [...encodeCobs(packet)];
        assert.deepEqual(line, stuffed([...packet]));
        assert.equal(line.indexOf(0), line.length - 1);
      }),
    );
  });

  it('adds one byte for each 254, and the zero', () => {
    for (const [length, added] of [
      [0, 2],
      [1, 2],
      [254, 2],
      [255, 3],
      [1024, 6],
    ] as const)
      assert.equal(encodeCobs(new Uint8Array(length).fill(7)).length - length, added, `${length} bytes`);
  });

  it('decodes what it has encoded, however the line cuts it into pieces', () => {
    fc.assert(
      fc.property(fc.array(packets, { maxLength: 5 }), fc.array(fc.integer({ min: 0, max: 300 })), (several, cuts) => {
        const line = several.flatMap((packet) => [...encodeCobs(packet)]);
        const wanted = several.filter(({ length }) => length > 0).map((packet) => [...packet]);
        assert.deepEqual(decoded(line, cuts), wanted);
      }),
    );
  });

  it('finds the next whole packet behind any garbage and a zero', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), packets, (garbage, packet) => {
        fc.pre(packet.length > 0);
        assert.deepEqual(decoded([...garbage, 0, ...encodeCobs(packet)]).at(-1), [...packet]);
      }),
    );
  });

  it('drops empty packets, half runs and what is too long, and nothing else', () => {
    const whole = encodeCobs(Uint8Array.of(1, 0, 2));
    const cases = {
      'zeros only': [0, 0, 0],
      'an empty packet': [1, 0],
      'a run that is cut off': [5, 1, 2, 0],
      'one byte too many': encodeCobs(new Uint8Array(LONGEST + 1)),
      'very much too many': encodeCobs(new Uint8Array(100_000).fill(9)),
    };
    for (const [name, line] of Object.entries(cases)) assert.deepEqual(decoded([...line, ...whole]), [[1, 0, 2]], name);
    const longest = new Uint8Array(LONGEST).fill(1);
    assert.deepEqual(decoded(encodeCobs(longest)), [[...longest]]);
  });
});
