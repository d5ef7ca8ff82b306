/**
 * Consistent overhead byte stuffing (S. Cheshire, M. Baker, IEEE/ACM Transactions on Networking 7(2), 1999): a packet is
 * cut behind each of its zeros and, where there is none for so long, after 254 bytes. Each piece is sent as its length
 * + 1 and its bytes without the zero, so that a zero on the line ends a packet, and nothing else does.
 */
const END = 0;
const RUN_MAX = 254;

/** The bytes for the line, with the zero at their end. */
export function encodeCobs(packet: Uint8Array): Uint8Array {
  const line = new Uint8Array(packet.length + Math.ceil((packet.length + 1) / RUN_MAX) + 1);
  let codeAt = 0;
  let at = 1;
  const close = (): void => {
    line[codeAt] = at - codeAt;
    codeAt = at++;
  };
  for (const [index, byte] of packet.entries()) {
    if (byte === 0) close();
    else {
      line[at++] = byte;
      // A full run needs no zero behind it; at the end of a packet it needs nothing behind it.
      if (at - codeAt > RUN_MAX && index < packet.length - 1) close();
    }
  }
  line[codeAt] = at - codeAt;
  line[at] = END;
  return line.subarray(0, at + 1);
}

/**
 * Takes the bytes of a line as they come, in pieces of any length, and hands on the packets among them. Empty packets,
 * those that are cut off in a run and those of more than `longest` bytes are dropped; the next one is whole again.
 */
export class CobsDecoder {
  readonly #packet: Uint8Array;
  readonly #onPacket: (packet: Uint8Array) => void;
  /** Bytes of the packet so far, one more than fit when they were more. */
  #count = 0;
  /** Bytes before its next code byte. */
  #run = 0;
  /** Behind them comes a zero, unless the packet ends. */
  #zero = false;

  constructor(longest: number, onPacket: (packet: Uint8Array) => void) {
    this.#packet = new Uint8Array(longest);
    this.#onPacket = onPacket;
  }

  take(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === END) this.#end();
      else if (this.#run > 0) {
        this.#put(byte);
        this.#run--;
      } else {
        if (this.#zero) this.#put(0);
        this.#run = byte - 1;
        this.#zero = byte <= RUN_MAX;
      }
    }
  }

  #put(byte: number): void {
    if (this.#count < this.#packet.length) this.#packet[this.#count] = byte;
    if (this.#count <= this.#packet.length) this.#count++;
  }

  #end(): void {
    const isWhole = this.#run === 0 && this.#count > 0 && this.#count <= this.#packet.length;
    const packet = isWhole ? this.#packet.slice(0, this.#count) : undefined;
    this.#count = 0;
    this.#run = 0;
    this.#zero = false;
    if (packet !== undefined) this.#onPacket(packet);
  }
}
