import { SvdError } from './error.js';
import { childOf, type SvdNode } from './xml.js';

/** How numbers, lists and bit ranges are written in an SVD file (CMSIS-SVD.xsd 1.3.9). */
const INTEGER = /^\+?(?:0x([0-9a-f]+)|#([01]+)|([0-9]+))([kmgt])?$/i;
const ENUMERATED = /^\+?(?:0x([0-9a-f]+)|([0-9]+)|(?:#|0b)([01x]+))$/i;
const BIT_RANGE = /^\[(\d+):(\d+)\]$/;
const SCALES = { k: 10n, m: 20n, g: 30n, t: 40n } as const;

const fail = (node: SvdNode, expected: string): never => {
  throw new SvdError(node, `<${node.tag}> is '${node.text}'. ${expected}`);
};

/** A whole number: decimal, 0x… or #binary, with k, m, g or t for powers of 1024 behind it. */
export function bigOf(node: SvdNode): bigint {
  const [, hex, binary, decimal, scale] =
    INTEGER.exec(node.text) ?? fail(node, 'Write a whole number: 12, 0x0c or #1100.');
  const value = BigInt(decimal ?? (hex === undefined ? `0b${binary}` : `0x${hex}`));
  return scale ? value << SCALES[scale.toLowerCase() as keyof typeof SCALES] : value;
}

/** The same as a number, of at most 32 bits. */
export function numberOf(node: SvdNode): number {
  const value = bigOf(node);
  return value <= 0xffffffffn ? Number(value) : fail(node, 'It does not fit into 32 bits.');
}

/** Codes of an enumerated value: `code` in the bits of `care`, anything in the others. */
export interface Code {
  readonly code: number;
  readonly care: number;
}

/** 0x…, decimal, or binary behind # or 0b, in which x stands for a bit that does not matter. */
export function codeOf(node: SvdNode): Code {
  const [, hex, decimal, binary] =
    ENUMERATED.exec(node.text) ?? fail(node, 'Write 0x1f, 31, #11111 or 0b11111; x is a bit that does not matter.');
  const code = binary === undefined ? BigInt(decimal ?? `0x${hex}`) : BigInt(`0b${binary.replaceAll(/x/gi, '0')}`);
  if (code > 0xffffffffn) fail(node, 'It does not fit into 32 bits.');
  const ignored = binary === undefined ? 0n : BigInt(`0b${binary.replaceAll('1', '0').replaceAll(/x/gi, '1')}`);
  return { code: Number(code), care: Number(BigInt.asUintN(32, ~ignored)) };
}

/** Position of a field, in whichever of the three notations it is given. */
export function bitsOf(field: SvdNode): { bit: number; width: number } {
  const range = childOf(field, 'bitRange');
  const [lsb, msb] = [childOf(field, 'lsb'), childOf(field, 'msb')];
  const [offset, width] = [childOf(field, 'bitOffset'), childOf(field, 'bitWidth')];
  const notations = [range, lsb ?? msb, offset ?? width].filter((each) => each !== undefined);
  if (notations.length !== 1)
    throw new SvdError(field, 'A field takes its bits from <bitRange>, from <lsb> and <msb>, or from <bitOffset>.');
  if (offset) return checked(offset, numberOf(offset), width ? numberOf(width) : 1);
  if (lsb && msb) return checked(lsb, numberOf(lsb), numberOf(msb) - numberOf(lsb) + 1);
  if (!range) throw new SvdError(field, `<${(lsb ?? msb ?? width)!.tag}> stands alone. Give both ends of the field.`);
  const [, high, low] = BIT_RANGE.exec(range.text) ?? fail(range, 'Write it as [7:0].');
  return checked(range, Number(low), Number(high) - Number(low) + 1);
}

function checked(node: SvdNode, bit: number, width: number): { bit: number; width: number } {
  if (width < 1) throw new SvdError(node, 'The field has no bits. Its highest bit is at or above its lowest one.');
  return { bit, width };
}

/** The strings that replace %s: 0-3, A-D, or a list. */
export function indicesOf(node: SvdNode): string[] {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(node.text) ?? [];
  if (first !== undefined) return span(Number(first), Number(last)).map(String);
  const [, from, to] = /^([A-Za-z])-([A-Za-z])$/.exec(node.text) ?? [];
  if (from !== undefined) return span(from.charCodeAt(0), to!.charCodeAt(0)).map((code) => String.fromCharCode(code));
  const names = node.text.split(',').map((each) => each.trim());
  return names.every((each) => /^\w+$/.test(each)) ? names : fail(node, 'Write 0-3, A-D, or names with commas.');
}

const span = (from: number, to: number): number[] =>
  Array.from({ length: Math.min(Math.max(to - from + 1, 0), 0x10000) }, (_, index) => from + index);

/** One of the given words. */
export function wordOf<const Word extends string>(node: SvdNode, words: readonly Word[]): Word {
  return words.find((each) => each === node.text) ?? fail(node, `Use one of: ${words.join(', ')}.`);
}

const TRUTHS = { true: true, 1: true, false: false, 0: false } as const;

export const booleanOf = (node: SvdNode): boolean => TRUTHS[wordOf(node, ['true', '1', 'false', '0'])];
