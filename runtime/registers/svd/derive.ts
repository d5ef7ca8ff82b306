import { SvdError } from './error.js';
import { nameOf, type SvdNode } from './xml.js';

/** What belongs to an element itself, so that others do not derive it. */
const OWN = new Set([
  'name',
  'displayName',
  'baseAddress',
  'addressOffset',
  'alternateGroup',
  'alternateRegister',
  'alternateCluster',
  'alternatePeripheral',
  'interrupt',
]);
const DIM = ['dim', 'dimIncrement', 'dimIndex', 'dimName', 'dimArrayIndex'];
/** The notations for the bits of a field: who gives one does not derive another. */
const POSITIONS = [['bitRange'], ['lsb', 'msb'], ['bitOffset', 'bitWidth']] as const;
/** Elements whose children are derived one by one, by name; those in others are derived all or none. */
const MERGED = new Set(['registers', 'fields', 'register', 'cluster', 'field', 'enumeratedValue']);

/** The same device with every `derivedFrom` written out. */
export function writeOutDerived(device: SvdNode): SvdNode {
  const parents = new Map<SvdNode, SvdNode>();
  const remember = (node: SvdNode): void => {
    for (const child of node.children) {
      parents.set(child, node);
      remember(child);
    }
  };
  remember(device);
  const done = new Map<SvdNode, SvdNode>();
  const underWay = new Set<SvdNode>();

  /** The node with what it derives among its children, whose own derivations are still open. */
  function flatten(node: SvdNode): SvdNode {
    if (node.derivedFrom === undefined) return node;
    const ready = done.get(node);
    if (ready) return ready;
    if (underWay.has(node))
      throw new SvdError(node, `It derives from itself by way of ${node.derivedFrom}. Describe one of them in full.`);
    underWay.add(node);
    const result = merge(node, flatten(find(node, node.derivedFrom)));
    underWay.delete(node);
    done.set(node, result);
    return result;
  }

  /** Looks a name or a dotted path up in each element around the node, from the inside out. */
  function find(node: SvdNode, reference: string): SvdNode {
    const names = reference.split('.');
    for (let scope = parents.get(node); scope; scope = parents.get(scope)) {
      const found = walk(scope, names, node, isNamed) ?? walk(scope, names, node, standsFor);
      if (found) return found;
    }
    throw new SvdError(
      node,
      `derivedFrom names ${reference}, but there is no such ${node.tag}. Names are those of the file, dots in between.`,
    );
  }

  function walk(
    scope: SvdNode,
    [name = '', ...rest]: readonly string[],
    seeker: SvdNode,
    isCalled: (node: SvdNode, name: string) => boolean,
  ): SvdNode | undefined {
    for (const child of flatten(scope).children) {
      if (child === seeker) continue;
      const called = isCalled(child, name);
      if (called && rest.length === 0 && child.tag === seeker.tag) return child;
      if (child.tag === seeker.tag && seeker.tag === 'enumeratedValues') continue;
      // Groups have no names of their own, and enumerations can be named from everywhere around them.
      const transparent = !nameOf(child) || (seeker.tag === 'enumeratedValues' && rest.length === 0);
      const found =
        (called && rest.length > 0 ? walk(child, rest, seeker, isCalled) : undefined) ??
        (transparent ? walk(child, [name, ...rest], seeker, isCalled) : undefined);
      if (found) return found;
    }
    return undefined;
  }

  const around = new Set<SvdNode>();
  function finish(node: SvdNode): SvdNode {
    if (around.has(node)) throw new SvdError(node, 'It derives from what holds it. Describe one of them in full.');
    around.add(node);
    const flat = flatten(node);
    const finished = { ...flat, children: flat.children.map(finish) };
    around.delete(node);
    return finished;
  }
  return finish(device);
}

const isNamed = (node: SvdNode, name: string): boolean => nameOf(node) === name;

/** Whether the name is one that %s makes of the node's. */
function standsFor(node: SvdNode, name: string): boolean {
  if (isNamed(node, name)) return true;
  const [before = '', after] = nameOf(node).replace('[%s]', '%s').split('%s');
  if (after === undefined || name.length <= before.length + after.length) return false;
  return name.startsWith(before) && name.endsWith(after);
}

/** Own children, and those of the base that they do not replace. */
function merge(node: SvdNode, base: SvdNode): SvdNode {
  const tags = new Set(node.children.map(({ tag }) => tag));
  const repeats = tags.has('dim') || !nameOf(node).includes('%s');
  const notation = POSITIONS.find((each) => each.some((tag) => tags.has(tag)));
  if (tags.has('bitOffset') && !tags.has('bitWidth') && !base.children.some(({ tag }) => tag === 'bitWidth'))
    throw new SvdError(node, `<bitWidth> is missing, and ${node.derivedFrom} gives its bits in another notation.`);
  const replaced = (tag: string): boolean =>
    OWN.has(tag) ||
    (DIM.includes(tag) && repeats) ||
    (notation !== undefined && POSITIONS.some((each) => each !== notation && each.some((other) => other === tag)));
  const derived = base.children.flatMap((child): SvdNode[] => {
    if (replaced(child.tag)) return [];
    if (!tags.has(child.tag)) return [child];
    if (!MERGED.has(child.tag)) return [];
    if (nameOf(child)) return node.children.some((own) => nameOf(own) === nameOf(child)) ? [] : [child];
    return [
      merge(
        node.children.find(({ tag }) => tag === child.tag)!,
        child,
      ),
    ];
  });
  const merged = new Set<string>(
    derived.map(({ tag }) => tag).filter((tag) => tag === 'registers' || tag === 'fields'),
  );
  const { derivedFrom: _, ...rest } = node;
  return { ...rest, children: [...derived, ...node.children.filter(({ tag }) => !merged.has(tag))] };
}
