import { repeated, type RegisterRows } from './registers.js';

/** Registers of a PIO block (RP2040 datasheet 3.7). */
export const CTRL = 0x000;
export const FSTAT = 0x004;
export const FDEBUG_AT = 0x008;
export const FLEVEL = 0x00c;
export const TXF0 = 0x010;
export const RXF0 = 0x020;
export const IRQ = 0x030;
export const IRQ_FORCE = 0x034;
export const DBG_PADOUT = 0x03c;
export const DBG_PADOE = 0x040;
export const DBG_CFGINFO = 0x044;
export const INSTR_MEM0 = 0x048;
export const SM0 = 0x0c8;
export const INTR = 0x128;
export const INTS = [0x134, 0x140] as const;

export const SM = { clkdiv: 0x00, execctrl: 0x04, shiftctrl: 0x08, addr: 0x0c, instr: 0x10, pinctrl: 0x14 } as const;
export const SM_BYTES = 0x18;
export const MACHINES = 4;
export const INSTRUCTIONS = 32;

export const PIO_ROWS: RegisterRows = {
  [CTRL]: { writable: 0xf },
  [FSTAT]: {},
  [FDEBUG_AT]: { clearable: 0x0f0f0f0f },
  ...repeated({}, FLEVEL, 9),
  [IRQ]: { clearable: 0xff },
  [IRQ_FORCE]: {},
  0x038: { writable: 0xffffffff },
  ...repeated({}, DBG_PADOUT, 3),
  ...repeated({}, INSTR_MEM0, INSTRUCTIONS),
  ...repeated({ reset: 0x00010000, writable: 0xffffff00 }, SM0 + SM.clkdiv, MACHINES, SM_BYTES),
  ...repeated({ reset: 0x0001f000, writable: 0x7fffff9f }, SM0 + SM.execctrl, MACHINES, SM_BYTES),
  ...repeated({ reset: 0x000c0000, writable: 0xffff0000 }, SM0 + SM.shiftctrl, MACHINES, SM_BYTES),
  ...repeated({}, SM0 + SM.addr, MACHINES, SM_BYTES),
  ...repeated({}, SM0 + SM.instr, MACHINES, SM_BYTES),
  ...repeated({ reset: 0x14000000, writable: 0xffffffff }, SM0 + SM.pinctrl, MACHINES, SM_BYTES),
  [INTR]: {},
  ...repeated({ writable: 0xfff }, INTR + 4, 2),
  [INTS[0]]: {},
  ...repeated({ writable: 0xfff }, INTS[0] + 4, 2),
  [INTS[1]]: {},
};
