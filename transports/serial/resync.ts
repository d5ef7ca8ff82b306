import { crc32 } from '../crc32.js';
import { SERIAL_RESYNC } from '../serial-resync.js';
import type { ResyncState } from '../transport.js';

const { requestMagic, requestBytes, answerMagic, answerBytes } = SERIAL_RESYNC;
const AT = { nonce: 1, epoch: 5, session: 9, nextSequence: 11 } as const;
const CRC_BYTES = 4;

export function resyncRequest(nonce: number): Uint8Array {
  const request = new Uint8Array(requestBytes);
  const view = new DataView(request.buffer);
  const crcAt = requestBytes - CRC_BYTES;
  request[0] = requestMagic;
  view.setUint32(AT.nonce, nonce, true);
  view.setUint32(crcAt, crc32(request, 0, crcAt), true);
  return request;
}

/** No frame begins with this byte: what does and is no answer to a resync is a damaged one. */
export const isResyncAnswer = (packet: Uint8Array): boolean => packet[0] === answerMagic;

/** What an answer says; undefined when it is damaged, or answers another request. */
export function readResyncAnswer(packet: Uint8Array, nonce: number): ResyncState | undefined {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const crcAt = answerBytes - CRC_BYTES;
  if (packet.length !== answerBytes || view.getUint32(crcAt, true) !== crc32(packet, 0, crcAt)) return undefined;
  if (view.getUint32(AT.nonce, true) !== nonce) return undefined;
  return {
    epoch: view.getUint32(AT.epoch, true),
    session: view.getUint16(AT.session, true),
    nextSequence: view.getUint16(AT.nextSequence, true),
  };
}
