import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PioMachine, PioMemory } from '../../../peripherals/rp2040/pio.js';
import { Driver, entryPoint, peripheral, type Handle } from '../../../runtime/index.js';
import { picoBoard, type Bench, type PicoBoard } from '../../emulated.js';
import { assertUndoneAfter, Messy, scribble, scribbles } from '../failing-call.js';

const PIN = 3;
/** RP2040 datasheet 3.4: `set pins, value [delay]`, `set pindirs, 1`, `jmp 0`, `pull block`, `irq 0`. */
const setPins = (value: number, delay: number): number => 0xe000 | (delay << 8) | value;
const SET_OUTPUT = 0xe081;
const JUMP_TO_START = 0x0000;
const PULL = 0x80a0;
const RAISE_IRQ = 0xc000;

const setup = fc.record({
  divider: fc.record({ INT: fc.integer({ min: 1, max: 0xffff }), FRAC: fc.nat(0xff) }),
  execution: fc.record({
    WRAP_BOTTOM: fc.nat(31),
    WRAP_TOP: fc.nat(31),
    JMP_PIN: fc.nat(29),
    SIDE_EN: fc.boolean(),
    SIDE_PINDIR: fc.boolean(),
    STATUS_SEL: fc.constantFrom('tx-level' as const, 'rx-level' as const),
    STATUS_N: fc.nat(15),
  }),
  shifting: fc.record({
    AUTOPUSH: fc.boolean(),
    AUTOPULL: fc.boolean(),
    IN_SHIFTDIR: fc.constantFrom('left' as const, 'right' as const),
    OUT_SHIFTDIR: fc.constantFrom('left' as const, 'right' as const),
    PUSH_THRESH: fc.nat(31),
    PULL_THRESH: fc.nat(31),
    FJOIN_TX: fc.boolean(),
  }),
  pins: fc.record({
    OUT_BASE: fc.nat(29),
    SET_BASE: fc.nat(29),
    IN_BASE: fc.nat(29),
    OUT_COUNT: fc.nat(32),
    SET_COUNT: fc.nat(5),
    SIDESET_COUNT: fc.nat(5),
  }),
  interrupts: fc.record({ RXNEMPTY: fc.boolean(), TXNFULL: fc.boolean(), IRQ: fc.boolean() }),
  running: fc.boolean(),
});

/** Everything that a machine can be made of; CTRL among it, so that it runs whatever stands there. */
const MACHINE = ['CLKDIV', 'EXECCTRL', 'SHIFTCTRL', 'PINCTRL', 'INSTR', 'CTRL', 'IRQ0_INTE', 'IRQ0_INTF', 'IRQ1_INTE'];

const program = fc.array(fc.nat(0xffff), { minLength: 32, maxLength: 32 });

async function load(memory: Handle<PioMemory>, instructions: readonly number[]): Promise<void> {
  await Promise.all(instructions.map((instruction, at) => memory.INSTR_MEM[at]!.write(instruction)));
}

/** Loads another program and starts a machine with it, in one call. */
class Loader extends Driver {
  @peripheral accessor machine: Handle<PioMachine>;
  @peripheral accessor memory: Handle<PioMemory>;

  constructor(board: PicoBoard) {
    super(board);
    this.machine = board.pio[0]!.sm[0]!;
    this.memory = board.pio[0]!.memory;
  }

  @entryPoint
  async start(instructions: readonly number[], thenFail: boolean): Promise<void> {
    const { machine, memory } = this;
    await machine.CTRL.modify({ SM_ENABLE: false });
    await load(memory, instructions);
    await machine.EXECCTRL.write({ WRAP_TOP: instructions.length - 1 });
    await machine.PINCTRL.write({ SET_BASE: PIN, SET_COUNT: 1 });
    await machine.INSTR.write(SET_OUTPUT);
    await machine.INSTR.write(JUMP_TO_START);
    await machine.CTRL.modify({ SM_ENABLE: true });
    await this.tx.delay(20);
    if (thenFail) await this.tx.delay(2_000_000);
  }
}

describe('A PIO state machine, on real firmware', () => {
  let bench: Bench;
  let block: Handle<PioMachine>;
  let memory: Handle<PioMemory>;
  let driver: Messy<PioMachine>;

  beforeEach(async () => {
    bench = await picoBoard();
    block = bench.board.pio[0]!.sm[1]!;
    memory = bench.board.pio[0]!.memory;
    driver = new Messy(bench.board, block);
  });
  afterEach(() => bench.dispose());

  /** How long the pin is high and how long it is low, in nanoseconds, once for every two edges within 20 µs. */
  function wave(): string[] {
    const edges: { level: boolean; at: number }[] = [];
    const stop = bench.emulated.chip.onPin((pin, level) => {
      if (pin === PIN) edges.push({ level, at: bench.emulated.chip.nanos });
    });
    bench.emulated.advance(0.02);
    stop();
    const first = edges.findIndex(({ level }) => level);
    const waves: string[] = [];
    for (let at = first; at + 2 < edges.length; at += 2)
      waves.push(`${edges[at + 1]!.at - edges[at]!.at} high, ${edges[at + 2]!.at - edges[at + 1]!.at} low`);
    return waves;
  }

  it('is as it was after a failed call, whatever the call wrote to its registers and had it execute', async () => {
    const property = fc.asyncProperty(program, setup, scribbles(MACHINE, 16), async (instructions, to, list) => {
      await block.CTRL.write({});
      await load(memory, instructions);
      await block.CLKDIV.write(to.divider);
      await block.EXECCTRL.write(to.execution);
      await block.SHIFTCTRL.write(to.shifting);
      await block.PINCTRL.write(to.pins);
      await block.IRQ0_INTE.write(to.interrupts);
      await block.CTRL.write({ SM_ENABLE: to.running });
      await assertUndoneAfter(driver, (messy, delay) => scribble(messy, list, delay));
      assert.equal((await block.CTRL.read()).SM_ENABLE, to.running);
    });
    await fc.assert(property, { numRuns: 20, seed: 3_07 });
  });

  it('is stopped again when the failed call had it run and raise interrupts', async () => {
    await load(memory, [RAISE_IRQ, JUMP_TO_START]);
    await assertUndoneAfter(driver, async (messy) => {
      await messy.IRQ0_INTE.write({ IRQ: true });
      await messy.CTRL.write({ SM_ENABLE: true });
      assert.equal((await messy.INTR.read()).IRQ, false, 'flag 0 is that of machine 0');
    });
    const [stands, later] = [await block.ADDR.read(), await block.ADDR.read()];
    assert.equal(stands, later);
    assert.equal((await block.IRQ0_INTS.read()).IRQ, false);
  });

  it('draws the same wave after a call that loaded another program, started it, and failed', async () => {
    await bench.board.pin[PIN]!.CTRL.write({ FUNCSEL: 'pio0' });
    const loader = new Loader(bench.board);
    await loader.start([setPins(1, 4), setPins(0, 9)], false);
    const before = wave();
    assert.ok(before.length > 100, `${before.length} waves`);
    assert.deepEqual([...new Set(before)], ['40 high, 80 low']);
    const digests = await Promise.all([loader.machine, loader.memory].map((each) => bench.board.digest(each)));
    await assert.rejects(loader.start([setPins(1, 0), setPins(0, 1), setPins(1, 2), setPins(0, 3)], true));
    assert.deepEqual(
      await Promise.all([loader.machine, loader.memory].map((each) => bench.board.digest(each))),
      digests,
    );
    const after = wave();
    assert.deepEqual([...new Set(after)], ['40 high, 80 low']);
    assert.ok(Math.abs(after.length - before.length) <= 1);
  });

  it('does not take words to its FIFO from a call that fails', async () => {
    await assertUndoneAfter(driver, async (messy) => {
      await messy.CLKDIV.write({ INT: 2 });
      await messy.TXF.push([1, 2, 3]);
    });
    assert.deepEqual(await block.FLEVEL.read(), { TX: 0, RX: 0 });
  });

  it('leaves its neighbours running, which share CTRL and the interrupt registers with it', async () => {
    const neighbour = bench.board.pio[0]!.sm[2]!;
    await load(memory, [PULL, JUMP_TO_START]);
    await neighbour.CTRL.write({ SM_ENABLE: true });
    await neighbour.IRQ0_INTE.write({ TXNFULL: true });
    const before = await bench.board.digest(neighbour);
    await assertUndoneAfter(driver, async (messy) => {
      await messy.CTRL.write({ SM_ENABLE: true });
      await messy.IRQ0_INTE.write({ RXNEMPTY: true, TXNFULL: true });
    });
    assert.equal(await bench.board.digest(neighbour), before);
    await neighbour.TXF.push([7]);
    assert.equal((await neighbour.FLEVEL.read()).TX, 0, 'it pulled the word');
  });
});

describe('The memory of a PIO block, on real firmware', () => {
  it('holds the program from before a failed call', async () => {
    const bench = await picoBoard();
    const { memory } = bench.board.pio[1]!;
    const driver = new Messy(bench.board, memory);
    const property = fc.asyncProperty(program, program, fc.nat(0xffffffff), async (before, after, bypass) => {
      await load(memory, before);
      await memory.INPUT_SYNC_BYPASS.write(bypass);
      await assertUndoneAfter(driver, async (messy) => {
        await load(messy, after);
        await messy.INPUT_SYNC_BYPASS.write(0);
      });
      // Where each machine stands is what the chip shows of the memory.
      for (const at of [0, 13, 31]) {
        await bench.board.pio[1]!.sm[0]!.INSTR.write(at);
        assert.equal(bench.emulated.read32(0x503000d8), before[at]);
      }
    });
    await fc.assert(property, { numRuns: 10, seed: 3_02 });
    await bench.dispose();
  });
});
