import { SvdError } from './error.js';
import {
  ACCESSES,
  READ_ACTIONS,
  USAGES,
  WRITE_EFFECTS,
  type Behaviour,
  type SvdField,
  type SvdValue,
  type WriteConstraint,
} from './model.js';
import { bitsOf, booleanOf, codeOf, numberOf, wordOf } from './notation.js';
import { descriptionOf, repetitionOf } from './repeat.js';
import { childOf, nameOf, type SvdNode } from './xml.js';

/** What a register or field says about its access, and what it takes over from the element around it. */
export function behaviourOf(node: SvdNode, outer: Behaviour): Behaviour {
  const [accessNode, readNode] = [childOf(node, 'access'), childOf(node, 'readAction')];
  const [writeNode, constraint] = [childOf(node, 'modifiedWriteValues'), childOf(node, 'writeConstraint')];
  const access = accessNode ? wordOf(accessNode, ACCESSES) : outer.access;
  // A side effect of the register is one of its fields, except of those that cannot be accessed that way.
  const inheritedRead = access === 'write-only' || access === 'writeOnce' ? undefined : outer.readAction;
  const inheritedWrite = access === 'read-only' ? undefined : outer.modifiedWriteValues;
  const readAction = readNode ? wordOf(readNode, READ_ACTIONS) : inheritedRead;
  const modifiedWriteValues = writeNode ? wordOf(writeNode, WRITE_EFFECTS) : inheritedWrite;
  return {
    access,
    ...(readAction ? { readAction } : {}),
    ...(modifiedWriteValues ? { modifiedWriteValues } : {}),
    ...(constraint ? { writeConstraint: constraintOf(constraint) } : {}),
  };
}

function constraintOf(node: SvdNode): WriteConstraint {
  const [only, ...more] = node.children;
  if (!only || more.length > 0)
    throw new SvdError(node, '<writeConstraint> holds one of <writeAsRead>, <useEnumeratedValues> and <range>.');
  if (only.tag === 'range') {
    const [minimum, maximum] = [childOf(only, 'minimum'), childOf(only, 'maximum')];
    if (!minimum || !maximum) throw new SvdError(only, '<range> needs a <minimum> and a <maximum>.');
    return { kind: 'range', minimum: numberOf(minimum), maximum: numberOf(maximum) };
  }
  if (!booleanOf(only)) throw new SvdError(only, `<${only.tag}> is false. Remove the <writeConstraint>.`);
  return { kind: only.tag === 'writeAsRead' ? 'writeAsRead' : 'useEnumeratedValues' };
}

/** The fields of a register. */
export function readFields(register: SvdNode, path: string, outer: Behaviour): SvdField[] {
  return (childOf(register, 'fields')?.children ?? []).flatMap((node) => {
    const { bit, width } = bitsOf(node);
    const behaviour = behaviourOf(node, outer);
    return repetitionOf(node).instances.map(({ name, shift, index }) => ({
      line: node.line,
      path: `${path}.${name}`,
      name,
      description: descriptionOf(node, index),
      bit: bit + shift,
      width,
      ...behaviour,
      values: readValues(node, `${path}.${name}`),
    }));
  });
}

function readValues(field: SvdNode, path: string): SvdValue[] {
  const groups = field.children.filter(({ tag }) => tag === 'enumeratedValues');
  const usages = groups.map((group) => {
    const usage = childOf(group, 'usage');
    return usage ? wordOf(usage, USAGES) : 'read-write';
  });
  if (groups.length > 2 || (groups.length === 2 && (usages[0] === usages[1] || usages.includes('read-write'))))
    throw new SvdError(groups[1]!, 'A second <enumeratedValues> needs a <usage>: one is for read, one for write.');
  return groups.flatMap((group, index) =>
    group.children
      .filter(({ tag }) => tag === 'enumeratedValue')
      .map((node) => readValue(node, `${path}.${nameOf(node)}`, usages[index]!)),
  );
}

function readValue(node: SvdNode, path: string, usage: SvdValue['usage']): SvdValue {
  const name = nameOf(node);
  if (!name) throw new SvdError(node, '<enumeratedValue> has no <name>. Add one.');
  const [value, isDefault] = [childOf(node, 'value'), childOf(node, 'isDefault')];
  const forOthers = isDefault !== undefined && booleanOf(isDefault);
  if (forOthers === (value !== undefined))
    throw new SvdError(node, `${name} needs either a <value>, or <isDefault> for all values without a name.`);
  return { line: node.line, path, name, usage, ...(value ? { code: codeOf(value) } : {}) };
}
