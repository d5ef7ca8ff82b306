/**
 * Writes firmware/core/protocol.h from runtime/link/protocol.ts, so that both sides share one definition.
 * `npm run protocol` writes the file; `npm run protocol -- --check` fails when it is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import {
  ANSWER_MAGIC,
  BLOCK_FLAGS,
  BLOCK_WIDTH_SHIFT,
  BOARDS,
  BUS_FAULTS,
  END_REASONS,
  FEATURES,
  NO_PERIPHERAL,
  OPS,
  POKE_AGAIN_US,
  POKE_MAGIC,
  PROTOCOL_VERSION,
  REQUEST_MAGIC,
  RESET_CAUSES,
  SAVE_FLAGS,
  SIZES,
  SPACES,
  STATUS,
  STEPS,
  WAIT_MAX_US,
} from '../runtime/link/protocol.js';
import { SERIAL_RESYNC } from '../transports/serial-resync.js';
import { USB_RESYNC } from '../transports/usb-identity.js';

const HEADER = new URL('./core/protocol.h', import.meta.url);

const constantName = (prefix: string, name: string): string =>
  `FGFT_${prefix}_${name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase()}`;

function enumeration(prefix: string, comment: string, values: Readonly<Record<string, number>>): string {
  const lines = Object.entries(values).map(([name, value]) => `    ${constantName(prefix, name)} = ${value},`);
  return `/* ${comment} */\nenum {\n${lines.join('\n')}\n};\n`;
}

const opCodes = Object.fromEntries(Object.entries(OPS).map(([name, op]) => [name, op.code]));

const text = `/* Generated from runtime/link/protocol.ts by \`npm run protocol\`: edit that file, not this one. */
#ifndef FGFT_PROTOCOL_H
#define FGFT_PROTOCOL_H

${[
  enumeration('FRAME', 'The frame: version and first bytes', {
    version: PROTOCOL_VERSION,
    requestMagic: REQUEST_MAGIC,
    answerMagic: ANSWER_MAGIC,
    pokeMagic: POKE_MAGIC,
  }),
  enumeration('SIZE', 'Sizes of the fixed parts, in bytes', SIZES),
  enumeration('RESYNC', 'The packets of a serial line that are no frames: first bytes and sizes', SERIAL_RESYNC),
  enumeration('FEATURE', 'Must-understand bits', FEATURES),
  enumeration('OP', 'Op codes, in bits 0-5 of the op byte; the width stands in bits 6-7', opCodes),
  enumeration('STATUS', 'Status of an answer', STATUS),
  enumeration('END', 'Why a transaction ended', END_REASONS),
  enumeration('RESET', 'Reset causes', RESET_CAUSES),
  enumeration('BOARD', 'Boards', BOARDS),
  enumeration('SPACE', 'Address spaces of a block', SPACES),
  enumeration('BUS', 'Why a bus failed: what a failure record of `bus-fault` holds as `found`', {
    ok: 0,
    ...BUS_FAULTS,
  }),
  enumeration('BLOCK', 'Flags of an address block; log2 of its width in bytes stands in bits 4-5', {
    ...BLOCK_FLAGS,
    widthShift: BLOCK_WIDTH_SHIFT,
  }),
  enumeration('SAVE', 'Flags of a save entry', SAVE_FLAGS),
  enumeration('STEP', 'Kinds of restore step', STEPS),
  enumeration('LIMIT', 'Other constants', {
    noPeripheral: NO_PERIPHERAL,
    waitMaxUs: WAIT_MAX_US,
    pokeAgainUs: POKE_AGAIN_US,
    lastStatus: Math.max(...Object.values(STATUS)),
    usbResyncRequest: USB_RESYNC.request,
  }),
].join('\n')}
#endif
`;

if (!process.argv.includes('--check')) {
  writeFileSync(HEADER, text);
} else if (readFileSync(HEADER, 'utf8') !== text) {
  console.error('firmware/core/protocol.h does not match runtime/link/protocol.ts: run `npm run protocol`.');
  process.exitCode = 1;
}
