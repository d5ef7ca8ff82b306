import type { CPU } from 'avr8js';
import { IO, VECTOR } from './io.js';

/** UCSR0A (ATmega328P datasheet 20.11.2). */
const RXC = 1 << 7;
const TXC = 1 << 6;
const UDRE = 1 << 5;
const FE = 1 << 4;
const DOR = 1 << 3;
const U2X = 1 << 1;
const MPCM = 1 << 0;
/** UCSR0B (20.11.3). RXCIE, TXCIE and UDRIE stand where RXC, TXC and UDRE stand in UCSR0A. */
const RXEN = 1 << 4;
const TXEN = 1 << 3;
const UCSZ2 = 1 << 2;
const RXB8 = 1 << 1;
/** UCSR0C (20.11.4). */
const UPM1 = 1 << 5;
const USBS = 1 << 3;
const UCSZ = 3 << 1;

/** Two in the receive buffer and one in the shift register (20.7.3, DOR0). */
const RECEIVED_MOST = 3;
const SHORTEST_CHARACTER = 5;

interface Received {
  readonly byte: number;
  readonly frameError: boolean;
  overrun: boolean;
}

/**
 * USART0 (ATmega328P datasheet 20), asynchronous, up to 8 bits. It stands in for that of avr8js, which forgets a byte that was
 * not yet read when UCSR0B is written, clears all flags when UCSR0A is written, and has no buffers.
 */
export class Usart {
  readonly #cpu: CPU;
  readonly #onSent: (byte: number, cycles: number) => void;
  #received: Received[] = [];
  /** In the shift register, and behind it in the buffer. */
  #sending: number | undefined;
  #next: number | undefined;
  readonly #interrupts;

  /** `onSent` is told when the last bit of a byte has left, and how many cycles it took. */
  constructor(cpu: CPU, onSent: (byte: number, cycles: number) => void) {
    this.#cpu = cpu;
    this.#onSent = onSent;
    const interrupt = (address: number, flagMask: number, constant: boolean) => ({
      address,
      flagRegister: IO.UCSR0A,
      flagMask,
      enableRegister: IO.UCSR0B,
      enableMask: flagMask,
      constant,
    });
    this.#interrupts = {
      received: interrupt(VECTOR.usartReceived, RXC, true),
      empty: interrupt(VECTOR.usartEmpty, UDRE, true),
      sent: interrupt(VECTOR.usartSent, TXC, false),
    };
    cpu.data[IO.UCSR0A] = UDRE;
    cpu.data[IO.UCSR0C] = UCSZ;
    cpu.writeHooks[IO.UCSR0A] = (value) => this.#writeStatus(value);
    cpu.writeHooks[IO.UCSR0B] = (value) => this.#writeControl(value);
    cpu.writeHooks[IO.UDR0] = (value) => this.#write(value);
    cpu.readHooks[IO.UDR0] = () => this.#read();
  }

  /** Whether bytes are on their way out. */
  get isSending(): boolean {
    return this.#sending !== undefined;
  }

  /** How long a character takes, in cycles of the processor (20.3.1, 20.4). */
  get cyclesPerCharacter(): number {
    const { data } = this.#cpu;
    const divisor = ((data[IO.UBRR0H]! & 0xf) << 8) | data[IO.UBRR0L]!;
    const size = ((data[IO.UCSR0C]! & UCSZ) >> 1) | (data[IO.UCSR0B]! & UCSZ2);
    const parity = data[IO.UCSR0C]! & UPM1 ? 1 : 0;
    const stops = data[IO.UCSR0C]! & USBS ? 2 : 1;
    const bits = 1 + Math.min(SHORTEST_CHARACTER + size, 8) + parity + stops;
    return (divisor + 1) * (data[IO.UCSR0A]! & U2X ? 8 : 16) * bits;
  }

  /** A character has arrived, stop bit included. */
  receive(byte: number, frameError: boolean): void {
    if ((this.#cpu.data[IO.UCSR0B]! & RXEN) === 0) return;
    const overrun = this.#received.length === RECEIVED_MOST;
    if (overrun) this.#received.pop();
    this.#received.push({ byte, frameError, overrun });
    this.#showReceived();
  }

  #showReceived(): void {
    const { data } = this.#cpu;
    const [first] = this.#received;
    data[IO.UCSR0A]! &= ~(FE | DOR);
    if (first === undefined) this.#cpu.clearInterrupt(this.#interrupts.received);
    else {
      data[IO.UCSR0A]! |= (first.frameError ? FE : 0) | (first.overrun ? DOR : 0);
      this.#cpu.setInterruptFlag(this.#interrupts.received);
    }
  }

  #read(): number {
    const byte = this.#received.shift()?.byte ?? 0;
    this.#showReceived();
    return byte;
  }

  #write(byte: number): true {
    const { data } = this.#cpu;
    if ((data[IO.UCSR0B]! & TXEN) === 0 || (data[IO.UCSR0A]! & UDRE) === 0) return true;
    if (this.#sending === undefined) this.#send(byte);
    else {
      this.#next = byte;
      this.#cpu.clearInterrupt(this.#interrupts.empty);
    }
    return true;
  }

  #send(byte: number): void {
    const cycles = this.cyclesPerCharacter;
    this.#sending = byte;
    this.#cpu.addClockEvent(() => {
      this.#sending = undefined;
      this.#onSent(byte, cycles);
      const next = this.#next;
      if (next === undefined) return this.#cpu.setInterruptFlag(this.#interrupts.sent);
      this.#next = undefined;
      this.#send(next);
      this.#cpu.setInterruptFlag(this.#interrupts.empty);
    }, cycles);
  }

  #writeStatus(value: number): true {
    const { data } = this.#cpu;
    if (value & TXC) this.#cpu.clearInterrupt(this.#interrupts.sent);
    data[IO.UCSR0A] = (data[IO.UCSR0A]! & ~(U2X | MPCM)) | (value & (U2X | MPCM));
    return true;
  }

  #writeControl(value: number): true {
    const { data } = this.#cpu;
    data[IO.UCSR0B] = (data[IO.UCSR0B]! & RXB8) | (value & ~RXB8);
    // 20.7.6: the receiver's buffer is flushed when it is disabled; what is being sent is sent (20.6.5).
    if ((value & RXEN) === 0) {
      this.#received = [];
      this.#showReceived();
    }
    for (const interrupt of Object.values(this.#interrupts)) this.#cpu.updateInterruptEnable(interrupt, value);
    return true;
  }
}
