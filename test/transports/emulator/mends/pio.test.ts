import assert from 'node:assert/strict';
import { clear, readyChip, RESETS, set, type BareChip } from '../bare-chip.js';

const PIO = 0x50200000;
const REG = {
  ctrl: PIO,
  fstat: PIO + 0x04,
  fdebug: PIO + 0x08,
  flevel: PIO + 0x0c,
  tx: PIO + 0x10,
  rx: PIO + 0x20,
  irq: PIO + 0x30,
  irqForce: PIO + 0x34,
  padout: PIO + 0x3c,
  memory: PIO + 0x48,
  clkdiv: PIO + 0xc8,
  execctrl: PIO + 0xcc,
  shiftctrl: PIO + 0xd0,
  addr: PIO + 0xd4,
  instr: PIO + 0xd8,
  pinctrl: PIO + 0xdc,
  intr: PIO + 0x128,
  inte: PIO + 0x12c,
} as const;
const SM_BYTES = 0x18;
const RESET_BIT = 1 << 10;
/** At 125 MHz. */
const CYCLE = 8;
const STALLED = 0x80000000;

/** RP2040 datasheet 3.4. */
const ASM = {
  jmp: (to: number) => to,
  jmpXDec: (to: number) => 0x0040 | to,
  waitPin: (level: number, gpio: number) => 0x2000 | (level << 7) | gpio,
  waitIrq: (flag: number) => 0x20c0 | flag,
  inX: (bits: number) => 0x4020 | (bits & 31),
  outX: (bits: number) => 0x6020 | (bits & 31),
  push: 0x8020,
  pull: 0x80a0,
  movXOsr: 0xa027,
  movIsrReversedX: 0xa0d1,
  irq: (flag: number) => 0xc000 | flag,
  irqWait: (flag: number) => 0xc020 | flag,
  setPins: (value: number, delay = 0) => 0xe000 | (delay << 8) | value,
  setDirections: (value: number) => 0xe080 | value,
  setX: (value: number) => 0xe020 | value,
} as const;

const PIN = 5;
/** One pin for SET and OUT. */
const ONE_PIN = ((1 << 26) | (PIN << 5) | (1 << 20) | PIN) >>> 0;

function load({ chip }: BareChip, program: readonly number[], { pins = 0x14000000, shift = 0x000c0000 } = {}): void {
  for (const [index, instruction] of program.entries()) chip.write32(REG.memory + 4 * index, instruction);
  chip.write32(REG.execctrl, (program.length - 1) << 12);
  chip.write32(REG.shiftctrl, shift);
  chip.write32(REG.pinctrl, pins);
}

function onPin(bare: BareChip): { readonly edges: { readonly level: boolean; readonly at: number }[] } {
  const edges: { level: boolean; at: number }[] = [];
  bare.chip.onPin((pin, level) => {
    if (pin === PIN) edges.push({ level, at: bare.chip.nanos });
  });
  bare.chip.write32(0x40014004 + 8 * PIN, 6);
  return { edges };
}

const run = ({ chip }: BareChip): void => chip.write32(set(REG.ctrl), 1);

describe('A PIO block', () => {
  it('drives a pin at the pace of the emulated clock, with delays, wrapping without a cycle of its own', () => {
    const bare = readyChip();
    const { edges } = onPin(bare);
    load(bare, [ASM.setPins(1, 2), ASM.setPins(0)], { pins: ONE_PIN });
    bare.chip.write32(REG.instr, ASM.setDirections(1));
    run(bare);
    bare.pass(40 * CYCLE);
    const rising = edges.filter(({ level }) => level).map(({ at }) => at);
    const falling = edges.filter(({ level }) => !level).map(({ at }) => at);
    assert.ok(rising.length >= 9, `${rising.length} edges`);
    for (const [index, at] of rising.slice(1).entries()) assert.equal(at - rising[index]!, 4 * CYCLE);
    for (const [index, at] of falling.entries()) assert.equal(at - rising[index]!, 3 * CYCLE);
  });

  it('divides the clock, in steps of 1/256', () => {
    const bare = readyChip();
    const { edges } = onPin(bare);
    load(bare, [ASM.setPins(1), ASM.setPins(0)], { pins: ONE_PIN });
    bare.chip.write32(REG.clkdiv, (10 << 16) | (128 << 8));
    bare.chip.write32(REG.instr, ASM.setDirections(1));
    run(bare);
    bare.pass(100 * 10.5 * CYCLE);
    const took = edges.at(-1)!.at - edges[0]!.at;
    assert.equal(took, (edges.length - 1) * 10.5 * CYCLE);
  });

  it('gives each machine every cycle of its own, whatever the others do to pins in the same one', () => {
    const bare = readyChip();
    const { chip, pass } = bare;
    const edges: number[] = [];
    const { edges: first } = onPin(bare);
    chip.onPin((pin) => {
      if (pin === PIN + 1) edges.push(chip.nanos);
    });
    chip.write32(0x40014004 + 8 * (PIN + 1), 6);
    load(bare, [ASM.setPins(1), ASM.setPins(0), ASM.setPins(1), ASM.setPins(0)]);
    for (const machine of [0, 1]) {
      chip.write32(REG.execctrl + machine * SM_BYTES, ((2 * machine + 1) << 12) | ((2 * machine) << 7));
      chip.write32(REG.pinctrl + machine * SM_BYTES, (1 << 26) | ((PIN + machine) << 5));
      chip.write32(REG.instr + machine * SM_BYTES, ASM.setDirections(1));
      chip.write32(REG.instr + machine * SM_BYTES, ASM.jmp(2 * machine));
    }
    chip.write32(set(REG.ctrl), 3 | (3 << 8));
    pass(40 * CYCLE);
    assert.ok(edges.length >= 39, `${edges.length} edges`);
    assert.deepEqual(
      edges,
      first.map(({ at }) => at),
    );
  });

  it('runs only machines that are enabled, and stops them where they are', () => {
    const bare = readyChip();
    load(bare, [ASM.setX(0), ASM.jmp(1)]);
    bare.pass(10 * CYCLE);
    assert.equal(bare.chip.read32(REG.addr), 0);
    run(bare);
    bare.pass(10 * CYCLE);
    assert.equal(bare.chip.read32(REG.addr), 1);
    assert.equal(bare.chip.read32(REG.addr + SM_BYTES), 0);
    bare.chip.write32(clear(REG.ctrl), 1);
    bare.chip.write32(REG.instr, ASM.jmp(7));
    bare.pass(10 * CYCLE);
    assert.equal(bare.chip.read32(REG.addr), 7);
  });

  it('pulls, loops, reverses and pushes', () => {
    const bare = readyChip();
    load(bare, [
      ASM.pull,
      ASM.movXOsr,
      ASM.movIsrReversedX,
      ASM.push,
      ASM.pull,
      ASM.movXOsr,
      ASM.jmpXDec(6),
      ASM.irq(3),
    ]);
    run(bare);
    bare.pass(10 * CYCLE);
    assert.equal(bare.chip.read32(REG.fdebug), 1 << 24, 'it stalled on an empty TX FIFO');
    bare.chip.write32(REG.tx, 0x12345678);
    bare.pass(10 * CYCLE);
    assert.equal(bare.chip.read32(REG.rx), 0x1e6a2c48);
    bare.chip.write32(REG.tx, 20);
    bare.pass(20 * CYCLE);
    assert.equal(bare.chip.read32(REG.irq), 0);
    bare.pass(10 * CYCLE);
    assert.equal(bare.chip.read32(REG.irq), 1 << 3);
  });

  it('shifts out and in by itself where SHIFTCTRL asks for it', () => {
    const bare = readyChip();
    // Both to the right, 8 bits a word.
    load(bare, [ASM.outX(4), ASM.inX(4)], { shift: ((8 << 25) | (8 << 20) | (3 << 18) | (3 << 16)) >>> 0 });
    run(bare);
    bare.chip.write32(REG.tx, 0xa7);
    bare.chip.write32(REG.tx, 0x5c);
    bare.pass(40 * CYCLE);
    assert.equal(bare.chip.read32(REG.flevel), 2 << 4);
    assert.deepEqual([bare.chip.read32(REG.rx), bare.chip.read32(REG.rx)], [0xa7000000, 0x5c000000]);
  });

  it('joins its FIFOs, empties them when that changes, and says when one overflowed or was read empty', () => {
    const { chip } = readyChip();
    for (let word = 0; word < 5; word++) chip.write32(REG.tx, word);
    assert.equal(chip.read32(REG.flevel), 4);
    chip.read32(REG.rx);
    assert.equal(chip.read32(REG.fdebug), (1 << 16) | (1 << 8));
    chip.write32(REG.fdebug, 1 << 16);
    assert.equal(chip.read32(REG.fdebug), 1 << 8);
    chip.write32(REG.shiftctrl, 0x400c0000);
    assert.equal(chip.read32(REG.flevel), 0);
    for (let word = 0; word < 8; word++) chip.write32(REG.tx, word);
    assert.equal(chip.read32(REG.flevel), 8);
    assert.equal(chip.read32(REG.fstat) & 0x01010101, 0x00010101, 'TX full; RX both full and empty');
  });

  it('waits for a pin, and for an IRQ flag that another machine raises', () => {
    const bare = readyChip();
    load(bare, [ASM.waitPin(1, 9), ASM.irqWait(2), ASM.waitIrq(4), ASM.jmp(3)]);
    run(bare);
    bare.pass(10 * CYCLE);
    assert.equal(bare.chip.read32(REG.addr), 0);
    bare.chip.setPin(9, true);
    bare.pass(10 * CYCLE);
    assert.deepEqual([bare.chip.read32(REG.addr), bare.chip.read32(REG.irq)], [1, 1 << 2]);
    bare.chip.write32(REG.irq, 1 << 2);
    bare.pass(10 * CYCLE);
    assert.equal(bare.chip.read32(REG.addr), 2);
    bare.chip.write32(REG.instr + SM_BYTES, ASM.irq(4));
    bare.pass(10 * CYCLE);
    assert.deepEqual([bare.chip.read32(REG.addr), bare.chip.read32(REG.irq)], [3, 0]);
  });

  it('keeps an instruction from INSTR that stalls, until a restart', () => {
    const { chip } = readyChip();
    chip.write32(REG.instr, ASM.pull);
    assert.equal(chip.read32(REG.execctrl) >>> 31, 1);
    chip.write32(set(REG.ctrl), 1 << 4);
    assert.equal((chip.read32(REG.execctrl) & STALLED) >>> 0, 0);
    assert.equal(chip.read32(REG.ctrl), 0);
  });

  it('interrupts for what INTE chooses', () => {
    const { chip } = readyChip();
    const pending = (): boolean => (chip.silicon.core.pendingInterrupts & (1 << 7)) !== 0;
    chip.write32(REG.inte, 1 << 9);
    assert.equal(chip.read32(REG.intr), 0xf0);
    assert.equal(pending(), false);
    chip.write32(REG.irqForce, 1 << 1);
    assert.equal(chip.read32(REG.intr), 0x2f0);
    assert.equal(pending(), true);
  });

  it('goes back to its reset values, and lets go of its pins', () => {
    const bare = readyChip();
    load(bare, [ASM.setPins(1)], { pins: ONE_PIN });
    run(bare);
    bare.pass(10 * CYCLE);
    assert.equal(bare.chip.read32(REG.padout), 1 << PIN);
    bare.chip.write32(set(RESETS), RESET_BIT);
    bare.chip.write32(clear(RESETS), RESET_BIT);
    const read = [REG.ctrl, REG.padout, REG.execctrl, REG.pinctrl, REG.fstat, REG.addr].map((at) =>
      bare.chip.read32(at),
    );
    assert.deepEqual(read, [0, 0, 0x1f000, 0x14000000, 0x0f000f00, 0]);
  });
});
