import type { CPU } from 'avr8js';
import { IO, VECTOR } from './io.js';

/** ADCSRA (ATmega328P datasheet 24.9.2). */
const ADEN = 1 << 7;
const ADSC = 1 << 6;
const ADATE = 1 << 5;
const ADIF = 1 << 4;
const ADIE = 1 << 3;
const ADPS = 7;
const PLAIN = ADEN | ADATE | ADIE | ADPS;
/** ADMUX (24.9.1). */
const ADLAR = 1 << 5;
const MUX = 0xf;
const REFS_AT = 6;
/** ADCSRB (24.9.4). */
const ADTS = 7;

/** 24.4, table 24-1: in cycles of the converter's clock; the first one after it was enabled sets it up, too. */
const FIRST_CONVERSION = 25;
const CONVERSION = 13;
/** Table 24-4: inputs that are no pins, in volts. The sensor says 314 mV at 25 °C (table 24-2). */
const INSIDE: Readonly<Record<number, number>> = { 8: 0.314, 14: 1.1, 15: 0 };
/** Table 24-3. An Uno connects 5 V to AVCC, and nothing to AREF but what REFS puts there. */
const REFERENCES = [5, 5, 5, 1.1] as const;
const STEPS = 1024;

/**
 * The converter (ATmega328P datasheet 24). It stands in for that of avr8js, where a 1 sets ADIF instead of clearing it, and which
 * goes on when it is disabled. Conversions begin when they are asked for, and in free-running mode; not by timers and comparators.
 */
export class Adc {
  /** Volts on the pins of port C, ADC6 and ADC7. */
  readonly volts: readonly number[];
  readonly #cpu: CPU;
  #result = 0;
  #isFirst = true;
  #isConverting = false;
  /** ADCL was read, ADCH not yet: the result stays (24.2). */
  #isLocked = false;
  #sample = 0;
  readonly #end = (): void => this.#converted();
  readonly #interrupt = {
    address: VECTOR.adc,
    flagRegister: IO.ADCSRA,
    flagMask: ADIF,
    enableRegister: IO.ADCSRA,
    enableMask: ADIE,
  };

  constructor(cpu: CPU, volts: readonly number[]) {
    this.#cpu = cpu;
    this.volts = volts;
    cpu.writeHooks[IO.ADCSRA] = (value) => this.#write(value);
    cpu.readHooks[IO.ADCL] = () => {
      this.#isLocked = true;
      return this.#shown & 0xff;
    };
    cpu.readHooks[IO.ADCH] = () => {
      this.#isLocked = false;
      return this.#shown >> 8;
    };
    for (const address of [IO.ADCL, IO.ADCH]) cpu.writeHooks[address] = () => true;
  }

  /** 24.9.3: ADLAR changes at once how it is presented. */
  get #shown(): number {
    return this.#cpu.data[IO.ADMUX]! & ADLAR ? this.#result << 6 : this.#result;
  }

  #write(value: number): true {
    const { data } = this.#cpu;
    if (value & ADIF) this.#cpu.clearInterrupt(this.#interrupt);
    if ((value & ADEN) === 0) {
      this.#cpu.clearClockEvent(this.#end);
      this.#isConverting = false;
      this.#isFirst = true;
    }
    data[IO.ADCSRA] = (data[IO.ADCSRA]! & ADIF) | (value & PLAIN);
    if (value & ADEN && value & ADSC && !this.#isConverting) this.#begin();
    else if (this.#isConverting) data[IO.ADCSRA]! |= ADSC;
    this.#cpu.updateInterruptEnable(this.#interrupt, value);
    return true;
  }

  #begin(): void {
    const { data } = this.#cpu;
    const mux = data[IO.ADMUX]!;
    const volts = INSIDE[mux & MUX] ?? this.volts[mux & MUX] ?? 0;
    const steps = Math.floor((volts / REFERENCES[mux >> REFS_AT]!) * STEPS);
    this.#sample = Math.min(Math.max(steps, 0), STEPS - 1);
    const divider = Math.max(2, 1 << (data[IO.ADCSRA]! & ADPS));
    this.#cpu.addClockEvent(this.#end, (this.#isFirst ? FIRST_CONVERSION : CONVERSION) * divider);
    this.#isConverting = true;
    this.#isFirst = false;
    data[IO.ADCSRA]! |= ADSC;
  }

  #converted(): void {
    const { data } = this.#cpu;
    this.#isConverting = false;
    if (!this.#isLocked) this.#result = this.#sample;
    data[IO.ADCSRA]! &= ~ADSC;
    this.#cpu.setInterruptFlag(this.#interrupt);
    const runsFreely = data[IO.ADCSRA]! & ADATE && (data[IO.ADCSRB]! & ADTS) === 0;
    if (runsFreely) this.#begin();
  }
}
