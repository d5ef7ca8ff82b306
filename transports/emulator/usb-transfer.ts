import type { DataPacket } from './usb-bus.js';

/**
 * - `stall`, `babble`: the device refused; it sent more than there was room for.
 * - `failed`: it did not answer three times in a row, or against the rules (USB 2.0 10.2.6).
 * - `cancelled`, `gone`: the host took the transfer back; the device is no longer on the bus.
 */
export type TransferStatus = 'ok' | 'stall' | 'babble' | 'failed' | 'cancelled' | 'gone';

export interface TransferResult {
  readonly status: TransferStatus;
  /** What came from the device. */
  readonly data: Uint8Array;
  /** How many bytes of data went over, in the transfer's direction. */
  readonly bytes: number;
}

export interface Counters {
  transfers: number;
  packets: number;
  naks: number;
  stalls: number;
  /** Payload, both directions. */
  bytes: number;
}

/** What has to be moved, and how far that is. */
export interface Transfer {
  readonly done: (result: TransferResult) => void;
  readonly data: Uint8Array;
  readonly length: number;
  /** When the host looks at it first, in emulated time. */
  readonly startAt: number;
  readonly received: Uint8Array[];
  bytes: number;
  failures: number;
  /** Whether data that fill their last packet are followed by an empty one. */
  readonly endsShort?: boolean;
  /** Control transfers only (USB 2.0 8.5.3). */
  readonly control?: Control;
}

interface Control {
  readonly setup: Uint8Array;
  readonly in: boolean;
  stage: 'setup' | 'data' | 'status';
  toggle: number;
}

/** The transfers of one endpoint and direction; control transfers are those of endpoint 0, OUT. */
export interface Pipe {
  readonly endpoint: number;
  readonly out: boolean;
  maxPacket: number;
  toggle: number;
  readonly queue: Transfer[];
  /** The device has refused with NAK and has not changed its mind since. */
  parked: boolean;
}

/** The next transaction of a transfer. */
export type Token =
  | { readonly kind: 'setup'; readonly packet: Uint8Array }
  | { readonly kind: 'out'; readonly data: Uint8Array; readonly toggle: number }
  | { readonly kind: 'in'; readonly room: number; readonly toggle: number };

const NO_DATA = new Uint8Array(0);

export function controlOf(setup: Uint8Array): Control {
  return { setup, in: (setup[0]! & 0x80) !== 0, stage: 'setup', toggle: 0 };
}

export function nextToken(pipe: Pipe, { control, data, bytes, length }: Transfer): Token {
  const toggle = control?.toggle ?? pipe.toggle;
  switch (control?.stage) {
    case 'setup':
      return { kind: 'setup', packet: control.setup };
    case 'status':
      return control.in ? { kind: 'out', data: NO_DATA, toggle } : { kind: 'in', room: 0, toggle };
    default:
      return (control === undefined ? pipe.out : !control.in)
        ? { kind: 'out', data: data.subarray(bytes, bytes + pipe.maxPacket), toggle }
        : { kind: 'in', room: length - bytes, toggle };
  }
}

/** After the device has taken a SETUP packet. */
export function setupTaken({ control, length }: Transfer): void {
  control!.stage = length > 0 ? 'data' : 'status';
  control!.toggle = 1;
}

/** After the device has taken a data packet; 'ok' when that was the last one. */
export function dataTaken(pipe: Pipe, transfer: Transfer, sent: number): 'ok' | undefined {
  const { control } = transfer;
  transfer.failures = 0;
  transfer.bytes += sent;
  if (control?.stage === 'status') return 'ok';
  if (transfer.bytes < transfer.length || (transfer.endsShort && sent === pipe.maxPacket)) return undefined;
  return endOfData(control);
}

/** Whether a packet is more than the host has asked for or can take. */
export function isTooLong(pipe: Pipe, token: Token & { kind: 'in' }, { data }: DataPacket): boolean {
  return data.length > Math.min(token.room, pipe.maxPacket);
}

/** After a packet from the device; the status when that was the last one. */
export function dataReceived(
  pipe: Pipe,
  transfer: Transfer,
  token: Token & { kind: 'in' },
  packet: DataPacket,
): TransferStatus | undefined {
  const { control } = transfer;
  const isStatus = control?.stage === 'status';
  const { length } = packet.data;
  transfer.failures = 0;
  transfer.received.push(packet.data.subarray(0, token.room));
  transfer.bytes += Math.min(length, token.room);
  if (isTooLong(pipe, token, packet)) return isStatus ? 'failed' : 'babble';
  if (isStatus) return 'ok';
  return length < pipe.maxPacket || transfer.bytes >= transfer.length ? endOfData(control) : undefined;
}

export function resultOf({ received, bytes, control }: Transfer, status: TransferStatus): TransferResult {
  return { status, bytes, data: control !== undefined && !control.in ? NO_DATA : joined(received) };
}

/** What is left of a control transfer then is the status stage, with DATA1. */
function endOfData(control: Control | undefined): 'ok' | undefined {
  if (control === undefined) return 'ok';
  control.stage = 'status';
  control.toggle = 1;
  return undefined;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
