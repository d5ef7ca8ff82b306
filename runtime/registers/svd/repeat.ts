import { SvdError } from './error.js';
import { indicesOf, numberOf } from './notation.js';
import { childOf, nameOf, textOf, type SvdNode } from './xml.js';

/** One of the elements that `dim` makes of one. */
export interface Instance {
  readonly name: string;
  /** What stands for %s; also in the description. */
  readonly index?: string;
  /** What to add to the offset: bytes, or bits for a field. */
  readonly shift: number;
}

/** What an element stands for. `array`: it is written NAME[%s] and counts from 0, so it can stay together. */
export interface Repetition {
  readonly instances: readonly Instance[];
  readonly array?: { readonly name: string; readonly count: number; readonly increment: number };
}

/** More than any controller has; a typing error would else fill the memory. */
const MOST = 0x10000;

/** Writes `dim`, `dimIncrement` and `dimIndex` out. */
export function repetitionOf(node: SvdNode): Repetition {
  const name = nameOf(node);
  if (!name) throw new SvdError(node, `<${node.tag}> has no <name>. Add one.`);
  const dim = childOf(node, 'dim');
  if (!dim) {
    if (name.includes('%s')) throw new SvdError(node, `${name} has no <dim> to replace %s. Add <dim>, or remove %s.`);
    return { instances: [{ name, shift: 0 }] };
  }
  if (name.split('%s').length !== 2)
    throw new SvdError(dim, `${name} needs one %s to number what <dim> makes of it. Write NAME%s or NAME[%s].`);
  const incrementNode = childOf(node, 'dimIncrement');
  if (!incrementNode) throw new SvdError(dim, '<dim> has no <dimIncrement>. Add the distance between two elements.');
  const count = numberOf(dim);
  const increment = numberOf(incrementNode);
  if (count < 1 || count > MOST) throw new SvdError(dim, `<dim> is ${count}. It goes from 1 to ${MOST}.`);
  const indexNode = childOf(node, 'dimIndex');
  const indices = indexNode ? indicesOf(indexNode) : Array.from({ length: count }, (_, index) => String(index));
  if (indices.length !== count)
    throw new SvdError(indexNode!, `<dimIndex> names ${indices.length} elements, but <dim> is ${count}.`);
  const instances = indices.map((index, position) => ({
    name: name.replace('[%s]', '%s').replace('%s', index),
    index,
    shift: position * increment,
  }));
  const counted = name.endsWith('[%s]') && indices.every((index, position) => index === String(position));
  return counted ? { instances, array: { name: name.slice(0, -'[%s]'.length), count, increment } } : { instances };
}

/** The description of one of the elements; of an array as a whole without an index. */
export const descriptionOf = (node: SvdNode, index = '[n]'): string =>
  (textOf(node, 'description') ?? '').replaceAll('%s', index);
