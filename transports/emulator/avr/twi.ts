import type { CPU } from 'avr8js';
import type { I2cTarget } from '../bus-targets.js';
import { IO, VECTOR } from './io.js';

/** TWCR (ATmega328P datasheet 22.9.2). */
const TWINT = 1 << 7;
const TWEA = 1 << 6;
const TWSTA = 1 << 5;
const TWSTO = 1 << 4;
const TWWC = 1 << 3;
const TWEN = 1 << 2;
const TWIE = 1 << 0;
const PLAIN = TWEA | TWSTA | TWSTO | TWEN | TWIE;
/** TWSR (22.9.3). */
const TWPS = 3;
const STATUS = 0xf8;

/** 22.7, tables 22-2 and 22-3. */
const IDLE = 0xf8;
const START = 0x08;
const REPEATED_START = 0x10;
const ADDRESSED = { write: [0x20, 0x18], read: [0x48, 0x40] } as const;
const SENT = [0x30, 0x28] as const;
const RECEIVED = [0x58, 0x50] as const;
const READ = 1;
/** A byte and its acknowledge. */
const BYTE_BITS = 9;

/**
 * The two-wire interface (ATmega328P datasheet 22) as a master on its own. It stands in for that of avr8js, whose status is lost
 * when the prescaler is set, which raises TWINT out of reset and after a STOP, and on whose bus everything takes no time.
 */
export class Twi {
  readonly #cpu: CPU;
  readonly #targets: ReadonlyMap<number, I2cTarget>;
  #target: I2cTarget | undefined;
  /** From a START to its STOP. */
  #hasBus = false;
  #isBusy = false;
  #done: () => void = () => {};
  readonly #end = (): void => {
    this.#isBusy = false;
    this.#done();
  };
  readonly #interrupt = {
    address: VECTOR.twi,
    flagRegister: IO.TWCR,
    flagMask: TWINT,
    enableRegister: IO.TWCR,
    enableMask: TWIE,
    constant: true,
  };

  constructor(cpu: CPU, targets: ReadonlyMap<number, I2cTarget>) {
    this.#cpu = cpu;
    this.#targets = targets;
    Object.entries({ [IO.TWSR]: IDLE, [IO.TWAR]: 0xfe, [IO.TWDR]: 0xff }).forEach(
      ([address, reset]) => (cpu.data[Number(address)] = reset),
    );
    cpu.writeHooks[IO.TWSR] = (value) => this.#keep(IO.TWSR, TWPS, value);
    cpu.writeHooks[IO.TWAMR] = (value) => this.#keep(IO.TWAMR, 0xfe, value);
    cpu.writeHooks[IO.TWDR] = (value) => this.#writeData(value);
    cpu.writeHooks[IO.TWCR] = (value) => this.#control(value);
  }

  /** The chip was reset: what it was in the middle of ends, for the chip at the other end as a STOP. */
  leave(): void {
    this.#target?.stop();
    this.#target = undefined;
  }

  #keep(address: number, mask: number, value: number): true {
    this.#cpu.data[address] = (this.#cpu.data[address]! & ~mask) | (value & mask);
    return true;
  }

  /** 22.9.2, TWWC: the data register takes a byte only while TWINT is set. */
  #writeData(value: number): true {
    const { data } = this.#cpu;
    if (data[IO.TWCR]! & TWINT) {
      data[IO.TWDR] = value;
      data[IO.TWCR]! &= ~TWWC;
    } else data[IO.TWCR]! |= TWWC;
    return true;
  }

  #control(value: number): true {
    const { data } = this.#cpu;
    if (value & TWINT) this.#cpu.clearInterrupt(this.#interrupt);
    data[IO.TWCR] = (data[IO.TWCR]! & ~PLAIN) | (value & PLAIN);
    this.#cpu.updateInterruptEnable(this.#interrupt, value);
    if ((value & TWEN) === 0) this.#off();
    else if ((data[IO.TWCR]! & TWINT) === 0 && !this.#isBusy) this.#act();
    return true;
  }

  /** 22.9.2, TWEN: all transfers end, whatever they were doing. */
  #off(): void {
    this.#cpu.clearClockEvent(this.#end);
    this.#isBusy = this.#hasBus = false;
    this.leave();
    this.#keep(IO.TWSR, STATUS, IDLE);
  }

  #act(): void {
    const { data } = this.#cpu;
    const control = data[IO.TWCR]!;
    const status = data[IO.TWSR]! & STATUS;
    if (control & TWSTO) this.#stop();
    else if (control & TWSTA) this.#after(1, () => this.#started());
    else if (status === START || status === REPEATED_START) this.#after(BYTE_BITS, () => this.#addressed());
    else if (status === ADDRESSED.write[1] || status === SENT[1]) this.#after(BYTE_BITS, () => this.#sent());
    else if (status === ADDRESSED.read[1] || status === RECEIVED[1]) this.#after(BYTE_BITS, () => this.#received());
  }

  #started(): void {
    const status = this.#hasBus ? REPEATED_START : START;
    this.#hasBus = true;
    this.#tell(status);
  }

  #addressed(): void {
    const byte = this.#cpu.data[IO.TWDR]!;
    const direction = byte & READ ? 'read' : 'write';
    const target = this.#targets.get(byte >> 1);
    const acknowledged = target?.start(direction) ?? false;
    if (this.#target !== target) this.leave();
    this.#target = acknowledged ? target : undefined;
    this.#tell(ADDRESSED[direction][acknowledged ? 1 : 0]);
  }

  #sent(): void {
    this.#tell(SENT[this.#target?.write(this.#cpu.data[IO.TWDR]!) ? 1 : 0]);
  }

  #received(): void {
    const { data } = this.#cpu;
    data[IO.TWDR] = this.#target?.read() ?? 0xff;
    this.#tell(RECEIVED[data[IO.TWCR]! & TWEA ? 1 : 0]);
  }

  /** 22.7: no TWINT after a STOP; with TWSTA too, a START follows. */
  #stop(): void {
    this.#after(1, () => {
      const { data } = this.#cpu;
      this.#hasBus = false;
      this.leave();
      this.#keep(IO.TWSR, STATUS, IDLE);
      data[IO.TWCR]! &= ~TWSTO;
      if (data[IO.TWCR]! & TWSTA) this.#act();
    });
  }

  #tell(status: number): void {
    this.#keep(IO.TWSR, STATUS, status);
    this.#cpu.setInterruptFlag(this.#interrupt);
  }

  /** 22.5.2: a bit takes 16 + 2 · TWBR · 4^TWPS cycles. */
  #after(bits: number, done: () => void): void {
    const { data } = this.#cpu;
    this.#done = done;
    this.#isBusy = true;
    this.#cpu.addClockEvent(this.#end, bits * (16 + 2 * data[IO.TWBR]! * 4 ** (data[IO.TWSR]! & TWPS)));
  }
}
