import type { PeripheralSpec } from './definition.js';
import { attach, SPEC, type AnyHandle, type Handle } from './handles.js';
import type { RegisterPort } from './register.js';

/** Peripherals by name, in arrays and groups: the shape of a board. */
export type PeripheralTree = PeripheralSpec | readonly PeripheralTree[] | { readonly [name: string]: PeripheralTree };

/** The same shape, with handles. */
export type Handles<T> = T extends PeripheralSpec
  ? Handle<T>
  : T extends readonly (infer Each)[]
    ? readonly Handles<Each>[]
    : { readonly [Name in keyof T]: Handles<T[Name]> };

export const isSpec = (tree: PeripheralTree): tree is PeripheralSpec => 'registers' in tree && 'save' in tree;

/** Carries the definitions of a group on its handles. */
const TREE: unique symbol = Symbol('fgft.tree');

/** Attaches every definition of a tree to a port; handles are made when they are first asked for. */
export function attachTree<T extends PeripheralTree>(tree: T, port: RegisterPort): Handles<T> {
  if (isSpec(tree)) return attach(tree, port) as Handles<T>;
  const entries = Object.entries<PeripheralTree>(tree);
  const handles: object = Array.isArray(tree) ? [] : {};
  Object.defineProperty(handles, TREE, { value: tree });
  for (const [name, each] of entries) {
    let made: unknown;
    Object.defineProperty(handles, name, { enumerable: true, get: () => (made ??= attachTree(each, port)) });
  }
  return handles as Handles<T>;
}

/** Handles, in arrays and groups: what a driver holds. */
export type HandleTree = AnyHandle | readonly HandleTree[] | { readonly [name: string]: HandleTree };

export const isHandle = (tree: HandleTree): tree is AnyHandle => SPEC in tree;

/** The same handles, working through another port. */
export function reattach<T extends HandleTree>(tree: T, port: RegisterPort): T {
  if (isHandle(tree)) return attach(tree[SPEC], port) as AnyHandle as T;
  if (Array.isArray(tree)) return tree.map((each: HandleTree) => reattach(each, port)) as unknown as T;
  return Object.fromEntries(Object.entries(tree).map(([name, each]) => [name, reattach(each, port)])) as T;
}

/** A handle, a group of them or a board, working through another port; undefined for anything else. */
export function attachedTo(value: object, port: RegisterPort): object | undefined {
  if (SPEC in value) return attach(value[SPEC] as PeripheralSpec, port);
  if (!(TREE in value)) return undefined;
  const handles: object = attachTree(value[TREE] as PeripheralTree, port);
  // A board is more than its peripherals, and that stays what it is.
  return Array.isArray(handles) ? handles : Object.create(value, Object.getOwnPropertyDescriptors(handles));
}
