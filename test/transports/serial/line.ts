/** A serial line in memory. Its far end is a board that knows resyncs, and answers frames as a test says. */
import { crc32 } from '../../../transports/crc32.js';
import type { BytePort, OpenPort, PortListener } from '../../../transports/serial/index.js';
import { stuffed } from './reference-cobs.js';

export const EPOCH = 0xe90c;
export const SESSION = 0x4711;
export const NEXT_SEQUENCE = 9;

export class Line {
  /** Packets that arrived at the board, without the resync requests among them. */
  readonly frames: number[][] = [];
  /** The nonces of resyncs. */
  readonly nonces: number[] = [];
  opened = 0;
  closed = 0;
  /** What becomes of bytes on their way to the board. */
  toBoard: (bytes: number[]) => number[] = (bytes) => bytes;
  toHost: (bytes: number[]) => number[] = (bytes) => bytes;
  onFrame: (frame: number[]) => void = () => {};
  /** What a write does instead of being done. */
  write: ((bytes: Uint8Array) => Promise<void>) | undefined;
  /** What an opening does instead. */
  open: (() => Promise<void>) | undefined;
  #listener: PortListener | undefined;
  #received: number[] = [];

  readonly openPort: OpenPort = async (listener): Promise<BytePort> => {
    await this.open?.();
    this.opened++;
    this.#listener = listener;
    return {
      write: (bytes) => this.write?.(bytes) ?? this.#deliver(this.toBoard([...bytes])),
      close: async () => void this.closed++,
    };
  };

  /** Lets the board send a packet. */
  say(packet: Iterable<number>): void {
    this.sayBytes(stuffed([...packet]));
  }

  sayBytes(line: readonly number[]): void {
    this.#listener?.bytes(Uint8Array.from(this.toHost([...line])));
  }

  unplug(): void {
    this.#listener?.lost(new Error('EIO: hung up'));
  }

  async #deliver(bytes: readonly number[]): Promise<void> {
    for (const byte of bytes) {
      if (byte !== 0) this.#received.push(byte);
      else this.#take(unstuffed(this.#received.splice(0)));
    }
  }

  #take(packet: number[] | undefined): void {
    if (packet === undefined || packet.length === 0) return;
    if (packet[0] !== 0xf5) {
      this.frames.push(packet);
      return this.onFrame(packet);
    }
    const bytes = Uint8Array.from(packet);
    const view = new DataView(bytes.buffer);
    if (bytes.length !== 9 || view.getUint32(5, true) !== crc32(bytes, 0, 5)) return;
    this.nonces.push(view.getUint32(1, true));
    this.say(resyncAnswer(view.getUint32(1, true)));
  }
}

/** u8 magic, u32 nonce, u32 epoch, u16 session, u16 next sequence number, u32 CRC-32. */
export function resyncAnswer(nonce: number): Uint8Array {
  const answer = new Uint8Array(17);
  const view = new DataView(answer.buffer);
  answer[0] = 0x5f;
  view.setUint32(1, nonce, true);
  view.setUint32(5, EPOCH, true);
  view.setUint16(9, SESSION, true);
  view.setUint16(11, NEXT_SEQUENCE, true);
  view.setUint32(13, crc32(answer, 0, 13), true);
  return answer;
}

function unstuffed(line: readonly number[]): number[] | undefined {
  const packet: number[] = [];
  for (let at = 0; at < line.length;) {
    const code = line[at]!;
    if (at + code > line.length) return undefined;
    packet.push(...line.slice(at + 1, at + code));
    at += code;
    if (code < 255 && at < line.length) packet.push(0);
  }
  return packet;
}
