import type { Place } from '../link/ops.js';
import { BLOCK_FLAGS, BLOCK_WIDTH_SHIFT, SAVE_FLAGS, SIZES, STEPS } from '../link/protocol.js';
import { accessClass } from './access.js';
import { bytesAnAddress, packBase, spaceCode } from './space.js';
import { ownedBits, saveEntry, savableBits, type PeripheralSpec, type RegisterSpec } from './definition.js';

/** A register where the controller finds it, with what typed access needs. */
export interface CompiledRegister {
  /** `CSR`, or `INSTR_MEM[3]` for one of several. */
  readonly name: string;
  readonly spec: RegisterSpec;
  /** The place without the peripheral's number, which each session gives anew. */
  readonly at: Omit<Place, 'peripheral'>;
  readonly owned: number;
}

/** A definition made ready for the controller. */
export interface CompiledPeripheral {
  readonly name: string;
  /** By the name in the definition: one register, or as many as its `count` says. */
  readonly registers: ReadonlyMap<string, readonly CompiledRegister[]>;
  /** The save list, as names. */
  readonly saves: readonly string[];
  /** Registers that only the journal protects; the controller numbers them behind the save list. */
  readonly journaled: readonly string[];
  /** Operands of `define`, without the number. */
  readonly definition: Uint8Array;
}

interface Block {
  readonly flags: number;
  /** Address of the first register. */
  readonly first: number;
  readonly mask: number;
  size: number;
}

const HEAD_BYTES = 3;
const WIDTH_CODES = { 8: 0, 16: 1, 32: 2 } as const;
const compiled = new WeakMap<PeripheralSpec, CompiledPeripheral>();

/** Compiles a definition, once. */
export function compile(spec: PeripheralSpec): CompiledPeripheral {
  let result = compiled.get(spec);
  if (!result) compiled.set(spec, (result = compileAnew(spec)));
  return result;
}

function compileAnew(spec: PeripheralSpec): CompiledPeripheral {
  const { blocks, registers, journaled } = placeRegisters(spec);
  const saves = spec.save
    .map(saveEntry)
    .flatMap((entry) => registers.get(entry.register)!.map((register) => ({ ...entry, register })));
  const steps = spec.restore ?? [];
  const size = HEAD_BYTES + blocks.length * SIZES.block + saves.length * SIZES.save + steps.length * SIZES.step;
  const definition = new Uint8Array(size);
  const view = new DataView(definition.buffer);
  definition.set([blocks.length, saves.length, steps.length]);
  let at = HEAD_BYTES;
  for (const block of blocks) {
    view.setUint8(at, spaceCode(spec.space));
    view.setUint8(at + 1, block.flags);
    view.setUint16(at + 2, block.size, true);
    view.setUint32(at + 4, packBase(spec.space, block.first), true);
    view.setUint32(at + 8, block.mask, true);
    at += SIZES.block;
  }
  for (const { register, mask, volatile } of saves) {
    const shadow = register.spec.access === 'wo' ? SAVE_FLAGS.shadow : 0;
    view.setUint8(at, register.at.block);
    view.setUint8(at + 1, shadow | (volatile ? SAVE_FLAGS.volatile : 0));
    view.setUint16(at + 2, register.at.offset, true);
    view.setUint32(at + 4, mask ?? savableBits(register.spec), true);
    at += SIZES.save;
  }
  for (const step of steps) {
    const place = 'register' in step ? registers.get(step.register)![0]!.at : { block: 0, offset: saves.length };
    view.setUint8(at, STEPS[step.step]);
    view.setUint8(at + 1, place.block);
    view.setUint16(at + 2, place.offset, true);
    view.setUint32(at + 4, 'mask' in step ? step.mask : 0, true);
    view.setUint32(at + 8, 'value' in step ? step.value : 0, true);
    view.setUint32(at + 12, step.step === 'poll' ? step.timeoutUs : step.step === 'delay' ? step.us : 0, true);
    at += SIZES.step;
  }
  return { name: spec.name, registers, saves: saves.map(({ register }) => register.name), journaled, definition };
}

function blockFlags({ access, width = 32 }: RegisterSpec, journal: boolean): number {
  const { reads, writes, ones, stream, readingActs } = accessClass(access);
  return (
    (journal ? BLOCK_FLAGS.journal : 0) |
    (readingActs && !stream ? BLOCK_FLAGS.sideEffects : 0) |
    (reads ? BLOCK_FLAGS.read : 0) |
    (writes ? BLOCK_FLAGS.write : 0) |
    (ones ? BLOCK_FLAGS.ones : 0) |
    (stream ? BLOCK_FLAGS.fifo : 0) |
    (WIDTH_CODES[width] << BLOCK_WIDTH_SHIFT)
  );
}

/** Gathers registers that follow each other and are accessed alike into address blocks. */
function placeRegisters(spec: PeripheralSpec): {
  blocks: Block[];
  registers: Map<string, CompiledRegister[]>;
  journaled: string[];
} {
  const saved = new Set(spec.save.map((entry) => saveEntry(entry).register));
  const journaled: string[] = [];
  const blocks: Block[] = [];
  const registers = new Map<string, CompiledRegister[]>();
  const byAddress = Object.entries(spec.registers).sort(([, a], [, b]) => a.address - b.address);
  for (const [name, register] of byAddress) {
    const { count, width = 32 } = register;
    const journal = spec.fallback === 'journal' && register.access === 'rw' && !saved.has(name);
    const flags = blockFlags(register, journal);
    const owned = ownedBits(register);
    let block = blocks.at(-1);
    const goesOn =
      block?.flags === flags &&
      block.mask === owned &&
      block.first + block.size / bytesAnAddress(spec.space, width) === register.address;
    if (!block || !goesOn) blocks.push((block = { flags, first: register.address, mask: owned, size: 0 }));
    const start = block.size;
    const placed = Array.from({ length: count ?? 1 }, (_, index) => ({
      name: count === undefined ? name : `${name}[${index}]`,
      spec: register,
      at: { block: blocks.length - 1, offset: start + index * (width / 8), width: WIDTH_CODES[width] },
      owned,
    }));
    registers.set(name, placed);
    if (journal) journaled.push(...placed.map((each) => each.name));
    block.size += placed.length * (width / 8);
  }
  return { blocks, registers, journaled };
}
