/**
 * Writes the vectors as lines of words, which the C test in firmware/boards/host can read without a JSON parser:
 * `npx tsx test/firmware/vectors-to-text.ts > vectors.txt`. README.md describes both forms.
 */
import { readFileSync } from 'node:fs';
import type { SerialVectors, Step, Vectors } from './vectors.js';

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
const vectors = read('./vectors.json') as Vectors;
const serial = read('./serial-vectors.json') as SerialVectors;

function line(step: Step): string {
  switch (step.do) {
    case 'exchange':
      return `${step.elsewhere ? 'elsewhere' : 'exchange'} ${step.requestHex} ${step.answerHex} ${step.name}`;
    case 'poke':
    case 'expect':
      return `${step.do} ${step.address} ${step.value}`;
    case 'behave':
      return `behave ${step.address} ${step.behaviour} ${step.bits} ${step.after}`;
    case 'clock':
    case 'pass':
      return `${step.do} ${step.us}`;
    case 'interrupt':
      return `interrupt ${step.waits}`;
    default:
      return step.do;
  }
}

const lines = vectors.conversations.flatMap(({ name, about, steps }) => [
  `conversation ${name}: ${about}`,
  ...steps.map(line),
]);
const serialLines = [
  'conversation serial: packets on a line',
  ...serial.encodings.map(({ name, packetHex, lineHex }) => `encode ${packetHex} ${lineHex} ${name}`),
  ...serial.lines.map(({ name, lineHex, packetsHex, dropped }) =>
    ['receive', lineHex, dropped, packetsHex.length, ...packetsHex, name].join(' '),
  ),
  ...serial.resyncs.map(
    ({ name, beforeHex, requestLineHex, answerLineHex }) =>
      `resync ${beforeHex ?? '-'} ${requestLineHex} ${answerLineHex} ${name}`,
  ),
];
console.log([`epoch ${vectors.epoch}`, ...lines, ...serialLines].join('\n'));
