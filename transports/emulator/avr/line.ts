import type { CPU } from 'avr8js';
import { CPU_HZ } from './io.js';
import type { Usart } from './usart.js';

/** Start bit, eight bits, stop bit. */
const BITS = 10;
/** A receiver that starts in step is half a bit off at the stop bit then, and takes the wrong ones. */
const HALF_A_BIT = 0.5 / BITS;

interface Sent {
  readonly bytes: Uint8Array;
  at: number;
  readonly done: () => void;
}

/**
 * The two wires between the USB bridge of the board and the USART: what the host has written arrives byte after byte at the
 * host's speed, whatever the firmware does meanwhile.
 */
export class UartLine {
  baudRate = 0;
  /** Bytes for the host; what was sent at another speed than the host's is not what it was. */
  onByte: (byte: number) => void = () => {};
  readonly #sent: Sent[] = [];
  #end: { readonly cpu: CPU; readonly usart: Usart } | undefined;
  #isUnderWay = false;
  /** When the host's last byte arrived, if the chip has sent none since. */
  #unansweredSince: number | undefined;

  /** How many cycles ago the host has sent the last byte, if the chip has sent none since. */
  unanswered(cycles: number): number | undefined {
    return this.#unansweredSince === undefined ? undefined : cycles - this.#unansweredSince;
  }

  /** Whether anything is on the wires. */
  get isBusy(): boolean {
    return this.#sent.length > 0 || (this.#end?.usart.isSending ?? false);
  }

  /** The chip came out of reset; what is on the wire towards it goes on. */
  connect(cpu: CPU, usart: Usart): void {
    this.#end = { cpu, usart };
    this.#isUnderWay = false;
    this.#unansweredSince = undefined;
    this.#next();
  }

  /** The chip has no power: what the host writes goes nowhere. */
  disconnect(): void {
    this.#end = undefined;
    this.drop();
  }

  /** Resolves when the last bit is on the wire. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#end === undefined || bytes.length === 0) return Promise.resolve();
    return new Promise((done) => {
      this.#sent.push({ bytes: bytes.slice(), at: 0, done });
      this.#next();
    });
  }

  /** Forgets what has not been sent. */
  drop(): void {
    for (const { done } of this.#sent.splice(0)) done();
  }

  /** What the USART has sent. */
  took(byte: number, cycles: number): void {
    this.#unansweredSince = undefined;
    this.onByte(this.#isInStep(cycles) ? byte : garbled(byte));
  }

  #next(): void {
    const end = this.#end;
    const [first] = this.#sent;
    if (this.#isUnderWay || end === undefined || first === undefined) return;
    this.#isUnderWay = true;
    end.cpu.addClockEvent(() => {
      this.#isUnderWay = false;
      const [now] = this.#sent;
      // Dropped meanwhile: half a byte is no byte.
      if (now === undefined) return;
      this.#unansweredSince = end.cpu.cycles;
      const byte = now.bytes[now.at++]!;
      const inStep = this.#isInStep(end.usart.cyclesPerCharacter);
      end.usart.receive(inStep ? byte : garbled(byte), !inStep);
      if (now.at === now.bytes.length) this.#sent.shift()!.done();
      this.#next();
    }, this.#cyclesPerByte);
  }

  get #cyclesPerByte(): number {
    return Math.round((CPU_HZ * BITS) / this.baudRate);
  }

  #isInStep(cycles: number): boolean {
    return Math.abs(cycles / this.#cyclesPerByte - 1) < HALF_A_BIT;
  }
}

/** What a receiver makes of a byte whose bits it has counted wrongly. */
const garbled = (byte: number): number => ((byte << 1) | (byte >> 7)) & 0xff;
