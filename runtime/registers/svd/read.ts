import { writeOutDerived } from './derive.js';
import { SvdError } from './error.js';
import { bigOf, numberOf, wordOf } from './notation.js';
import { ACCESSES, type Behaviour, type SvdDevice, type SvdPeripheral, type SvdRegister } from './model.js';
import { behaviourOf, readFields } from './read-fields.js';
import { descriptionOf, repetitionOf, type Instance } from './repeat.js';
import { childOf, nameOf, parseXml, textOf, type SvdNode } from './xml.js';

/** What registers take over from the elements around them. */
interface Properties {
  readonly size: number;
  readonly access: Behaviour['access'];
  readonly resetValue: bigint;
  readonly resetMask: bigint;
}

/** Where the file says nothing at all. */
const DEFAULTS: Properties = { size: 32, access: 'read-write', resetValue: 0n, resetMask: 0xffffffffffffffffn };

/** Where a cluster or register stands: address, path, and names of the clusters around it. */
interface Surroundings {
  readonly address: number;
  readonly path: string;
  readonly prefix: string;
  readonly alternate: boolean;
}

/** Reads the text of a CMSIS-SVD file. Throws SvdError where the text cannot be understood. */
export function readSvd(text: string): SvdDevice {
  const device = writeOutDerived(parseXml(text));
  const name = nameOf(device);
  if (!name) throw new SvdError(device, 'The device has no <name>. Add one.');
  const unit = childOf(device, 'addressUnitBits');
  if (unit && numberOf(unit) !== 8)
    throw new SvdError(
      unit,
      `Addresses count units of ${unit.text} bits. Only bytes can be imported: write 8 if they do count bytes.`,
    );
  const properties = inherit(device, DEFAULTS);
  const peripherals = childOf(device, 'peripherals')?.children ?? [];
  return {
    name,
    version: textOf(device, 'version') ?? '',
    peripherals: peripherals.flatMap((each) => readPeripheral(each, properties)),
  };
}

function readPeripheral(node: SvdNode, outer: Properties): SvdPeripheral[] {
  const properties = inherit(node, outer);
  const base = required(node, 'baseAddress');
  const registers = childOf(node, 'registers')?.children ?? [];
  return repetitionOf(node).instances.map(({ name, shift, index }) => ({
    line: node.line,
    path: name,
    name,
    description: descriptionOf(node, index),
    registers: registers.flatMap((each) =>
      readAny(each, properties, { address: base + shift, path: name, prefix: '', alternate: false }),
    ),
  }));
}

const readAny = (node: SvdNode, properties: Properties, around: Surroundings): SvdRegister[] =>
  node.tag === 'cluster' ? readCluster(node, properties, around) : readRegister(node, properties, around);

function readCluster(node: SvdNode, outer: Properties, around: Surroundings): SvdRegister[] {
  const properties = inherit(node, outer);
  const offset = required(node, 'addressOffset');
  const members = node.children.filter(({ tag }) => tag === 'register' || tag === 'cluster');
  return repetitionOf(node).instances.flatMap(({ name, shift }) => {
    const inside = {
      address: around.address + offset + shift,
      path: around.path,
      prefix: `${around.prefix}${name}_`,
      alternate: around.alternate || childOf(node, 'alternateCluster') !== undefined,
    };
    return members.flatMap((each) => readAny(each, properties, inside));
  });
}

function readRegister(node: SvdNode, outer: Properties, around: Surroundings): SvdRegister[] {
  const properties = inherit(node, outer);
  const offset = required(node, 'addressOffset');
  const behaviour = behaviourOf(node, properties);
  const alternate = ['alternateRegister', 'alternateGroup'].some((tag) => childOf(node, tag) !== undefined);
  const { instances, array } = repetitionOf(node);
  const make = ({ name: ownName, shift, index }: Instance, count?: number): SvdRegister => {
    const name = `${around.prefix}${ownName}`;
    const path = `${around.path}.${name}`;
    return {
      line: node.line,
      path,
      name,
      description: descriptionOf(node, index),
      address: around.address + offset + shift,
      alternate: around.alternate || alternate,
      ...properties,
      ...behaviour,
      fields: readFields(node, path, behaviour),
      ...(count === undefined ? {} : { count }),
    };
  };
  if (array && array.increment * 8 === properties.size) return [make({ name: array.name, shift: 0 }, array.count)];
  return instances.map((each) => make(each));
}

/** The properties of an element: its own, else those of the element around it. */
function inherit(node: SvdNode, outer: Properties): Properties {
  const [size, access] = [childOf(node, 'size'), childOf(node, 'access')];
  const [resetValue, resetMask] = [childOf(node, 'resetValue'), childOf(node, 'resetMask')];
  return {
    size: size ? numberOf(size) : outer.size,
    access: access ? wordOf(access, ACCESSES) : outer.access,
    resetValue: resetValue ? bigOf(resetValue) : outer.resetValue,
    resetMask: resetMask ? bigOf(resetMask) : outer.resetMask,
  };
}

function required(node: SvdNode, tag: string): number {
  const child = childOf(node, tag);
  if (child) return numberOf(child);
  throw new SvdError(node, `<${node.tag}> has no <${tag}>. Add one${node.derivedFrom ? '; it is not derived' : ''}.`);
}
