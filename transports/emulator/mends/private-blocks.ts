import type { Silicon } from '../silicon.js';

/** Inter-core FIFO (RP2040 datasheet 2.3.1.4): with one core emulated it is never full and nothing ever arrives. */
const FIFO_ST = 0x50;
const FIFO_WR = 0x54;
const FIFO_RD = 0x58;
const FIFO_READY = 1 << 1;
const LAST_SPINLOCK = 0x17c;
/** Offsets between the registers of SIO where none is (2.3.1.7). */
const HOLES = new Set([0x00c]);
/** Read-only: CPUID, GPIO_IN, GPIO_HI_IN, SPINLOCK_ST, DIV_CSR. A write does nothing. */
const READ_ONLY = new Set([0x000, 0x004, 0x008, 0x05c, 0x078]);

/** ARMv6-M architecture B3.2.6 and B3.2.7; the package has neither. */
const ICPR = 0x280;
const AIRCR = 0xd0c;
const SCR = 0xd10;
const CCR = 0xd14;
const AIRCR_KEY = 0x05fa;
const AIRCR_READS = 0xfa050000;
const SYSRESETREQ = 1 << 2;
const SCR_BITS = 0x16;
/** CCR: unaligned accesses trap, stack aligned on exceptions; fixed in ARMv6-M. */
const CCR_VALUE = 0x208;
/** Lines 0 to 25 are wired to blocks (RP2040 datasheet 2.3.2), which hold them as long as there is a reason. */
const WIRED = (1 << 26) - 1;

const isHole = (offset: number): boolean => HOLES.has(offset) || offset > LAST_SPINLOCK;

/** Adds the FIFO registers, and reports accesses to nothing instead of printing them. */
export function mendSio(silicon: Silicon): void {
  const { sio } = silicon;
  const [read, write] = [sio.readUint32.bind(sio), sio.writeUint32.bind(sio)];
  const report = (access: string, offset: number): void =>
    silicon.logger.warn('SIO', `${access} offset 0x${offset.toString(16)}, where no register is`);
  sio.readUint32 = (offset) => {
    if (offset === FIFO_ST) return FIFO_READY;
    if (offset === FIFO_WR || offset === FIFO_RD) return 0;
    if (!isHole(offset)) return read(offset);
    report('read of', offset);
    return 0;
  };
  sio.writeUint32 = (offset, value) => {
    if (READ_ONLY.has(offset) || (offset >= FIFO_ST && offset <= FIFO_RD)) return;
    if (isHole(offset)) report('write to', offset);
    else write(offset, value);
  };
}

/**
 * Adds the system control registers that firmware uses. What is pending because a block holds its line stays pending when that
 * is cleared (ARMv6-M architecture B3.4.4); in the package, all but line 25, the RTC's. `restart` is called on SYSRESETREQ, which on this chip restarts
 * the processor and leaves the peripherals alone (RP2040 datasheet 2.4.2.9).
 */
export function mendSystemControl(silicon: Silicon, restart: () => void): void {
  const { ppb } = silicon;
  const [read, write] = [ppb.readUint32.bind(ppb), ppb.writeUint32.bind(ppb)];
  let scr = 0;
  ppb.readUint32 = (offset) => {
    if (offset === AIRCR) return AIRCR_READS;
    if (offset === SCR) return scr;
    if (offset === CCR) return CCR_VALUE;
    return read(offset);
  };
  ppb.writeUint32 = (offset, value) => {
    if (offset === ICPR) silicon.core.pendingInterrupts &= ~value | WIRED;
    else if (offset === SCR) scr = value & SCR_BITS;
    else if (offset !== AIRCR) write(offset, value);
    else if (value >>> 16 === AIRCR_KEY && value & SYSRESETREQ) restart();
  };
}
