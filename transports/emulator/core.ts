import type { RP2040 } from 'rp2040js';

type Core = RP2040['core'];

const HARD_FAULT = 3;
const NMI = 2;
/** Thread mode, main stack; the package does not export the enumerations. */
const THREAD_ON_MAIN_STACK = { SPSEL: 0, currentMode: 0, bankedSP: 0 } as const;

/**
 * Mends how the emulated Cortex-M0+ sleeps (ARMv6-M architecture B1.5.19, WFI and WFE). The package enters the handler
 * at once when an interrupt arrives during sleep, even with PRIMASK set, so `cpsid i; wfi; cpsie i`, the way to sleep
 * without missing an interrupt, goes wrong; it sleeps on although an interrupt is pending already; and SysTick does
 * not wake it. Here an interrupt only marks itself pending, and the run loop asks `wakes` before every step asleep.
 */
export function mendSleep(core: Core): void {
  core.setInterrupt = (irq, value) => {
    if (!value) {
      core.pendingInterrupts &= ~(1 << irq);
      return;
    }
    core.pendingInterrupts |= 1 << irq;
    core.interruptsUpdated = true;
  };
}

/** Whether a sleeping processor goes on: anything enabled is pending, whatever PRIMASK says. */
export function wakes(core: Core): boolean {
  return (
    (core.pendingInterrupts & core.enabledInterrupts) !== 0 ||
    core.pendingSystick ||
    core.pendingPendSV ||
    core.pendingNMI
  );
}

/**
 * Takes a fault at the instruction at `pc`: HardFault, the only fault of ARMv6-M (B1.5), with the address of that
 * instruction stacked. Returns false when the processor was in HardFault or NMI already: it locks up.
 */
export function takeFault(core: Core, pc: number): boolean {
  if (core.IPSR === HARD_FAULT || core.IPSR === NMI) return false;
  core.waiting = false;
  core.PC = pc;
  core.exceptionEntry(HARD_FAULT);
  return true;
}

/** The processor as it comes out of reset, started at the vectors at `vectors` (ARMv6-M architecture B1.5.5). */
export function startCore(core: Core, vectors: number): void {
  Object.assign(core, THREAD_ON_MAIN_STACK);
  core.registers.fill(0);
  core.LR = 0xffffffff;
  core.eventRegistered = false;
  core.waiting = false;
  core.N = core.C = core.Z = core.V = false;
  core.PM = false;
  core.nPRIV = false;
  core.IPSR = 0;
  core.pendingInterrupts = 0;
  core.enabledInterrupts = 0;
  core.interruptPriorities = [0xffffffff, 0, 0, 0];
  core.pendingNMI = core.pendingPendSV = core.pendingSVCall = core.pendingSystick = false;
  core.interruptsUpdated = true;
  core.SHPR2 = core.SHPR3 = 0;
  core.VTOR = vectors;
  const { cycles } = core;
  core.reset();
  core.cycles = cycles;
}
