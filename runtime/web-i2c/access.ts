import type { BoardSession } from '../board.js';
import { DefinitionError, RegisterError } from '../errors.js';
import { BIND, type CallScope, type Capability } from '../protect/call-scope.js';
import type { PeripheralSpec } from '../registers/definition.js';
import { hex } from '../hex.js';
import { chipOf, i2cSpaceOf, unknownChipAt, type Chip } from './chip.js';
import { I2CSlaveDevice } from './device.js';

type BusIndex = 0 | 1;

export interface I2CAccessOptions {
  /** The chips' definitions, by the chips' addresses; several where a chip is in several parts. */
  readonly chips?: Readonly<Record<number, PeripheralSpec | readonly PeripheralSpec[]>>;
  /** What to do about a chip that has none: keep a journal of its registers, taken for 256 of a byte each. Left out: refuse it. */
  readonly fallback?: 'journal';
  /** Which bus of the board each port is; `{ 1: 0 }` if left out, because CHIRIMEN's drivers use port 1. */
  readonly ports?: Readonly<Record<number, BusIndex>>;
}

/** What `navigator.requestI2CAccess()` of Web I2C gives, for the buses of a board. Throws DefinitionError. */
export async function requestI2CAccess(board: BoardSession, options: I2CAccessOptions = {}): Promise<I2CAccess> {
  const { chips = {}, fallback, ports = { 1: 0 } } = options;
  const found = new Map<string, PeripheralSpec[]>();
  for (const [address, specs] of Object.entries(chips)) {
    for (const spec of [specs].flat()) {
      const { index, target } = i2cSpaceOf(spec);
      if (target !== Number(address))
        throw new DefinitionError(`${spec.name} stands at ${hex(Number(address))}, but is at ${hex(target)}.`);
      const key = `${index}:${target}`;
      found.set(key, [...(found.get(key) ?? []), spec]);
    }
  }
  const chipAt = (index: BusIndex, target: number): Chip => {
    const specs = found.get(`${index}:${target}`);
    if (specs) return chipOf(specs);
    if (fallback === 'journal') return unknownChipAt({ index, target });
    const elsewhere = found.has(`${1 - index}:${target}`) ? ' There is one on the other bus: see `ports`.' : '';
    throw new RegisterError(
      'undeclared-chip',
      `No definition says what is at ${hex(target)} on I2C${index}. Give one in \`chips\`, or \`fallback: 'journal'\`.${elsewhere}`,
    );
  };
  const entries = Object.entries(ports).map(
    ([number, index]) =>
      [Number(number), new I2CPort(board, Number(number), (target) => chipAt(index, target))] as const,
  );
  return new I2CAccess(new Map(entries));
}

/** The ports of a board by number. */
export class I2CAccess implements Capability {
  readonly ports: ReadonlyMap<number, I2CPort>;

  constructor(ports: ReadonlyMap<number, I2CPort>) {
    this.ports = ports;
  }

  [BIND](call: CallScope): I2CAccess {
    return new I2CAccess(new Map([...this.ports].map(([number, port]) => [number, call.for(port) as I2CPort])));
  }
}

/** An I²C bus of a board. */
export class I2CPort implements Capability {
  readonly portNumber: number;
  readonly #board: BoardSession;
  readonly #chipAt: (target: number) => Chip;
  readonly #call: CallScope | undefined;

  constructor(board: BoardSession, portNumber: number, chipAt: (target: number) => Chip, call?: CallScope) {
    this.portNumber = portNumber;
    this.#board = board;
    this.#chipAt = chipAt;
    this.#call = call;
  }

  /** The chip at a 7-bit address. Sends nothing. Rejects with RegisterError for a chip that nobody has described. */
  async open(address: number): Promise<I2CSlaveDevice> {
    try {
      const device = new I2CSlaveDevice(this.#board, this.#chipAt(address));
      return (this.#call?.for(device) as I2CSlaveDevice | undefined) ?? device;
    } catch (error) {
      return (this.#call ?? this.#board).refuse(error as Error);
    }
  }

  [BIND](call: CallScope): I2CPort {
    return this.#call ? this : new I2CPort(this.#board, this.portNumber, this.#chipAt, call);
  }
}
