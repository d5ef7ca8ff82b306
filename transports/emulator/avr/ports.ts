import { AVRIOPort, portBConfig, portCConfig, portDConfig, type CPU } from 'avr8js';
import { IO } from './io.js';

/** MCUCR.PUD (ATmega328P datasheet 14.4.1). */
const PUD = 1 << 4;

const PORTS = { B: portBConfig, C: portCConfig, D: portDConfig } as const;
export type PortName = keyof typeof PORTS;
/** A pin of a port: PC6 is the reset, and there is no PC7. */
export type AvrPin = `P${PortName}${number}`;

/** All pins of an ATmega328P on an Uno: PB6 and PB7 hold the crystal. */
export const AVR_PINS: readonly AvrPin[] = (
  [
    ['B', 6],
    ['C', 6],
    ['D', 8],
  ] as const
).flatMap(([port, count]) => Array.from({ length: count }, (_, bit): AvrPin => `P${port}${bit}`));

/**
 * The pins of one life of the chip. What drives one from outside wins over its pull-up (14.2.3), which avr8js does not have: there a
 * pin that nobody drives is low.
 */
export class Ports {
  readonly #cpu: CPU;
  readonly #outside: ReadonlyMap<AvrPin, boolean>;
  readonly #ports: Readonly<Record<PortName, AVRIOPort>>;
  readonly #levels = new Map<AvrPin, boolean>();
  readonly #changed: (pin: AvrPin, level: boolean) => void;

  constructor(cpu: CPU, outside: ReadonlyMap<AvrPin, boolean>, changed: (pin: AvrPin, level: boolean) => void) {
    this.#cpu = cpu;
    this.#outside = outside;
    this.#changed = changed;
    const port = (name: PortName): AVRIOPort => {
      const made = new AVRIOPort(cpu, PORTS[name]);
      made.addListener(() => this.#updatePort(name));
      return made;
    };
    this.#ports = { B: port('B'), C: port('C'), D: port('D') };
    cpu.writeHooks[IO.MCUCR] = (value) => {
      cpu.data[IO.MCUCR] = value;
      for (const pin of AVR_PINS) this.update(pin);
      return true;
    };
    for (const pin of AVR_PINS) this.update(pin);
  }

  /** The level on a pin, whoever makes it. */
  level(pin: AvrPin): boolean {
    return this.#levels.get(pin) ?? false;
  }

  isInput(pin: AvrPin): boolean {
    const [name, bit] = placeOf(pin);
    return (this.#cpu.data[PORTS[name].DDR]! & (1 << bit)) === 0;
  }

  /** What drives it from outside has changed. */
  update(pin: AvrPin): void {
    const [name, bit] = placeOf(pin);
    const mask = 1 << bit;
    const { data } = this.#cpu;
    const { PORT, PIN } = PORTS[name];
    const pulledUp = (data[PORT]! & mask) !== 0 && (data[IO.MCUCR]! & PUD) === 0;
    if (this.isInput(pin)) this.#ports[name].setPin(bit, this.#outside.get(pin) ?? pulledUp);
    const level = (data[PIN]! & mask) !== 0;
    if (level === this.level(pin)) return;
    this.#levels.set(pin, level);
    this.#changed(pin, level);
  }

  /** avr8js tells before the pin's own register has changed, so it is brought up to date here. */
  #updatePort(name: PortName): void {
    const port = this.#ports[name];
    const { DDR, PIN } = PORTS[name];
    const { data } = this.#cpu;
    const ddr = data[DDR]!;
    data[PIN] = (data[PIN]! & ~ddr) | (Reflect.get(port, 'lastValue') & ddr);
    for (const pin of AVR_PINS) if (placeOf(pin)[0] === name) this.update(pin);
  }
}

function placeOf(pin: AvrPin): [PortName, number] {
  return [pin[1] as PortName, Number(pin[2])];
}
