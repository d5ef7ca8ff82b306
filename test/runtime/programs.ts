/** Random driver code: register operations on several peripherals, state changes and nested values, as data. */
import fc from 'fast-check';
import { pwmOf, type GpioPin, type PwmSlice } from '../../peripherals/rp2040/index.js';
import { Driver, entryPoint, peripheral, state, type Handle } from '../../runtime/index.js';
import type { PicoBoard } from '../emulated.js';

const PINS = [2, 3, 4] as const;
const SLICES = [...new Set(PINS.map((pin) => pwmOf(pin).slice))];

type Step =
  | { readonly do: 'write'; readonly register: number; readonly bits: number }
  | { readonly do: 'read'; readonly register: number }
  | { readonly do: 'duty'; readonly slice: number; readonly duty: number }
  | { readonly do: 'level'; readonly pin: number; readonly high: boolean }
  | { readonly do: 'select'; readonly pin: number; readonly to: 'pwm' | 'sio' | 'none' }
  | { readonly do: 'delay'; readonly us: number }
  | { readonly do: 'pause' }
  | { readonly do: 'count' | 'nest' | 'alias'; readonly value: number }
  | { readonly do: 'byte'; readonly at: number; readonly value: number }
  | { readonly do: 'name'; readonly name: string; readonly value: number };

export type Program = readonly Step[];

interface Tree {
  value: number;
  children: Tree[];
}

/** A driver of three pins and their PWM slices that does what a program says. Two pins share a slice, all share SIO. */
export class Interpreter extends Driver {
  @peripheral accessor pins: readonly Handle<GpioPin>[];
  @peripheral accessor slices: readonly Handle<PwmSlice>[];
  @state accessor count = 0;
  @state accessor tree: Tree = { value: 0, children: [] };
  /** An alias into the tree. */
  @state accessor newest: Tree = this.tree;
  @state accessor bytes = new Uint8Array(8);
  /** Another view of the same bytes. */
  @state accessor window = new DataView(this.bytes.buffer, 2, 4);
  @state accessor names = new Map<string, { seen: Date; values: Set<number> }>();

  constructor(board: PicoBoard) {
    super(board);
    this.pins = PINS.map((pin) => board.pin[pin]!);
    this.slices = SLICES.map((slice) => board.pwm.ch[slice]!);
  }

  @entryPoint
  async run(program: Program): Promise<number> {
    for (const step of program) await perform(this, step);
    return this.count;
  }
}

interface Bits {
  writeBits(bits: number): Promise<void>;
  readBits(): Promise<number>;
}

const registersOf = ({ pins, slices }: Interpreter): readonly Bits[] => [
  ...pins.flatMap(({ CTRL, PAD, OUT, OE, INTE }) => [CTRL, PAD, OUT, OE, INTE]),
  ...slices.flatMap(({ CSR, DIV, TOP, CC, CTR, INTE }) => [CSR, DIV, TOP, CC, CTR, INTE]),
];
const REGISTERS = PINS.length * 5 + SLICES.length * 6;

async function perform(driver: Interpreter, step: Step): Promise<void> {
  switch (step.do) {
    case 'write':
      return registersOf(driver)[step.register]!.writeBits(step.bits);
    case 'read':
      driver.count += await registersOf(driver)[step.register]!.readBits();
      return;
    case 'duty':
      return driver.slices[step.slice]!.CC.modify({ A: step.duty });
    case 'level':
      return driver.pins[step.pin]!.OUT.write({ HIGH: step.high });
    case 'select':
      return driver.pins[step.pin]!.CTRL.modify({ FUNCSEL: step.to });
    case 'delay':
      return (driver as unknown as { tx: { delay(us: number): Promise<void> } }).tx.delay(step.us);
    case 'pause':
      return new Promise((resolve) => setImmediate(resolve));
    case 'count':
      driver.count += step.value;
      return;
    case 'nest': {
      const child = { value: step.value, children: [driver.newest] };
      driver.tree.children.push(child);
      driver.newest = child;
      return;
    }
    case 'alias':
      driver.newest.value = step.value;
      driver.window.setUint16(0, step.value);
      return;
    case 'byte':
      driver.bytes[step.at] = step.value;
      return;
    case 'name': {
      const entry = driver.names.get(step.name) ?? { seen: new Date(0), values: new Set() };
      entry.seen.setTime(step.value);
      entry.values.add(step.value);
      driver.names.set(step.name, entry);
    }
  }
}

const index = (length: number) => fc.nat(length - 1);
const value = fc.nat(0xffff);

const step: fc.Arbitrary<Step> = fc.oneof(
  // TOP and DIV not too small: a counter that wraps at every clock would only slow the emulator down.
  fc.record({
    do: fc.constant('write' as const),
    register: index(REGISTERS),
    bits: fc.nat(0xffffffff).map((b) => (b | 0x3f0) >>> 0),
  }),
  fc.record({ do: fc.constant('read' as const), register: index(REGISTERS) }),
  fc.record({ do: fc.constant('duty' as const), slice: index(SLICES.length), duty: value }),
  fc.record({ do: fc.constant('level' as const), pin: index(PINS.length), high: fc.boolean() }),
  fc.record({ do: fc.constant('select' as const), pin: index(PINS.length), to: fc.constantFrom('pwm', 'sio', 'none') }),
  fc.record({ do: fc.constant('delay' as const), us: fc.nat(20) }),
  fc.record({ do: fc.constant('pause' as const) }),
  fc.record({ do: fc.constantFrom('count' as const, 'nest' as const, 'alias' as const), value }),
  fc.record({ do: fc.constant('byte' as const), at: fc.nat(7), value: fc.nat(255) }),
  fc.record({ do: fc.constant('name' as const), name: fc.constantFrom('a', 'b'), value }),
);

export const program: fc.Arbitrary<Program> = fc.array(step, { minLength: 1, maxLength: 14 });

/** Everything a driver's state consists of, aliases included, in a form that `deepEqual` compares. */
export function stateOf(driver: Interpreter): unknown {
  const seen = new Map<Tree, number>();
  const flatten = (tree: Tree): unknown => {
    const known = seen.get(tree);
    if (known !== undefined) return { sameAs: known };
    seen.set(tree, seen.size);
    return { value: tree.value, children: tree.children.map(flatten) };
  };
  return {
    count: driver.count,
    tree: flatten(driver.tree),
    newest: flatten(driver.newest),
    bytes: [...driver.bytes],
    window: driver.window.getUint32(0),
    sameBuffer: driver.window.buffer === driver.bytes.buffer,
    names: [...driver.names].map(([name, { seen: at, values }]) => [name, at.getTime(), [...values]]),
  };
}

/** The digests of every peripheral of the driver, as the controller computes them. */
export const digestsOf = (driver: Interpreter): Promise<number[]> =>
  Promise.all([...driver.pins, ...driver.slices].map((each) => driver.board.digest(each)));
