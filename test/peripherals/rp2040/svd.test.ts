import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { DOMParser, type Element } from '@xmldom/xmldom';
import { pico } from '../../../peripherals/rp2040/index.js';
import {
  fieldMask,
  saveEntry,
  savableBits,
  type PeripheralSpec,
  type RegisterSpec,
} from '../../../runtime/registers/definition.js';
import { hex } from '../../../runtime/hex.js';
import { accessClass, type FieldAccess } from '../../../runtime/registers/access.js';
import type { PeripheralTree } from '../../../runtime/registers/tree.js';

/** The chip maker's own register description. It is not part of this repository: without it these tests are skipped. */
const SVD_FILE = process.env.FGFT_RP2040_SVD ?? new URL('../../../../shared/data/RP2040.svd', import.meta.url).pathname;

interface SvdField {
  readonly name: string;
  readonly mask: number;
  readonly access: string | undefined;
  readonly writes: string | undefined;
  /** Set where reading changes something. */
  readonly reads: string | undefined;
}

interface SvdRegister {
  readonly name: string;
  readonly reset: number;
  readonly fields: readonly SvdField[];
}

const child = (element: Element, name: string): string | undefined =>
  [...element.childNodes].find((node): node is Element => node.nodeName === name)?.textContent?.trim();

const children = (element: Element, group: string, name: string): Element[] =>
  [...element.childNodes]
    .filter((node): node is Element => node.nodeName === group)
    .flatMap((node) => [...node.childNodes].filter((each): each is Element => each.nodeName === name));

/** What the SVD file gets wrong, or leaves out, by register and field; the datasheet's section beside it. */
const CORRECTIONS: Readonly<Record<string, Partial<SvdField>>> = {
  // 3.7: a write executes an instruction.
  'SM0_INSTR.SM0_INSTR': { writes: 'modify' },
  'SM1_INSTR.SM1_INSTR': { writes: 'modify' },
  'SM2_INSTR.SM2_INSTR': { writes: 'modify' },
  'SM3_INSTR.SM3_INSTR': { writes: 'modify' },

  'IC_DATA_CMD.DAT': { reads: 'modify' }, // 4.3.17: takes the next byte
  'IC_ENABLE.ABORT': { access: 'write-only' }, // 4.3.17: cleared by the hardware when the abort is over
  'CHAN_ABORT.CHAN_ABORT': { writes: 'oneToSet' }, // 2.5.5.3
};

function readSvd(file: string): Map<number, SvdRegister> {
  const document = new DOMParser().parseFromString(readFileSync(file, 'utf8'), 'text/xml');
  const registers = new Map<number, SvdRegister>();
  const peripherals = [...document.getElementsByTagName('peripheral')];
  for (const peripheral of peripherals) {
    const base = Number(child(peripheral, 'baseAddress'));
    const derivedFrom = peripheral.getAttribute('derivedFrom');
    const like = derivedFrom ? peripherals.find((each) => child(each, 'name') === derivedFrom)! : peripheral;
    for (const register of children(like, 'registers', 'register')) {
      const fields = children(register, 'fields', 'field').map((field): SvdField => {
        const [, high, low] = /\[(\d+):(\d+)\]/.exec(child(field, 'bitRange')!)!.map(Number) as [
          number,
          number,
          number,
        ];
        const mask = fieldMask({ bit: low, width: high - low + 1 });
        // A DMA channel's registers are named after it.
        const name = `${child(register, 'name')}.${child(field, 'name')}`.replaceAll(/CH\d+_/g, '');
        return {
          name: child(field, 'name')!,
          mask,
          access: child(field, 'access'),
          writes: child(field, 'modifiedWriteValues'),
          reads: child(field, 'readAction'),
          ...CORRECTIONS[name],
        };
      });
      const address = base + Number(child(register, 'addressOffset'));
      const name = `${child(peripheral, 'name')}.${child(register, 'name')}`;
      // 2.5.2.1: CTRL without the trigger, for which the SVD file gives neither fields nor a reset value.
      if (name.endsWith('_AL1_CTRL')) registers.set(address, { ...registers.get(address - 4)!, name });
      else registers.set(address, { name, reset: Number(child(register, 'resetValue') ?? 0), fields });
    }
  }
  return registers;
}

function classOf({ access, writes }: SvdField): FieldAccess {
  if (writes === 'oneToClear') return 'w1c';
  if (writes === 'oneToSet') return 'w1s';
  if (access === 'read-only') return 'ro';
  return access === 'write-only' ? 'self-clearing' : 'rw';
}

const specsIn = (tree: PeripheralTree): PeripheralSpec[] =>
  'registers' in tree && 'save' in tree ? [tree as PeripheralSpec] : Object.values(tree).flatMap(specsIn);

const everyPeripheral = specsIn(pico.peripherals);
/** Whether a definition is there to look at what others change: then its registers are `ro`, whatever the chip lets be written. */
const looksOnly = ({ registers }: PeripheralSpec): boolean =>
  Object.values(registers).every(({ access }) => !accessClass(access).writes);
const everyRegister = everyPeripheral.flatMap((spec) =>
  Object.entries<RegisterSpec>(spec.registers).map(([name, register]) => ({
    name: `${spec.name}.${name}`,
    register,
    looksOnly: looksOnly(spec),
  })),
);

/** They do not read back what was written: a definition that wants one saved says so, and gets the controller's shadow. */
const NOT_AS_WRITTEN = [
  'TRANS_COUNT', // 2.5.7: reads how many transfers are left
  'AL2_TRANS_COUNT', // the same register, declared for what it reads
  'INSTR', // 3.7: reads the instruction that is being executed
  'INSTR_MEM', // 3.7
];

/** The chip lets them be written, and the firmware does not. */
const FIRMWARES_OWN = [
  'watchdog.BOOT', // 2.8.1.1: the boot ROM starts what they say
];

describe('The RP2040 definitions, against the SVD file', function () {
  let svd: Map<number, SvdRegister>;

  before(function () {
    if (existsSync(SVD_FILE)) svd = readSvd(SVD_FILE);
    else this.skip();
  });

  it('name only registers that exist', () => {
    assert.ok(svd.size > 500, 'the SVD file holds the whole chip');
    for (const { name, register } of everyRegister)
      assert.ok(svd.has(register.address), `${name} at ${hex(register.address)}`);
  });

  it('give each field the bits of one field of the chip, or a pin its bit of a shared one', () => {
    for (const { name, register } of everyRegister) {
      const { fields } = svd.get(register.address)!;
      for (const [fieldName, field] of Object.entries(register.fields ?? {})) {
        const mask = fieldMask(field);
        const exact = fields.some((each) => each.mask === mask);
        const within = field.width === 1 && fields.some((each) => (each.mask & mask) >>> 0 === mask);
        assert.ok(exact || (register.owned !== undefined && within), `${name}.${fieldName}`);
      }
    }
  });

  it('use the same field names, where a register is not shared', () => {
    for (const { name, register } of everyRegister.filter((each) => each.register.owned === undefined)) {
      const { fields, name: svdName } = svd.get(register.address)!;
      for (const [fieldName, field] of Object.entries(register.fields ?? {})) {
        const found = fields.find((each) => each.mask === fieldMask(field))!;
        // The SVD names the only field of a register after the register.
        const expected = svdName.endsWith(`.${found.name}`) ? fieldName : found.name;
        assert.equal(fieldName, expected, name);
      }
    }
  });

  it('give each register its reset value', () => {
    for (const { name, register } of everyRegister) {
      const owned = register.owned ?? 0xffffffff;
      assert.equal((register.reset ?? 0) & owned, svd.get(register.address)!.reset & owned, name);
    }
  });

  it('give each field its access class', () => {
    for (const { name, register, looksOnly: only } of everyRegister) {
      for (const [fieldName, field] of Object.entries(register.fields ?? {})) {
        const found = svd.get(register.address)!.fields.find((each) => each.mask & fieldMask(field))!;
        if (only && classOf(found) === 'rw') continue;
        assert.equal(field.access ?? register.access, classOf(found), `${name}.${fieldName}`);
      }
    }
  });

  it('save every bit that can be written and read back, and no other', () => {
    for (const spec of everyPeripheral) {
      const saved = new Set(spec.save.map((entry) => saveEntry(entry).register));
      for (const [name, register] of Object.entries<RegisterSpec>(spec.registers)) {
        if (NOT_AS_WRITTEN.includes(name) || FIRMWARES_OWN.includes(`${spec.name}.${name}`)) continue;
        // A write starts something; the same register without that is saved (2.5.2.1).
        if (name.endsWith('_TRIG')) continue;
        if (looksOnly(spec)) continue;
        const { fields } = svd.get(register.address)!;
        const plain = fields.filter(({ access, writes, reads }) => access === 'read-write' && !writes && !reads);
        const bits = (plain.reduce((mask, each) => mask | each.mask, 0) & (register.owned ?? 0xffffffff)) >>> 0;
        assert.equal(saved.has(name), bits !== 0, `${spec.name}.${name} is in the save list`);
        if (bits !== 0) assert.equal(hex(savableBits(register)), hex(bits), `${spec.name}.${name}`);
      }
    }
  });
});
