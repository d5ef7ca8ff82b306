import type { Place } from '../link/ops.js';
import { BLOCK_FLAGS, BLOCK_WIDTH_SHIFT, SAVE_FLAGS, SIZES, STEPS } from '../link/protocol.js';
import { saveEntry, savableBits, type PeripheralSpec, type RegisterSpec } from './definition.js';

/** A register where the controller finds it, with what typed access needs. */
export interface CompiledRegister {
  readonly name: string;
  readonly spec: RegisterSpec;
  /** The place without the peripheral's number, which each session gives anew. */
  readonly at: Omit<Place, 'peripheral'>;
  readonly owned: number;
}

/** A definition made ready for the controller. */
export interface CompiledPeripheral {
  readonly name: string;
  readonly registers: ReadonlyMap<string, CompiledRegister>;
  /** The save list, as names, to name what did not read back. */
  readonly saves: readonly string[];
  /** Operands of `define`, without the number. */
  readonly definition: Uint8Array;
}

interface Block {
  readonly flags: number;
  readonly base: number;
  readonly mask: number;
  size: number;
}

const ACCESS_FLAGS: Readonly<Record<RegisterSpec['access'], number>> = {
  rw: BLOCK_FLAGS.read | BLOCK_FLAGS.write,
  ro: BLOCK_FLAGS.read,
  wo: BLOCK_FLAGS.write,
  w1c: BLOCK_FLAGS.read | BLOCK_FLAGS.write | BLOCK_FLAGS.ones,
};

const WIDTH_32 = 2;
const compiled = new WeakMap<PeripheralSpec, CompiledPeripheral>();

/** Compiles a definition, once. */
export function compile(spec: PeripheralSpec): CompiledPeripheral {
  let result = compiled.get(spec);
  if (!result) compiled.set(spec, (result = compileAnew(spec)));
  return result;
}

function compileAnew(spec: PeripheralSpec): CompiledPeripheral {
  const { blocks, registers } = placeRegisters(spec);
  const saves = spec.save.map(saveEntry);
  const steps = spec.restore ?? [];
  const definition = new Uint8Array(
    3 + blocks.length * SIZES.block + saves.length * SIZES.save + steps.length * SIZES.step,
  );
  const view = new DataView(definition.buffer);
  definition.set([blocks.length, saves.length, steps.length]);
  let at = 3;
  for (const block of blocks) {
    view.setUint8(at, 0);
    view.setUint8(at + 1, block.flags);
    view.setUint16(at + 2, block.size, true);
    view.setUint32(at + 4, block.base, true);
    view.setUint32(at + 8, block.mask, true);
    at += SIZES.block;
  }
  for (const entry of saves) {
    const { at: place, spec: register } = registers.get(entry.register)!;
    const shadow = register.access === 'wo' ? SAVE_FLAGS.shadow : 0;
    view.setUint8(at, place.block);
    view.setUint8(at + 1, shadow | (entry.volatile ? SAVE_FLAGS.volatile : 0));
    view.setUint16(at + 2, place.offset, true);
    view.setUint32(at + 4, entry.mask ?? savableBits(register), true);
    at += SIZES.save;
  }
  for (const step of steps) {
    const place = 'register' in step ? registers.get(step.register)!.at : { block: 0, offset: saves.length };
    view.setUint8(at, STEPS[step.step]);
    view.setUint8(at + 1, place.block);
    view.setUint16(at + 2, place.offset, true);
    view.setUint32(at + 4, 'mask' in step ? step.mask : 0, true);
    view.setUint32(at + 8, 'value' in step ? step.value : 0, true);
    view.setUint32(at + 12, step.step === 'poll' ? step.timeoutUs : step.step === 'delay' ? step.us : 0, true);
    at += SIZES.step;
  }
  return { name: spec.name, registers, saves: saves.map((entry) => entry.register), definition };
}

/** Gathers registers that follow each other and are accessed alike into address blocks. */
function placeRegisters(spec: PeripheralSpec): { blocks: Block[]; registers: Map<string, CompiledRegister> } {
  const blocks: Block[] = [];
  const registers = new Map<string, CompiledRegister>();
  const byAddress = Object.entries(spec.registers).sort(([, a], [, b]) => a.address - b.address);
  for (const [name, register] of byAddress) {
    const flags = ACCESS_FLAGS[register.access] | (WIDTH_32 << BLOCK_WIDTH_SHIFT);
    const owned = (register.owned ?? 0xffffffff) >>> 0;
    let block = blocks.at(-1);
    const extended = block?.flags === flags && block.mask === owned && block.base + block.size === register.address;
    if (!block || !extended) blocks.push((block = { flags, base: register.address, mask: owned, size: 0 }));
    const at = { block: blocks.length - 1, offset: block.size, width: WIDTH_32 } as const;
    registers.set(name, { name, spec: register, at, owned });
    block.size += 4;
  }
  return { blocks, registers };
}
