import type { Place } from '../link/ops.js';
import { BLOCK_FLAGS, BLOCK_WIDTH_SHIFT, SAVE_FLAGS, SIZES, STEPS } from '../link/protocol.js';
import { accessClass } from './access.js';
import { bytesAnAddress, packBase, spaceCode } from './space.js';
import { encodeCommand, type CommandSpec } from './command-spec.js';
import {
  ownedBits,
  saveEntry,
  savableBits,
  selfClearingBits,
  type PeripheralSpec,
  type RegisterSpec,
  type SaveSpec,
} from './definition.js';

/** A register where the controller finds it, with what typed access needs. */
export interface CompiledRegister {
  /** `CSR`, or `INSTR_MEM[3]` for one of several. */
  readonly name: string;
  readonly spec: RegisterSpec;
  /** The place without the peripheral's number, which each session gives anew. */
  readonly at: Omit<Place, 'peripheral'>;
  readonly owned: number;
}

/** A command where the controller finds it. */
export interface CompiledCommand {
  readonly name: string;
  readonly spec: CommandSpec;
  readonly at: Omit<Place, 'peripheral'>;
}

/** A definition made ready for the controller. */
export interface CompiledPeripheral {
  readonly name: string;
  readonly spec: PeripheralSpec;
  /** By the name in the definition: one register, or as many as its `count` says. */
  readonly registers: ReadonlyMap<string, readonly CompiledRegister[]>;
  /** By the name in the definition. */
  readonly commands: ReadonlyMap<string, CompiledCommand>;
  /** The save list, as names; the setting of a command takes an entry for each four of its bytes. */
  readonly saves: readonly string[];
  /** Of each entry of the save list, the bits that stay as they are until somebody writes them. */
  readonly steady: readonly number[];
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
/** How much of a message one entry of the save list keeps. */
const SHADOW_BYTES = 4;
const MESSAGE_FLAGS = BLOCK_FLAGS.read | BLOCK_FLAGS.write | BLOCK_FLAGS.fifo;
const WIDTH_CODES = { 8: 0, 16: 1, 32: 2 } as const;
const compiled = new WeakMap<PeripheralSpec, CompiledPeripheral>();

/** Compiles a definition, once. */
export function compile(spec: PeripheralSpec): CompiledPeripheral {
  let result = compiled.get(spec);
  if (!result) compiled.set(spec, (result = compileAnew(spec)));
  return result;
}

/** An entry of the save list as it goes on the wire. */
interface Save {
  readonly name: string;
  readonly block: number;
  readonly offset: number;
  readonly flags: number;
  /** The bits to save; for four bytes of a message, these bytes as they are after power-on. */
  readonly mask: number;
}

function compileAnew(spec: PeripheralSpec): CompiledPeripheral {
  const { blocks, registers, journaled } = placeRegisters(spec);
  const { commands, settings } = placeCommands(spec, blocks);
  const saves: Save[] = spec.save
    .map(saveEntry)
    .flatMap((entry) => registers.get(entry.register)!.map((register) => saveOf(spec, entry, register)))
    .concat(settings);
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
  for (const { block, flags, offset, mask } of saves) {
    view.setUint8(at, block);
    view.setUint8(at + 1, flags);
    view.setUint16(at + 2, offset, true);
    view.setUint32(at + 4, mask, true);
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
  return {
    name: spec.name,
    spec,
    registers,
    commands,
    saves: saves.map(({ name }) => name),
    steady: saves.map(steadyBits),
    journaled,
    definition,
  };
}

function saveOf({ space }: PeripheralSpec, { mask, volatile }: SaveSpec, register: CompiledRegister): Save {
  const { name, spec, at } = register;
  // What of a chip's register is not saved is written as it reads, but not where a 1 acts that may read as 1.
  const zeros = space !== undefined && spec.access === 'rw' && selfClearingBits(spec) !== 0;
  const flags =
    (spec.access === 'wo' ? SAVE_FLAGS.shadow : 0) |
    (volatile ? SAVE_FLAGS.volatile : 0) |
    (zeros ? SAVE_FLAGS.zeros : 0);
  return { name, block: at.block, offset: at.offset, flags, mask: mask ?? savableBits(spec) };
}

function steadyBits({ flags, mask }: Save): number {
  if (flags & SAVE_FLAGS.volatile) return 0;
  // The mask of a message's entry is the message itself.
  return flags & SAVE_FLAGS.shadow ? 0xffffffff : mask;
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

/** One block for the messages that set nothing, and one for each setting, as long as its messages. */
function placeCommands(
  { name: peripheral, commands = {} }: PeripheralSpec,
  blocks: Block[],
): { commands: Map<string, CompiledCommand>; settings: Save[] } {
  const placed = new Map<string, CompiledCommand>();
  const settings: Save[] = [];
  const places = new Map<string | undefined, CompiledCommand['at']>();
  for (const [name, spec] of Object.entries<CommandSpec>(commands)) {
    let at = places.get(spec.sets);
    if (!at) {
      places.set(spec.sets, (at = { block: blocks.length, offset: 0, width: WIDTH_CODES[8] }));
      blocks.push({
        flags: MESSAGE_FLAGS,
        first: 0,
        mask: 0xff,
        size: spec.sets === undefined ? 1 : spec.bytes.length,
      });
    }
    placed.set(name, { name, spec, at });
    if (spec.sets === undefined || !spec.initial) continue;
    const message = encodeCommand(`${peripheral}.${name}`, spec, spec.initial);
    for (let offset = 0; offset < message.length; offset += SHADOW_BYTES) {
      const mask = message.subarray(offset, offset + SHADOW_BYTES).reduceRight((word, byte) => word * 256 + byte, 0);
      settings.push({ name: spec.sets, block: at.block, offset, flags: SAVE_FLAGS.shadow, mask });
    }
  }
  return { commands: placed, settings };
}
