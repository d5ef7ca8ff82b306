import { SvdError } from './error.js';
import type { SvdNode } from './xml.js';

const PROPERTIES = 'size access protection resetValue resetMask';
const DIM = 'dim dimIncrement dimIndex dimName dimArrayIndex';
const SIDE_EFFECTS = 'modifiedWriteValues writeConstraint readAction';

/**
 * What each element may hold (CMSIS-SVD.xsd 1.3.9); `*` stands behind what may be there more than once. An element that
 * is not in this table holds text. The order of elements is not checked: makers' files do not keep to it.
 */
const CHILDREN: Readonly<Record<string, string>> = {
  device:
    'vendor vendorID name series version description licenseText cpu headerSystemFilename headerDefinitionsPrefix ' +
    `addressUnitBits width ${PROPERTIES} peripherals vendorExtensions`,
  cpu:
    'name revision endian mpuPresent fpuPresent fpuDP dspPresent icachePresent dcachePresent itcmPresent dtcmPresent ' +
    'vtorPresent nvicPrioBits vendorSystickConfig deviceNumInterrupts sauNumRegions sauRegionsConfig',
  sauRegionsConfig: 'region*',
  region: 'base* limit* access*',
  peripherals: 'peripheral*',
  peripheral:
    `${DIM} name version description alternatePeripheral groupName prependToName appendToName headerStructName ` +
    `disableCondition baseAddress ${PROPERTIES} addressBlock* interrupt* registers`,
  addressBlock: 'offset size usage protection',
  interrupt: 'name description value',
  registers: 'cluster* register*',
  cluster: `${DIM} name description alternateCluster headerStructName addressOffset ${PROPERTIES} register* cluster*`,
  register:
    `${DIM} name displayName description alternateGroup alternateRegister addressOffset ${PROPERTIES} dataType ` +
    `${SIDE_EFFECTS} fields`,
  fields: 'field*',
  field: `${DIM} name description bitOffset bitWidth lsb msb bitRange access ${SIDE_EFFECTS} enumeratedValues*`,
  writeConstraint: 'writeAsRead useEnumeratedValues range',
  range: 'minimum maximum',
  dimArrayIndex: 'headerEnumName enumeratedValue*',
  enumeratedValues: 'name headerEnumName usage enumeratedValue*',
  enumeratedValue: 'name description value isDefault',
  vendorExtensions: '',
};

const allowed = new Map(Object.entries(CHILDREN).map(([tag, children]) => [tag, children.split(' ')]));

/** Throws where an element holds what CMSIS-SVD does not know, or more than one of what there can be only one of. */
export function checkChildren(node: SvdNode): void {
  const known = allowed.get(node.tag) ?? [];
  const seen = new Set<string>();
  for (const child of node.children) {
    if (known.includes(`${child.tag}*`)) continue;
    if (!known.includes(child.tag))
      throw new SvdError(
        child,
        `<${child.tag}> does not exist in <${node.tag}>. Correct its spelling, or move it into <vendorExtensions>.`,
      );
    if (seen.has(child.tag))
      throw new SvdError(child, `<${node.tag}> has a second <${child.tag}>. Remove the one that does not hold.`);
    seen.add(child.tag);
  }
  if (allowed.has(node.tag) && node.text)
    throw new SvdError(node, `<${node.tag}> holds the text '${node.text}' between its elements. Remove it.`);
}
