/** Drivers that run in workers, with every way to go wrong there. Nothing in them knows of workers. */
import type { PwmSlice } from '../../../peripherals/rp2040/index.js';
import {
  Driver,
  entryPoint,
  invariant,
  peripheral,
  state,
  type BoardSession,
  type EntryPointError,
  type Handle,
} from '../../../runtime/index.js';

export { Sht30 } from '../../../peripherals/sht30/index.js';

const LEFTOVERS = 'leftovers';

/** Lets work run that a call has left behind, in whatever thread, now that the call has ended. */
export function wakeLeftovers(): void {
  const channel = new BroadcastChannel(LEFTOVERS);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no origin
  channel.postMessage('go');
  channel.close();
}

function later(run: () => void): void {
  const channel = new BroadcastChannel(LEFTOVERS);
  channel.addEventListener('message', () => {
    channel.close();
    run();
  });
}

export class Slice extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor duty = 0;
  @state accessor log: string[] = [];
  /** A field that is not state. */
  readonly output: 'A' | 'B';

  constructor(board: BoardSession & { readonly pwm: { readonly ch: readonly Handle<PwmSlice>[] } }, index = 0) {
    super(board);
    this.slice = board.pwm.ch[index]!;
    this.output = 'A';
  }

  @entryPoint
  async set(duty: number): Promise<number> {
    await this.slice.CC.write({ [this.output]: duty });
    this.duty = duty;
    this.log.push(`set ${duty}`);
    return duty;
  }

  @entryPoint
  async read(): Promise<number> {
    return (await this.slice.CC.read()).A;
  }

  /** Without registers and deadline. */
  @entryPoint
  async leave(how: keyof typeof WAYS): Promise<unknown> {
    return WAYS[how](this);
  }

  /** Changes registers and state, waits until the registers have changed, and then does what `how` says. */
  @entryPoint({ deadline: 1000 })
  async fail(how: keyof typeof WAYS): Promise<unknown> {
    await this.slice.CC.write({ A: 99 });
    await this.slice.CC.read();
    this.duty = 99;
    this.log.push('lost');
    return WAYS[how](this);
  }
}

const never = () => new Promise<never>(() => {});

class Private {
  readonly secret = 1;
}

/** Every way in which code can go wrong without knowing. */
export const WAYS = {
  'throws an Error': () => {
    throw new RangeError('jammed', { cause: new Error('dust') });
  },
  'throws something that is not an Error': () => {
    throw 'just a string';
  },
  'rejects without a reason': () => Promise.reject(),
  'breaks the register contract': (driver: Slice) => driver.slice.CC.write({ A: 0x12345 }),
  'waits for what does not come': (driver: Slice) => driver.slice.CSR.poll({ EN: true }, 10),
  'loops for ever': () => {
    for (;;);
  },
  'loops in microtasks': async () => {
    for (;;) await Promise.resolve();
  },
  'loops in timers': () => {
    const again = () => setTimeout(again);
    again();
    return never();
  },
  'never returns': never,
  'fills the heap': () => {
    const kept: unknown[] = [];
    for (;;) kept.push(Array.from({ length: 1000 }, (_, index) => ({ index })));
  },
  'fills memory with typed arrays': () => {
    const kept: unknown[] = [];
    for (;;) kept.push(new Uint8Array(8 * 1024 * 1024).fill(1));
  },
  'pollutes Object.prototype': () => {
    (Object.prototype as { polluted?: boolean }).polluted = true;
  },
  'replaces Array.prototype.push': () => {
    Object.assign(Array.prototype, { push: () => 0 });
  },
  'exits the process': () => process.exit(0),
  'leaves a rejection unhandled': () => {
    void Promise.reject(new Error('nobody looks'));
    return never();
  },
  'throws in a timer': () => {
    setTimeout(() => {
      throw new Error('too late');
    });
    return never();
  },
  'returns a function': () => () => 1,
  'returns a class instance': () => new Private(),
  'keeps a class instance': (driver: Slice) => {
    driver.log = [new Private() as never];
  },
  'keeps a Buffer': (driver: Slice) => {
    (driver as { log: unknown }).log = { deep: [Buffer.from('a')] };
  },
  'uses the board': (driver: Slice) => driver.board.digest(driver.slice),
} as const satisfies Record<string, (driver: Slice) => unknown>;

type Field = 'one' | 'two' | 'three';
type Item = { value: number; next?: Item };
/** What a step does to the fields of a Ledger; data, so that it can cross. */
export type Step =
  | readonly ['set', Field, unknown]
  | readonly ['push', Field, number]
  | readonly ['poke', Field, number]
  | readonly ['fill', number, number]
  | readonly ['link', Field, Field]
  | readonly ['alias', Field, Field]
  | readonly ['read', Field];

/** State in which everything can be shared with everything. */
export class Ledger extends Driver {
  @state accessor one: Item[] = [{ value: 1 }];
  @state accessor two: Item[] = [];
  @state accessor three: Item[] = [];
  @state accessor total = 0;
  @state accessor bytes = Uint8Array.of(1, 2, 3, 4);
  @state accessor view = this.bytes.subarray(1, 3);
  @state accessor notes = new Map<string, unknown>([['since', new Date(0)]]);
  factor = 1;
  readonly options = { scale: 2 };

  /** Runs outside of every transaction. */
  native(steps: readonly Step[]): void {
    for (const step of steps) take(this, step);
  }

  @entryPoint
  apply(steps: readonly Step[], fails: boolean): Promise<number> {
    for (const step of steps) take(this, step);
    this.total += this.factor * this.options.scale;
    if (fails) throw new Error('as told');
    return Promise.resolve(this.total);
  }

  @entryPoint
  changeOptions(): Promise<void> {
    this.options.scale = 3;
    return Promise.resolve();
  }
}

function take(ledger: Ledger, step: Step): void {
  if (step[0] === 'fill') {
    ledger.bytes.fill(step[1]);
    ledger.view[0] = step[2];
    ledger.notes.set(`filled ${step[2] % 3}`, { with: step[1] });
    return;
  }
  const [what, name, more] = step;
  const list = ledger[name];
  if (what === 'set') ledger[name] = more as Item[];
  if (what === 'push') list.push({ value: more });
  if (what === 'poke' && list.length > 0) list[more % list.length]!.value += 1;
  if (what === 'alias') ledger[name] = ledger[more];
  const last = what === 'link' ? ledger[more].at(-1) : undefined;
  if (last) list.push(last);
}

/** Leaves work behind, and uses what only some of it may use. */
export class Careless extends Slice {
  callback = (): number => 1;
  @state accessor shared: unknown = undefined;
  @state accessor handler: unknown = () => 1;

  @entryPoint
  async leaveWrite(): Promise<void> {
    await this.slice.CC.write({ A: 3 });
    later(() => void this.slice.CC.write({ A: 66 }));
  }

  @entryPoint
  async leaveState(): Promise<void> {
    later(() => (this.duty = 66));
  }

  @entryPoint
  async callBack(): Promise<number> {
    return this.callback();
  }

  @entryPoint
  async useHandler(): Promise<unknown> {
    try {
      return typeof this.handler;
    } catch {
      return 'hidden';
    }
  }

  @entryPoint
  async replaceHandler(value: unknown): Promise<void> {
    this.handler = value;
  }

  @entryPoint
  async count(values: unknown): Promise<unknown> {
    this.duty += 1;
    return values;
  }

  @entryPoint
  async many(): Promise<number> {
    for (let at = 0; at < 20; at++) await this.slice.CC.write({ A: at });
    const [cc, top] = await Promise.all([this.slice.CC.read(), this.slice.TOP.read()]);
    await this.slice.TOP.write({ WRAP: 500 });
    return cc.A + top.WRAP;
  }

  @entryPoint
  async swallow(): Promise<void> {
    await this.slice.CC.write({ A: 7 });
    await this.slice.CSR.poll({ EN: true }, 10).catch(() => {});
    await this.slice.CC.write({ A: 8 }).catch(() => {});
  }

  @entryPoint
  async rethrow(): Promise<void> {
    try {
      await this.slice.CSR.poll({ EN: true }, 10);
    } catch (cause) {
      throw new Error(`${this.tx.call}, aborted ${this.tx.signal.aborted}`, { cause });
    }
  }
}

/** By an error of its own, or by an operation that fails, after which it goes on, or never ends. */
export type HowToFail = 'throw' | 'asked' | `${'posted' | 'refused'}${'' | ' and hung'}` | 'asked and hung';

/** Calls that make calls, hooks and an invariant. */
export class Nesting extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor path: string[] = [];
  @state accessor seen: string[] = [];
  @state accessor hooks: string[] = [];

  constructor(board: BoardSession & { readonly pwm: { readonly ch: readonly Handle<PwmSlice>[] } }, index = 0) {
    super(board);
    this.slice = board.pwm.ch[index]!;
  }

  @invariant
  short(): boolean {
    return this.path.length < 5;
  }

  /** Goes down the names, one call within the other, and fails where it is told to, and by what. */
  @entryPoint
  async go(names: readonly string[], fails: string | undefined, how: HowToFail): Promise<string[]> {
    const [name, ...rest] = names;
    if (name === undefined) return this.path;
    this.path.push(name);
    await this.slice.CC.write({ A: this.path.length });
    if (rest.length > 0) {
      try {
        await this.go(rest, fails, how);
      } catch (error) {
        if (name.endsWith('!')) throw error;
        this.seen.push(`${name} caught ${(error as EntryPointError).code}`);
      }
    }
    if (fails === name) {
      if (how === 'throw') throw new Error(name);
      const [what, end] = how.split(' and ');
      if (what === 'posted') void this.tx.delay(5_000_000);
      else if (what === 'refused') void this.slice.CC.write({ A: 0x12345 });
      else {
        const asked = this.slice.CSR.poll({ EN: true }, 10);
        if (!end) await asked;
        else asked.catch(() => {});
      }
      if (end) await never();
    }
    return this.path;
  }

  @entryPoint
  async inTwo(): Promise<string[]> {
    await Promise.all([this.go(['a'], undefined, 'throw'), this.go(['b'], undefined, 'throw')]);
    return this.path;
  }

  /** Its hooks show when they run by what the call throws away. */
  @entryPoint
  async hook(fails: boolean): Promise<void> {
    this.tx.onCommit(() => void said.push('committed'));
    this.tx.onRollback(() => void said.push('first'));
    this.tx.onRollback(async () => {
      await Promise.resolve();
      said.push('second');
    });
    if (fails) throw new Error('as told');
  }

  @entryPoint
  async badHook(): Promise<void> {
    this.tx.onRollback(() => {
      throw new RangeError('cannot undo');
    });
    throw new Error('as told');
  }

  @entryPoint({ deadline: 1000 })
  async hookThenHang(): Promise<void> {
    await this.slice.CC.write({ A: 99 });
    this.tx.onRollback(() => {});
    await this.slice.CC.read();
    for (;;);
  }

  @entryPoint
  async whatWasSaid(): Promise<string[]> {
    return said.splice(0);
  }
}

/** What hooks have said, where they ran. */
const said: string[] = [];
