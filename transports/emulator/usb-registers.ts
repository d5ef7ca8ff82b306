import { repeated, type RegisterRows } from './mends/registers.js';

/** Registers and bits of the USB device controller (RP2040 datasheet 4.1.4; DPRAM layout 4.1.2.5). */
export const REG = {
  addrEndp: 0x00,
  mainCtrl: 0x40,
  sofWr: 0x44,
  sofRd: 0x48,
  sieCtrl: 0x4c,
  sieStatus: 0x50,
  intEpCtrl: 0x54,
  buffStatus: 0x58,
  buffCpuShouldHandle: 0x5c,
  epAbort: 0x60,
  epAbortDone: 0x64,
  epStallArm: 0x68,
  nakPoll: 0x6c,
  epStatusStallNak: 0x70,
  muxing: 0x74,
  pwr: 0x78,
  phyDirect: 0x7c,
  phyDirectOverride: 0x80,
  phyTrim: 0x84,
  intr: 0x8c,
  inte: 0x90,
  intf: 0x94,
  ints: 0x98,
} as const;

export const MAIN_CTRL = { enable: 1 << 0, host: 1 << 1 } as const;

export const SIE_CTRL = {
  ep0StallStatus: 0x80000000,
  ep0Double: 1 << 30,
  ep0EachBuffer: 1 << 29,
  ep0EachPair: 1 << 28,
  ep0NakStatus: 1 << 27,
  pullUp: 1 << 16,
} as const;

export const SIE_STATUS = {
  dataSequenceError: 0x80000000,
  ackReceived: 1 << 30,
  rxTimeout: 1 << 27,
  busReset: 1 << 19,
  transactionComplete: 1 << 18,
  setupReceived: 1 << 17,
  connected: 1 << 16,
  resume: 1 << 11,
  suspended: 1 << 4,
  lineJ: 1 << 2,
  vbusDetected: 1 << 0,
  /** Bits that a 1 clears; CONNECTED and SUSPENDED show a state, and a 1 clears only the interrupt of its change. */
  clearable: 0xff0e0800,
} as const;

export const MUXING = { toPhy: 1 << 0 } as const;
export const PWR = { vbusDetect: 1 << 2, vbusDetectOverride: 1 << 3 } as const;

export const INT = {
  buffStatus: 1 << 4,
  dataSequence: 1 << 5,
  rxTimeout: 1 << 6,
  transactionComplete: 1 << 3,
  vbusDetect: 1 << 11,
  busReset: 1 << 12,
  connectionChanged: 1 << 13,
  suspendChanged: 1 << 14,
  resumeFromHost: 1 << 15,
  setup: 1 << 16,
  startOfFrame: 1 << 17,
  abortDone: 1 << 18,
  stallNak: 1 << 19,
  all: 0xfffff,
} as const;

/** Endpoint control, in DPRAM from 0x08 on, for endpoints 1 to 15. */
export const EP_CONTROL = {
  enable: 0x80000000,
  double: 1 << 30,
  eachBuffer: 1 << 29,
  eachPair: 1 << 28,
  stallStatus: 1 << 17,
  nakStatus: 1 << 16,
  address: 0xffc0,
} as const;

/** Buffer control, in DPRAM from 0x80 on: buffer 0 in the low half, buffer 1 in the high half. */
export const BUFFER = {
  full: 1 << 15,
  last: 1 << 14,
  data1: 1 << 13,
  resetSelect: 1 << 12,
  stall: 1 << 11,
  available: 1 << 10,
  length: 0x3ff,
} as const;

export const DPRAM = {
  setup: 0x00,
  control: 0x08,
  buffers: 0x80,
  buffersEnd: 0x100,
  ep0: 0x100,
  /** Buffer 1 of a double-buffered endpoint follows buffer 0. */
  pairOffset: 64,
} as const;

const ENDPOINT_BITS = 0xffffffff;
/** Address registers of the interrupt endpoints of host mode. */
const HOST_ENDPOINTS = 15;

/** The register table, for what is plain storage in it (RP2040 datasheet 4.1.4). */
export const USB_REGISTERS: RegisterRows = {
  [REG.addrEndp]: { writable: 0x000f007f },
  ...repeated({ writable: 0x060f007f }, 0x04, HOST_ENDPOINTS),
  [REG.mainCtrl]: { writable: 0x80000003 },
  [REG.sofWr]: {},
  [REG.sofRd]: {},
  [REG.sieCtrl]: { writable: 0xff078f4e },
  [REG.sieStatus]: { clearable: SIE_STATUS.clearable },
  [REG.intEpCtrl]: { writable: 0xfffe },
  [REG.buffStatus]: {},
  [REG.buffCpuShouldHandle]: {},
  [REG.epAbort]: { writable: ENDPOINT_BITS },
  [REG.epAbortDone]: { clearable: ENDPOINT_BITS },
  [REG.epStallArm]: { writable: 3 },
  [REG.nakPoll]: { reset: 0x00100010, writable: 0x03ff03ff },
  [REG.epStatusStallNak]: { clearable: ENDPOINT_BITS },
  [REG.muxing]: { writable: 0xf },
  [REG.pwr]: { writable: 0x3f },
  [REG.phyDirect]: { writable: 0xff77 },
  [REG.phyDirectOverride]: { writable: 0x9fff },
  [REG.phyTrim]: { reset: 0x1f1f, writable: 0x1f1f },
  [REG.intr]: {},
  [REG.inte]: { writable: INT.all },
  [REG.intf]: { writable: INT.all },
  [REG.ints]: {},
};
