import { attach, FgftError, type Board, type Handle } from '../../runtime/index.js';
import { BIND, CallScope, type Capability } from '../../runtime/protect/index.js';
import { gpioPins, type GpioPin } from './gpio.js';
import type { pico } from './index.js';

/**
 * - `not-exported`: the port was read or written before `export`.
 * - `wrong-direction`: an input was written, or the direction is none.
 * - `bad-value`: something else than 0 or 1 was written.
 */
export class GPIOError extends FgftError<'not-exported' | 'wrong-direction' | 'bad-value'> {}

export type GPIODirection = 'in' | 'out';
export type GPIOValue = 0 | 1;

/** What the host knows of a port; a call of a protected object has its own until it commits. */
interface Export {
  direction: GPIODirection | undefined;
}

/** A port works on a board, or in a call. */
type Port = Parameters<typeof attach>[1];

/**
 * What `navigator.requestGPIOAccess()` of Web GPIO gives, for the pins of an RP2040: ports by GPIO number. There is no
 * `onchange`: `edges` tells when a pin changes.
 */
export async function requestGPIOAccess(board: Board<(typeof pico)['peripherals']>): Promise<GPIOAccess> {
  return new GPIOAccess(new Map(gpioPins.map((_, number) => [number, new GPIOPort(board, number)])));
}

export class GPIOAccess implements Capability {
  readonly ports: ReadonlyMap<number, GPIOPort>;

  constructor(ports: ReadonlyMap<number, GPIOPort>) {
    this.ports = ports;
  }

  [BIND](call: CallScope): GPIOAccess {
    return new GPIOAccess(new Map([...this.ports].map(([number, port]) => [number, call.for(port) as GPIOPort])));
  }
}

/**
 * One pin. Natively each operation runs at once; in a call of a protected object writes are posted, and undone if the
 * call fails. Rejects with GPIOError.
 */
export class GPIOPort implements Capability {
  readonly portNumber: number;
  readonly #port: Port;
  readonly #pin: Handle<GpioPin>;
  readonly #export: Export;

  constructor(port: Port, portNumber: number, exported: Export = { direction: undefined }) {
    this.portNumber = portNumber;
    this.#port = port;
    this.#pin = attach(gpioPins[portNumber]!, port);
    this.#export = exported;
  }

  get portName(): string {
    return `gpio${this.portNumber}`;
  }

  /** As it is printed on a Pico. */
  get pinName(): string {
    return `GP${this.portNumber}`;
  }

  /** Empty while the port is not exported. */
  get direction(): GPIODirection | '' {
    return this.#export.direction ?? '';
  }

  get exported(): boolean {
    return this.#export.direction !== undefined;
  }

  /** Takes the pin for the host, as an input or as an output that is low; pulls stay as they are. */
  export(direction: GPIODirection): Promise<void> {
    if (direction !== 'in' && direction !== 'out') {
      return this.#refuse('wrong-direction', `a direction is 'in' or 'out', not '${String(direction)}'`);
    }
    const { OUT, OE, PAD, CTRL } = this.#pin;
    // RP2040 datasheet 2.19.6.1: what the pin is connected to comes last, so that it never drives what nobody asked for.
    return all(
      OUT.write({ HIGH: false }),
      OE.write({ ENABLED: direction === 'out' }),
      PAD.modify({ IE: true, OD: false }),
      CTRL.write({ FUNCSEL: 'sio' }),
    ).then(() => void (this.#export.direction = direction));
  }

  /** Disconnects the pin: it drives nothing. */
  unexport(): Promise<void> {
    return all(this.#pin.CTRL.write({ FUNCSEL: 'none' }), this.#pin.OE.write({ ENABLED: false })).then(
      () => void (this.#export.direction = undefined),
    );
  }

  /** The level on the pin; of an output, too. */
  read(): Promise<GPIOValue> {
    if (!this.exported) return this.#refuse('not-exported', NOT_EXPORTED);
    return this.#pin.IN.read().then(({ HIGH }) => (HIGH ? 1 : 0));
  }

  write(value: GPIOValue): Promise<void> {
    if (!this.exported) return this.#refuse('not-exported', NOT_EXPORTED);
    if (this.#export.direction === 'in')
      return this.#refuse('wrong-direction', "it is an input: call export('out') first");
    if (value !== 0 && value !== 1) return this.#refuse('bad-value', `a value is 0 or 1, not ${String(value)}`);
    return this.#pin.OUT.write({ HIGH: value === 1 });
  }

  /** The direction that a failed call has chosen is forgotten with it. */
  [BIND](call: CallScope): GPIOPort {
    if (this.#port instanceof CallScope) return this;
    const exported = { ...this.#export };
    call.onCommit(() => Object.assign(this.#export, exported));
    return new GPIOPort(call, this.portNumber, exported);
  }

  #refuse(code: GPIOError['code'], why: string): Promise<never> {
    return this.#port.refuse(new GPIOError(code, `GPIO ${this.portNumber}: ${why}.`));
  }
}

const NOT_EXPORTED = "it was not exported: call export('in') or export('out') first";

const all = (...sent: readonly Promise<void>[]): Promise<void> => Promise.all(sent).then(() => undefined);
