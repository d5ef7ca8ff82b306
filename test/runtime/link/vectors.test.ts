import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { decodeAnswerBody, decodeAnswerHead, encodeRequest } from '../../../runtime/link/frame.js';
import { decodeHello } from '../../../runtime/link/hello.js';
import type { Op, OpResult } from '../../../runtime/link/ops.js';
import { OPS, STATUS } from '../../../runtime/link/protocol.js';
import type { Exchange, VectorOp, Vectors } from '../../firmware/vectors.js';

/** The same file is what the C tests hold the firmware's answers against (`make -C firmware/boards/host vectors`). */
const vectors = JSON.parse(readFileSync(new URL('../../firmware/vectors.json', import.meta.url), 'utf8')) as Vectors;
const exchanges = vectors.conversations.flatMap(({ name, steps }) =>
  steps
    .filter((step): step is Exchange => step.do === 'exchange')
    .map((exchange) => ({ ...exchange, name: `${name}: ${exchange.name}` })),
);

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const BYTE_OPERANDS = new Set(['bytes', 'definition', 'record']);
const opOf = (op: VectorOp): Op =>
  Object.fromEntries(
    Object.entries(op).map(([key, value]) => [
      key,
      BYTE_OPERANDS.has(key) ? bytesOf(value as string) : (value as unknown),
    ]),
  ) as unknown as Op;

const plain = (result: OpResult) => {
  if (result instanceof Uint32Array) return [...result];
  return result instanceof Uint8Array ? hexOf(result) : (result ?? null);
};

describe('The codec and the firmware say the same', () => {
  it('with vectors for every op, and for every status that a simulated board can have', () => {
    const ops = new Set(exchanges.flatMap(({ request }) => request?.ops.map(({ op }) => op) ?? []));
    assert.deepEqual([...ops].sort(), Object.keys(OPS).sort());
    const seen = new Set<string>(exchanges.map(({ answer }) => answer.status));
    assert.deepEqual(
      Object.keys(STATUS).filter((status) => !seen.has(status)),
      [],
    );
  });

  it('in every request', () => {
    for (const { name, request, requestHex } of exchanges) {
      if (!request) continue;
      assert.equal(hexOf(encodeRequest({ ...request, ops: request.ops.map(opOf) })), requestHex, name);
    }
  });

  it('in every answer', () => {
    for (const { name, request, answer, answerHex } of exchanges) {
      const bytes = bytesOf(answerHex);
      const head = decodeAnswerHead(bytes);
      assert.ok(head, name);
      const { session, sequence, epoch, status, ran } = answer;
      assert.deepEqual({ ...head, version: 1 }, { version: 1, session, sequence, epoch, status, ran }, name);
      if (!request) continue;
      const body = decodeAnswerBody(bytes, head, request.ops.map(opOf));
      assert.ok(body, name);
      assert.deepEqual(body.results.map(plain), answer.results, name);
      if (status === 'ok') continue;
      assert.deepEqual(body.failure, answer.failure, name);
      assert.deepEqual(body.restore, answer.restore, name);
    }
  });

  it('in every hello record', () => {
    const hellos = exchanges.filter(({ answer }) => answer.hello);
    assert.ok(hellos.length > 0);
    for (const { name, answer } of hellos) {
      const decoded = decodeHello(bytesOf(answer.results[0] as string));
      assert.deepEqual(JSON.parse(JSON.stringify(decoded)), answer.hello, name);
    }
  });
});

describe('The decoder of answers', () => {
  const answers = exchanges.filter(({ request }) => request);

  it('takes no answer of which a byte was changed', () => {
    const change = fc.record({
      which: fc.nat(answers.length - 1),
      at: fc.nat(2000),
      flip: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(change, ({ which, at, flip }) => {
        const bytes = bytesOf(answers[which]!.answerHex);
        bytes[at % bytes.length]! ^= flip;
        assert.equal(decodeAnswerHead(bytes), undefined);
      }),
      { numRuns: 3000 },
    );
  });

  it('neither throws nor invents anything when an undamaged answer does not fit the question', () => {
    const pairs = fc.record({ asked: fc.nat(answers.length - 1), answered: fc.nat(answers.length - 1) });
    fc.assert(
      fc.property(pairs, ({ asked, answered }) => {
        const ops = answers[asked]!.request!.ops.map(opOf);
        const bytes = bytesOf(answers[answered]!.answerHex);
        const body = decodeAnswerBody(bytes, decodeAnswerHead(bytes)!, ops);
        assert.ok(body === undefined || body.results.length <= ops.length);
      }),
      { numRuns: 3000 },
    );
  });
});
