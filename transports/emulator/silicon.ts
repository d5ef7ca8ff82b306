import { RP2040 } from 'rp2040js';
import type { ChipClock } from './clock.js';

/** Four views of the same 16 MB: cached or not, allocating or not (RP2040 datasheet 2.6.3). */
const FLASH = { base: 0x10000000, firstViewEnd: 0x11000000, end: 0x14000000, size: 0x1000000 } as const;
const RAM = { base: 0x20000000, end: 0x20042000 } as const;
const ROM_END = 0x4000;
const DPRAM = { base: 0x50100000, end: 0x50101000 } as const;
const SIO = { base: 0xd0000000, end: 0xd0000200 } as const;
/** Page of the system control space: SysTick, NVIC, SCB (RP2040 datasheet 2.4.8). */
const SCS_PAGE = 0xe000e;

/**
 * The emulator's chip with a memory system that refuses what silicon refuses. An address where nothing is and an
 * access that is not aligned are bus errors (RP2040 datasheet 2.1; ARMv6-M architecture A3.2.1), which the processor
 * turns into a HardFault; so is a store into flash through any but its first view (2.6.3, XIP_CTRL CTRL.ERR_BADWRITE). A store
 * into flash through the first one, or into ROM, does nothing (2.6.1). `busError` holds the last error until somebody
 * takes it.
 */
export class Silicon extends RP2040 {
  declare readonly clock: ChipClock;
  busError: string | undefined;

  constructor(clock: ChipClock, flash: Uint8Array<ArrayBuffer>) {
    super(clock);
    const { buffer } = flash;
    Object.assign(this, { flash, flash16: new Uint16Array(buffer), flashView: new DataView(buffer) });
  }

  /** Called at the end of construction. The package erases its flash here, which no reset of a chip does. */
  override reset(): void {
    this.pwm.reset();
  }

  override readUint32(address: number): number {
    address >>>= 0;
    if (address & 3) return this.#refuse('unaligned read', address);
    if (address >= RAM.base && address < RAM.end) return this.sramView.getUint32(address - RAM.base, true);
    if (address >= FLASH.base && address < FLASH.end) {
      const offset = address & (FLASH.size - 1);
      return offset < this.flash.length ? this.flashView.getUint32(offset, true) : this.#refuse('read', address);
    }
    if (address >= ROM_END && !this.#isWritable(address)) return this.#refuse('read', address);
    return super.readUint32(address) >>> 0;
  }

  override readUint16(address: number): number {
    address >>>= 0;
    if (address & 1) return this.#refuse('unaligned read', address);
    return super.readUint16(address);
  }

  override writeUint32(address: number, value: number): void {
    address >>>= 0;
    if (address & 3) this.#refuse('unaligned write', address);
    else if (address >= RAM.base && address < RAM.end) this.sramView.setUint32(address - RAM.base, value, true);
    else if (this.#takesWrite(address)) super.writeUint32(address, value);
  }

  override writeUint16(address: number, value: number): void {
    address >>>= 0;
    if (address & 1) this.#refuse('unaligned write', address);
    else if (this.#takesWrite(address)) super.writeUint16(address, value);
  }

  override writeUint8(address: number, value: number): void {
    address >>>= 0;
    if (this.#takesWrite(address)) super.writeUint8(address, value);
  }

  /** Takes the pending bus error, if there is one. */
  takeBusError(): string | undefined {
    const error = this.busError;
    this.busError = undefined;
    return error;
  }

  #takesWrite(address: number): boolean {
    if (this.#isWritable(address)) return true;
    if (address < ROM_END || (address >= FLASH.base && address < FLASH.firstViewEnd)) {
      this.logger.warn('core', `store into ${address < ROM_END ? 'ROM' : 'flash'}: it does nothing`);
    } else this.#refuse('write', address);
    return false;
  }

  #isWritable(address: number): boolean {
    return (
      (address >= RAM.base && address < RAM.end) ||
      this.findPeripheral(address) !== undefined ||
      (address >= DPRAM.base && address < DPRAM.end) ||
      (address >= SIO.base && address < SIO.end) ||
      address >>> 12 === SCS_PAGE
    );
  }

  #refuse(access: string, address: number): number {
    this.busError = `${access} at 0x${address.toString(16).padStart(8, '0')}`;
    return 0xffffffff;
  }
}
