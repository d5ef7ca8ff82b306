/**
 * Writes the vectors as lines of words, which the C test in firmware/boards/host can read without a JSON parser:
 * `npx tsx test/firmware/vectors-to-text.ts > vectors.txt`. README.md describes both forms.
 */
import { readFileSync } from 'node:fs';
import type { Step, Vectors } from './vectors.js';

const vectors = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8')) as Vectors;

function line(step: Step): string {
  switch (step.do) {
    case 'exchange':
      return `exchange ${step.requestHex} ${step.answerHex} ${step.name}`;
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
console.log([`epoch ${vectors.epoch}`, ...lines].join('\n'));
