import { TIMING } from '../../../transports/emulator/usb-bus.js';
import { UsbHost } from '../../../transports/emulator/usb-host.js';
import type { TransferResult } from '../../../transports/emulator/usb-transfer.js';
import { readyChip, set, type BareChip } from './bare-chip.js';

const DPRAM = 0x50100000;
export const USB = {
  addrEndp: 0x50110000,
  mainCtrl: 0x50110040,
  sofRd: 0x50110048,
  sieCtrl: 0x5011004c,
  sieStatus: 0x50110050,
  buffStatus: 0x50110058,
  shouldHandle: 0x5011005c,
  epAbort: 0x50110060,
  epAbortDone: 0x50110064,
  stallArm: 0x50110068,
  stallNak: 0x50110070,
  muxing: 0x50110074,
  pwr: 0x50110078,
  intr: 0x5011008c,
  inte: 0x50110090,
  ints: 0x50110098,
} as const;

export const BC = {
  full: 1 << 15,
  last: 1 << 14,
  data1: 1 << 13,
  reset: 1 << 12,
  stall: 1 << 11,
  available: 1 << 10,
} as const;
const EP = { enable: 0x80000000, eachBuffer: 1 << 29, bulk: 2 << 26 } as const;
export const EP_DOUBLE = 1 << 30;
export const EP_EACH_PAIR = 1 << 28;
export const EP_NAK_STATUS = 1 << 16;
const PULL_UP = 1 << 16;
const EP0_EACH_BUFFER = 1 << 29;
export const PACKET = 64;

/** A transfer that has been submitted; `result` is there when it is over. */
export interface Submitted {
  result?: TransferResult;
}

/** A chip whose USB registers the test itself plays, and a host on the other end of a bus that has been reset. */
export interface UsbBench extends BareChip {
  readonly host: UsbHost;
  /** Where the buffers of an endpoint are in the DPRAM. */
  buffer(endpoint: number, out: boolean): number;
  enable(endpoint: number, out: boolean, flags?: number): void;
  /** Writes a buffer control word as firmware should: AVAILABLE and STALL after the rest. */
  arm(endpoint: number, out: boolean, bits: number): void;
  control(endpoint: number, out: boolean): number;
  put(endpoint: number, out: boolean, bytes: readonly number[], half?: number): void;
  get(endpoint: number, out: boolean, length: number, half?: number): number[];
  in(endpoint: number, length: number): Submitted;
  out(endpoint: number, data: Uint8Array): Submitted;
  request(setup: readonly number[], data?: Uint8Array): Submitted;
}

export const bufferBit = (endpoint: number, out: boolean): number => 1 << (endpoint * 2 + Number(out));
export const bytes = (length: number, first = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => first + index);

export function connect({ chip }: BareChip): void {
  chip.write32(USB.muxing, 9);
  chip.write32(USB.pwr, 0xc);
  chip.write32(USB.mainCtrl, 1);
  chip.write32(USB.sieCtrl, EP0_EACH_BUFFER);
  chip.write32(set(USB.sieCtrl), PULL_UP);
}

export function usbBench(frameNanos = 0): UsbBench {
  const bare = readyChip();
  const { chip, bus, pass } = bare;
  const host = new UsbHost(bus, frameNanos);
  bus.plug(true);
  connect(bare);
  host.reset(() => {});
  pass(TIMING.reset + TIMING.resetRecovery + TIMING.frame);
  chip.write32(USB.sieStatus, 1 << 19);
  const controlAt = (endpoint: number, out: boolean): number => DPRAM + 0x80 + endpoint * 8 + (out ? 4 : 0);
  const buffer = (endpoint: number, out: boolean): number =>
    endpoint === 0 ? 0x100 : 0x180 + (endpoint * 2 + Number(out) - 2) * 2 * PACKET;
  const submitted = (submit: (done: (result: TransferResult) => void) => void): Submitted => {
    const transfer: Submitted = {};
    submit((result) => (transfer.result = result));
    return transfer;
  };
  return {
    ...bare,
    host,
    buffer,
    enable(endpoint, out, flags = EP.eachBuffer) {
      const address = DPRAM + 8 + (endpoint - 1) * 8 + (out ? 4 : 0);
      chip.write32(address, EP.enable | EP.bulk | flags | buffer(endpoint, out));
    },
    arm(endpoint, out, bits) {
      const late = BC.available | (BC.available << 16) | BC.stall;
      chip.write32(controlAt(endpoint, out), bits & ~late);
      chip.write32(controlAt(endpoint, out), bits);
    },
    control: (endpoint, out) => chip.read32(controlAt(endpoint, out)),
    put: (endpoint, out, data, half = 0) => chip.silicon.usbDPRAM.set(data, buffer(endpoint, out) + half * PACKET),
    get(endpoint, out, length, half = 0) {
      const at = buffer(endpoint, out) + half * PACKET;
      return [...chip.silicon.usbDPRAM.subarray(at, at + length)];
    },
    in: (endpoint, length) => submitted((done) => host.in(endpoint, PACKET, length, done)),
    out: (endpoint, data) => submitted((done) => host.out(endpoint, PACKET, data, done)),
    request: (setup, data = new Uint8Array(0)) =>
      submitted((done) => host.control(PACKET, Uint8Array.from(setup), data, done)),
  };
}
