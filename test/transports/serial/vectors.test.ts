import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { CobsDecoder, encodeCobs } from '../../../transports/serial/cobs.js';
import { isResyncAnswer, readResyncAnswer, resyncRequest } from '../../../transports/serial/resync.js';
import type { SerialVectors } from '../../firmware/vectors.js';

const read = readFileSync(new URL('../../firmware/serial-vectors.json', import.meta.url), 'utf8');
const vectors = JSON.parse(read) as SerialVectors;
const LONGEST = 512;

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (packet: Uint8Array): string => Buffer.from(packet).toString('hex');

function packetsOf(lineHex: string): string[] {
  const found: string[] = [];
  new CobsDecoder(LONGEST, (packet) => found.push(hex(packet))).take(bytes(lineHex));
  return found;
}

describe('The bytes of a serial line, as the firmware knows them', () => {
  for (const { name, packetHex, lineHex } of vectors.encodings)
    it(`encodes ${name}`, () => assert.equal(hex(encodeCobs(bytes(packetHex))), lineHex));

  for (const { name, lineHex, packetsHex } of vectors.lines)
    it(`decodes ${name}`, () => assert.deepEqual(packetsOf(lineHex), packetsHex));

  for (const { name, nonce, requestHex, requestLineHex, answerHex, answerLineHex, ...state } of vectors.resyncs)
    it(`resynchronises ${name}`, () => {
      const request = resyncRequest(nonce);
      assert.equal(hex(request), requestHex);
      assert.equal(`00${hex(encodeCobs(request))}`, requestLineHex);
      assert.deepEqual(packetsOf(answerLineHex), [answerHex]);
      const answer = bytes(answerHex);
      assert.ok(isResyncAnswer(answer));
      const { epoch, session, sequence: nextSequence } = state;
      assert.deepEqual(readResyncAnswer(answer, nonce), { epoch, session, nextSequence });
      assert.equal(readResyncAnswer(answer, (nonce ^ 1) >>> 0), undefined);
    });
});
