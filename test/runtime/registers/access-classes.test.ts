import assert from 'node:assert/strict';
import fc from 'fast-check';
import { I2cBus } from '../../../peripherals/rp2040/index.js';
import {
  attach,
  chipName,
  defineChip,
  definePeripheral,
  Driver,
  EntryPointError,
  entryPoint,
  field,
  flag,
  peripheral,
  type Handle,
  type I2cAddress,
} from '../../../runtime/index.js';
import type { I2cTarget } from '../../../transports/emulator/index.js';
import { picoBoard, type Bench, type PicoBoard } from '../../emulated.js';

const AT = { index: 0, target: 0x31 } as const;
const KEY = 0x5a;
const byte = { width: 8 } as const;

/** A chip that nobody makes, with a register of each access class. */
const sampler = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('sampler', { bus: 'i2c', index, target }),
    source: 'this test',
    space: { bus: 'i2c', index, target },
    registers: {
      RW: { ...byte, address: 0, access: 'rw' },
      RO: { ...byte, address: 1, access: 'ro' },
      WO: { ...byte, address: 2, access: 'wo' },
      W1C: { ...byte, address: 3, access: 'w1c' },
      W1S: { ...byte, address: 4, access: 'w1s' },
      W0C: { ...byte, address: 5, access: 'w0c' },
      RC: { ...byte, address: 6, access: 'rc' },
      RS: { ...byte, address: 7, access: 'rs' },
      FIFO: { ...byte, address: 8, access: 'fifo' },
      ONCE: { ...byte, address: 9, access: 'write-once' },
      CELL: { ...byte, address: 10, access: 'permanent' },
      KEY: { ...byte, address: 11, access: 'wo' },
      LOCKED: { ...byte, address: 12, access: 'rw', unlock: { register: 'KEY', value: KEY } },
      SELF: {
        ...byte,
        address: 13,
        access: 'rw',
        fields: { SPEED: field(0, 4), GO: flag(7, { access: 'self-clearing' }) },
      },
      COUNT: { ...byte, address: 14, access: 'rw' },
    },
    save: ['LOCKED', 'WO', 'RW', 'SELF', { register: 'COUNT', volatile: true }],
    // A locked register takes its value only right behind the key, so it is the first of the save list.
    restore: [{ step: 'write', register: 'KEY', mask: 0xff, value: KEY }, { step: 'saved' }],
  }),
);

/** The same chip from the other side. */
class Sampler implements I2cTarget {
  readonly registers = Uint8Array.of(1, 2, 3, 0xff, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 4, 0x85, 0);
  readonly pushed: number[] = [];
  /** How often something was read that reading changes, and how often GO was set. */
  readonly acted = { RC: 0, RS: 0, FIFO: 0, GO: 0 };
  #pointer: number | undefined;
  #unlocked = false;

  start(direction: 'read' | 'write'): boolean {
    if (direction === 'write') this.#pointer = undefined;
    return true;
  }

  write(value: number): boolean {
    if (this.#pointer === undefined) {
      this.#pointer = value;
      return true;
    }
    const at = this.#pointer;
    const old = this.registers[at]!;
    const unlocked = this.#unlocked;
    this.#unlocked = at === 11 && value === KEY;
    if (at === 3) this.registers[at] = old & ~value;
    else if (at === 4) this.registers[at] = old | value;
    else if (at === 5) this.registers[at] = old & value;
    else if (at === 8) this.pushed.push(value);
    else if (at === 9) this.registers[at] = old || value;
    else if (at === 13) {
      if (value & 0x80) this.acted.GO++;
      this.registers[at] = 0x80 | (value & 0x0f);
    } else if (at !== 1 && at !== 6 && at !== 7 && (at !== 12 || unlocked)) this.registers[at] = value;
    return true;
  }

  read(): number {
    const at = this.#pointer ?? 0;
    const value = this.registers[at]!;
    if (at === 6) [this.registers[at], this.acted.RC] = [0, this.acted.RC + 1];
    if (at === 7) [this.registers[at], this.acted.RS] = [0xff, this.acted.RS + 1];
    if (at === 8) this.acted.FIFO++;
    if (at === 14) this.registers[at] = value + 1;
    return at === 2 || at === 11 ? 0xee : value;
  }

  stop(): void {}

  /** What a rollback has to bring back. */
  get kept(): number[] {
    return [0, 2, 12, 13].map((at) => this.registers[at]!);
  }
}

type Registers = Handle<ReturnType<typeof sampler>>;

/** Everything legal that can be done to a register of each class, by name. */
const OPERATIONS: Readonly<Record<string, (chip: Registers, value: number) => Promise<unknown>>> = {
  'write rw': ({ RW }, value) => RW.write(value),
  'modify rw': ({ RW }, value) => RW.modify(value),
  'read ro': ({ RO }) => RO.read(),
  'write wo': ({ WO }, value) => WO.write(value),
  'clear w1c': ({ W1C }, value) => W1C.clear(value),
  'set w1s': ({ W1S }, value) => W1S.set(value),
  'clear w0c': ({ W0C }, value) => W0C.clear(value),
  'read rc': ({ RC }) => RC.read(),
  'read rs': ({ RS }) => RS.read(),
  'push fifo': ({ FIFO }, value) => FIFO.push([value, value]),
  'write write-once': ({ ONCE }, value) => ONCE.write(value),
  'write permanent': ({ CELL }, value) => CELL.write(value),
  'write key-locked': ({ LOCKED }, value) => LOCKED.write(value),
  'modify self-clearing': ({ SELF }, value) => SELF.modify({ SPEED: value & 0x0f }),
  'start self-clearing': ({ SELF }) => SELF.write({ GO: true, SPEED: 3 }),
  'write volatile': ({ COUNT }, value) => COUNT.write(value),
};

class Sampling extends Driver {
  @peripheral accessor chip: Registers;

  constructor(board: PicoBoard) {
    super(board);
    this.chip = attach(sampler(AT), board);
  }

  @entryPoint
  async run(steps: readonly (readonly [string, number])[], fails: boolean): Promise<void> {
    for (const [name, value] of steps) await OPERATIONS[name]!(this.chip, value);
    await this.chip.RO.read();
    if (fails) throw new Error('jammed');
  }
}

describe('A register of every access class', () => {
  let bench: Bench;
  let chip: Sampler;
  let driver: Sampling;

  beforeEach(async () => {
    bench = await picoBoard();
    chip = new Sampler();
    bench.emulated.connectI2c(AT.index, AT.target, chip);
    await new I2cBus(bench.board, AT.index).start({ sda: 4, scl: 5, hz: 400_000 });
    driver = new Sampling(bench.board);
    // What only the controller's shadow knows has to be written once.
    await driver.chip.WO.write(3);
  });
  afterEach(() => bench.dispose());

  const steps = fc.array(fc.tuple(fc.constantFrom(...Object.keys(OPERATIONS)), fc.nat(0xff)), { maxLength: 12 });
  const count = (names: readonly (readonly [string, number])[], name: string) =>
    names.filter(([each]) => each === name).length;

  it('is back after a failed call, or was never changed, or says by its class that it cannot be undone', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (program) => {
        const digest = await bench.board.digest(driver.chip);
        const kept = chip.kept;
        const { GO, RC, RS, FIFO } = chip.acted;
        const [once, cell] = [chip.registers[9], chip.registers[10]];
        const pushed = chip.pushed.length;
        await assert.rejects(driver.run(program, true), (error) => {
          assert.ok(error instanceof EntryPointError);
          assert.match(error.rollback.outcome, /^(nothing|restored)$/);
          return true;
        });
        assert.deepEqual(chip.kept, kept);
        assert.equal(await bench.board.digest(driver.chip), digest);
        // Deferred to a commit that never came.
        assert.deepEqual([chip.registers[9], chip.registers[10], chip.pushed.length], [once, cell, pushed]);
        // Neither checkpoint nor rollback has read what reading changes, nor set off what a written 1 does.
        assert.deepEqual(chip.acted, {
          RC: RC + count(program, 'read rc'),
          RS: RS + count(program, 'read rs'),
          FIFO,
          GO: GO + count(program, 'start self-clearing'),
        });
      }),
      { numRuns: 60 },
    );
  });

  it('keeps what a call has done that commits', async () => {
    await driver.run(
      [
        ['write rw', 0x21],
        ['write wo', 0x22],
        ['clear w1c', 0x0f],
        ['set w1s', 0x30],
        ['clear w0c', 0x0f],
        ['push fifo', 7],
        ['write write-once', 0x23],
        ['write permanent', 0x24],
        ['write key-locked', 0x25],
        ['modify self-clearing', 0x06],
      ],
      false,
    );
    const at = (address: number) => chip.registers[address];
    assert.deepEqual([at(0), at(2), at(3), at(4), at(5)], [0x21, 0x22, 0xf0, 0x30, 0xf0]);
    assert.deepEqual([at(9), at(10), at(12), at(13), chip.pushed], [0x23, 0x24, 0x25, 0x86, [7, 7]]);
  });
});
