import type { Peripheral, RP2040 } from 'rp2040js';
import { RegisterBlock, repeated, type RegisterRows } from './registers.js';

const PINS = 30;
/** FUNCSEL 4:0, OUTOVER 9:8, OEOVER 13:12, INOVER 17:16, IRQOVER 29:28 (RP2040 datasheet 2.19.6.1, GPIO0_CTRL). */
export const CTRL_BITS = 0x3003331f;
/** FUNCSEL 31: no function. */
export const CTRL_RESET = 0x1f;

const INTR0 = 0x0f0;
const PROC0_INTS3 = 0x12c;
/** Four interrupts a pin, so the last register of each group of four has 24 bits (RP2040 datasheet 2.19.6.1). */
const interruptRows = (first: number): RegisterRows => ({
  ...repeated({ writable: 0xffffffff }, first, 3),
  [first + 12]: { writable: 0x00ffffff },
});

const ROWS: RegisterRows = {
  ...repeated({}, 0, PINS, 8),
  ...repeated({ reset: CTRL_RESET, writable: CTRL_BITS }, 4, PINS, 8),
  // INTR, PROC0_INTE, PROC0_INTF, PROC0_INTS: kept by the package, pin by pin.
  ...repeated({}, INTR0, 16),
  // PROC1_INTE and INTF, DORMANT_WAKE_INTE and INTF: storage; their INTS read 0, for nothing listens there.
  ...interruptRows(0x130),
  ...interruptRows(0x140),
  ...repeated({}, 0x150, 4),
  ...interruptRows(0x160),
  ...interruptRows(0x170),
  ...repeated({}, 0x180, 4),
};

/**
 * The function selectors of the user pins. In the package a CTRL register keeps all 32 bits. `routed` is told which
 * pin got another function.
 */
export class IoBank0 extends RegisterBlock {
  readonly #interrupts: Peripheral;
  readonly #routed: (pin: number) => void;

  constructor(rp: RP2040, packaged: Peripheral, routed: (pin: number) => void) {
    super(rp, 'IO_BANK0', ROWS);
    this.#interrupts = packaged;
    this.#routed = routed;
  }

  override reset(): void {
    super.reset();
    for (const [index, pin] of this.rp2040.gpio.entries()) {
      pin.irqEnableMask = 0;
      pin.irqForceMask = 0;
      this.#apply(index);
    }
    this.rp2040.updateIOInterrupt();
  }

  override writeUint32Atomic(offset: number, value: number, alias: number): void {
    if (isInterrupt(offset)) this.#interrupts.writeUint32Atomic(offset, value, alias);
    else super.writeUint32Atomic(offset, value, alias);
  }

  protected override read(offset: number, stored: number): number {
    if (isInterrupt(offset)) return this.#interrupts.readUint32(offset);
    const pin = this.rp2040.gpio[offset >>> 3];
    return pin !== undefined && !(offset & 4) && offset < INTR0 ? pin.status : stored;
  }

  protected override written(offset: number): void {
    if (offset < INTR0) this.#apply(offset >>> 3);
  }

  #apply(index: number): void {
    const pin = this.rp2040.gpio[index]!;
    pin.ctrl = this.get(index * 8 + 4);
    this.#routed(index);
    pin.checkForUpdates();
  }
}

function isInterrupt(offset: number): boolean {
  return offset >= INTR0 && offset <= PROC0_INTS3;
}
