/** The serial port of an emulated board, and a host that talks packets over it. The codec is the test's own. */
import assert from 'node:assert/strict';
import type { EmulatedSerialPort } from '../../../transports/emulator/index.js';
import type { BytePort, PortListener } from '../../../transports/serial/index.js';
import { answer, crc32, op, request, STATUS, type Answer, type Request } from './frame.js';

/** COBS, a zero at the end (docs/protocol.md, "Serial lines"). */
export function encode(packet: Uint8Array): Uint8Array {
  const line: number[] = [];
  for (let at = 0; ; at++) {
    let run = 0;
    while (run < 254 && at + run < packet.length && packet[at + run] !== 0) run++;
    line.push(run + 1, ...packet.subarray(at, at + run));
    at += run;
    if (at === packet.length) return Uint8Array.of(...line, 0);
    if (run === 254) at -= 1; // no zero was left out
  }
}

/** A packet without its zero; undefined where it does not decode. */
export function decode(line: Uint8Array): Uint8Array | undefined {
  const packet: number[] = [];
  for (let at = 0; at < line.length;) {
    const code = line[at]!;
    if (at + code > line.length) return undefined;
    packet.push(...line.slice(at + 1, at + code));
    at += code;
    if (code < 255 && at < line.length) packet.push(0);
  }
  return Uint8Array.from(packet);
}

export function resyncRequest(nonce: number): Uint8Array {
  const packet = new DataView(new ArrayBuffer(9));
  packet.setUint8(0, 0xf5);
  packet.setUint32(1, nonce, true);
  packet.setUint32(5, crc32(new Uint8Array(packet.buffer, 0, 5)), true);
  return Uint8Array.of(0, ...encode(new Uint8Array(packet.buffer)));
}

export interface Line<Port extends BytePort = EmulatedSerialPort> {
  readonly port: Port;
  send(frame: Request): Promise<void>;
  /** The next packet that holds something. */
  receive(): Promise<Uint8Array>;
  exchange(frame: Request): Promise<Answer>;
  hello(session: number, leaseMs?: number): Promise<Answer>;
  /** Sends a resync and drops what comes before its answer. */
  resync(nonce: number): Promise<{ epoch: number; session: number; next: number }>;
}

export async function openLine<Port extends BytePort>(
  board: { serialPort(listener: PortListener): Promise<Port> },
  lost = (_cause: unknown): void => {},
): Promise<Line<Port>> {
  const heard: number[] = [];
  let more = (): void => {};
  const port = await board.serialPort({
    bytes(bytes) {
      heard.push(...bytes);
      more();
    },
    lost,
  });

  async function receive(): Promise<Uint8Array> {
    for (;;) {
      const end = heard.indexOf(0);
      if (end < 0) {
        await new Promise<void>((resolve) => (more = resolve));
        continue;
      }
      const packet = decode(Uint8Array.from(heard.splice(0, end + 1).slice(0, -1)));
      assert.ok(packet, 'a packet of the board does not decode');
      if (packet.length > 0) return packet;
    }
  }

  const send = (frame: Request): Promise<void> => port.write(encode(request(frame)));

  async function exchange(frame: Request): Promise<Answer> {
    await send(frame);
    return answer(await receive());
  }

  return {
    port,
    send,
    receive,
    exchange,
    async hello(session, leaseMs = 1000) {
      const opened = await exchange({ session, sequence: 0, ops: [op.hello(leaseMs)] });
      assert.equal(opened.status, STATUS.ok);
      return opened;
    },
    async resync(nonce) {
      await port.write(resyncRequest(nonce));
      for (;;) {
        const packet = await receive();
        const view = new DataView(packet.slice().buffer);
        if (packet[0] !== 0x5f || view.getUint32(1, true) !== nonce) continue;
        assert.equal(packet.length, 17);
        assert.equal(view.getUint32(13, true), crc32(packet.subarray(0, 13)));
        return { epoch: view.getUint32(5, true), session: view.getUint16(9, true), next: view.getUint16(11, true) };
      }
    },
  };
}
