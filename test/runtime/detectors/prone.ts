/** A driver that can go wrong in every way that a detector is for. Nothing in it knows how it is isolated. */
import type { PwmSlice } from '../../../peripherals/rp2040/index.js';
import {
  definePeripheral,
  Driver,
  entryPoint,
  invariant,
  peripheral,
  state,
  type BoardSession,
  type Handle,
  type StandardSchema,
} from '../../../runtime/index.js';
import { attach } from '../../../runtime/registers/handles.js';

/** What a call writes before it goes wrong. */
export const CHANGED = 99;
const LARGEST = 1000;

/** A chip that nobody has connected: one register of an MCP23017 (table 3-1). */
const absent = definePeripheral({
  name: 'absent@i2c0:0x27',
  source: 'MCP23017 table 3-1',
  space: { bus: 'i2c', index: 0, target: 0x27 },
  registers: { OLATA: { access: 'rw', width: 8, address: 0x14 } },
  save: ['OLATA'],
});

const even: StandardSchema<number> = {
  '~standard': {
    version: 1,
    vendor: 'fgft',
    validate: (value) =>
      typeof value === 'number' && value % 2 === 0 ? { value } : { issues: [{ message: 'an even number' }] },
  },
};

type PwmBoard = BoardSession & { readonly pwm: { readonly ch: readonly Handle<PwmSlice>[] } };

export class Prone extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @peripheral accessor other: Handle<PwmSlice>;
  /** Its duty tells a call that it may go on. */
  @peripheral accessor signal: Handle<PwmSlice>;
  @peripheral accessor chip: Handle<typeof absent>;
  @state accessor duty = 0;
  @state accessor kept: unknown = null;

  constructor(board: PwmBoard) {
    super(board);
    this.slice = board.pwm.ch[0]!;
    this.other = board.pwm.ch[1]!;
    this.signal = board.pwm.ch[2]!;
    this.chip = attach(absent, board);
  }

  @invariant
  isInRange(): boolean {
    return this.duty <= LARGEST;
  }

  @entryPoint
  async set(duty: number): Promise<number> {
    await this.slice.CC.write({ A: duty });
    this.duty = duty;
    return duty;
  }

  /** Changes a register and a field, waits until that has happened, and goes wrong. */
  @entryPoint({ deadline: 30_000 })
  async fail(how: keyof typeof WAYS): Promise<unknown> {
    await this.change();
    return WAYS[how](this);
  }

  @entryPoint({ args: [even] })
  async takesEven(number: number): Promise<number> {
    await this.change();
    return number;
  }

  @entryPoint({ result: even })
  async givesEven(number: number): Promise<number> {
    await this.change();
    return number;
  }

  /** Runs code that is not of the driver, in the middle of the call. */
  @entryPoint
  async runs(code: () => Promise<unknown>): Promise<void> {
    await this.change();
    await code();
  }

  /** Has the other slice until `end` is settled. */
  @entryPoint
  async hold(end: Promise<void>): Promise<void> {
    await this.other.CC.write({ A: 1 });
    await this.other.CC.read();
    await end;
  }

  /** Has the other slice, and wants this one. */
  @entryPoint
  async cross(wait: Promise<void>): Promise<void> {
    await this.other.CC.write({ A: 1 });
    await this.other.CC.read();
    await wait;
    await this.slice.TOP.write({ WRAP: 1 });
  }

  private async change(): Promise<void> {
    await this.slice.CC.write({ A: CHANGED });
    await this.slice.CC.read();
    this.duty = CHANGED;
  }
}

const never = () => new Promise<never>(() => {});

export const WAYS = {
  throws: () => {
    throw new RangeError('jammed');
  },
  'throws what is no Error': () => {
    throw 'a string';
  },
  'leaves a rejection unhandled': () => {
    void Promise.reject(new Error('nobody looks'));
    return never();
  },
  'writes what no register holds': (driver: Prone) => driver.slice.CC.write({ A: 0x12345 }),
  'keeps what has no copy': (driver: Prone) => {
    driver.kept = new WeakMap();
  },
  'breaks an invariant': (driver: Prone) => {
    driver.duty = LARGEST + 1;
  },
  'polls in vain': (driver: Prone) => driver.slice.CSR.poll({ EN: true }, 10),
  'asks a chip that is not there': (driver: Prone) => driver.chip.OLATA.read(),
  'never returns': never,
  'loops for ever': () => {
    for (;;);
  },
  'ends the process': () => process.exit(0),
  'fills the heap': () => {
    const kept: unknown[] = [];
    for (;;) kept.push(Array.from({ length: 1000 }, (_, index) => ({ index })));
  },
  'changes Object.prototype': () => {
    (Object.prototype as { polluted?: boolean }).polluted = true;
  },
  'returns what cannot be sent': () => () => 1,
  'returns while a call of it runs': (driver: Prone) => {
    driver.set(7).catch(() => {});
  },
  'reads again and again': async (driver: Prone) => {
    for (;;) await driver.slice.CC.read();
  },
  'wants what another call has': (driver: Prone) => driver.other.CC.write({ A: 2 }),
  'wants what another call has, which waits for it': async (driver: Prone) => {
    while ((await driver.signal.CC.read()).A === 0);
    await driver.other.CC.write({ A: 2 });
  },
} satisfies Record<string, (driver: Prone) => unknown>;
