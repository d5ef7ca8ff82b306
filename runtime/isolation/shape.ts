/** A driver's peripherals as data that can be sent: definitions in a list, and who holds which. */
import { HANDLES, type Driver } from '../driver.js';
import { invariantsOf } from '../invariant.js';
import type { PeripheralSpec } from '../registers/definition.js';
import { SPEC } from '../registers/handles.js';
import { isHandle, type HandleTree, type PeripheralTree } from '../registers/tree.js';
import type { Setup, Shape } from './messages.js';

export function setupOf(driver: Driver): Setup {
  const handles = driver[HANDLES];
  const specs: PeripheralSpec[] = [];
  const shapeOf = (tree: HandleTree): Shape => {
    if (isHandle(tree)) {
      const known = specs.indexOf(tree[SPEC]);
      return known >= 0 ? known : specs.push(tree[SPEC]) - 1;
    }
    if (Array.isArray(tree)) return tree.map(shapeOf);
    return mapValues(tree as { readonly [name: string]: HandleTree }, shapeOf);
  };
  const held = Object.entries(handles).filter((entry): entry is [string, HandleTree] => entry[1] !== undefined);
  const peripherals = Object.fromEntries(held.map(([name, tree]) => [name, shapeOf(tree)]));
  return { specs, peripherals, invariants: invariantsOf(driver) };
}

export function treeOf(shape: Shape, specs: readonly PeripheralSpec[]): PeripheralTree {
  if (typeof shape === 'number') return specs[shape]!;
  return Array.isArray(shape)
    ? shape.map((each: Shape) => treeOf(each, specs))
    : mapValues(shape as Record<string, Shape>, (each) => treeOf(each, specs));
}

const mapValues = <T, U>(values: { readonly [name: string]: T }, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
