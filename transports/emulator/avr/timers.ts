import { AVRTimer, timer0Config, timer1Config, timer2Config, type AVRTimerConfig, type CPU } from 'avr8js';
import { IO } from './io.js';

/** TIFR1.ICF1 (ATmega328P datasheet 16.11.9), which avr8js does not have. */
const ICF1 = 1 << 5;
/** Table 16-4: the modes in which ICR1 is TOP, and only then takes a write (16.6.3). */
const TOP_IS_ICR1: ReadonlySet<number> = new Set([8, 10, 12, 14]);

/** What avr8js keeps to itself. */
interface TimerParts {
  divider: number;
  updateDivider: boolean;
  highByteTemp: number;
  readonly count: (reschedule?: boolean) => void;
}

/** The registers of a block, and what stops and starts it. */
export interface Timer {
  /** As when its clock is taken away. */
  stop(): void;
  start(): void;
}

/** Timers 0 to 2 of avr8js, mended where they differ from the ATmega328P datasheet. */
export function installTimers(cpu: CPU): readonly [Timer, Timer, Timer] {
  return [timer8(cpu, timer0Config), timer1(cpu), timer8(cpu, timer2Config)];
}

const timer8 = (cpu: CPU, config: AVRTimerConfig): Timer => control(cpu, timerWith(cpu, config, 0));

function timer1(cpu: CPU): Timer {
  const timer = timerWith(cpu, timer1Config, ICF1);
  mendPairs(cpu, parts(timer));
  return control(cpu, timer);
}

const parts = (timer: AVRTimer): TimerParts => timer as unknown as TimerParts;

/**
 * 15.9.7: a 1 clears its flag. In avr8js a flag for which a 0 is written vanishes, too, though its interrupt comes. SBI reaches the
 * flag that it names and no other (7.4, note).
 */
function timerWith(cpu: CPU, config: AVRTimerConfig, moreFlags: number): AVRTimer {
  const timer = new AVRTimer(cpu, config);
  const { TIFR, TIMSK, TOV, OCFA, OCFB, TOIE, OCIEA, OCIEB } = config;
  const interrupts = (
    [
      [config.ovfInterrupt, TOV, TOIE],
      [config.compAInterrupt, OCFA, OCIEA],
      [config.compBInterrupt, OCFB, OCIEB],
    ] as const
  ).map(([address, flagMask, enableMask]) => ({
    address,
    flagRegister: TIFR,
    flagMask,
    enableRegister: TIMSK,
    enableMask,
  }));
  cpu.writeHooks[TIFR] = (value, _, __, mask) => {
    const ones = value & mask;
    for (const interrupt of interrupts) if (ones & interrupt.flagMask) cpu.clearInterrupt(interrupt);
    cpu.data[TIFR]! &= ~(ones & moreFlags);
    return true;
  };
  return timer;
}

function control(cpu: CPU, timer: AVRTimer): Timer {
  const inside = parts(timer);
  return {
    stop() {
      inside.count(false);
      cpu.clearClockEvent(inside.count);
      inside.divider = 0;
    },
    start() {
      inside.updateDivider = true;
      cpu.addClockEvent(inside.count, 0);
    },
  };
}

/**
 * 16.3: the high byte of all registers of 16 bits goes through one temporary register. avr8js keeps what was written into the high
 * byte, though no low byte follows.
 */
function mendPairs(cpu: CPU, inside: TimerParts): void {
  const { data } = cpu;
  let temporary = 0;
  for (const low of [IO.TCNT1, IO.ICR1, IO.OCR1A, IO.OCR1B]) {
    const high = low + 1;
    const [load, store] = [cpu.readHooks[low], cpu.writeHooks[low]!];
    cpu.writeHooks[high] = (value) => {
      temporary = value;
      return true;
    };
    cpu.writeHooks[low] = (value, old, address, mask) => {
      const mode = ((data[IO.TCCR1B]! & 0x18) >> 1) | (data[IO.TCCR1A]! & 3);
      if (low === IO.ICR1 && !TOP_IS_ICR1.has(mode)) return true;
      data[high] = temporary;
      inside.highByteTemp = temporary;
      return store(value, old, address, mask);
    };
    // 16.3: reading OCR1A and OCR1B does not involve it.
    if (low === IO.OCR1A || low === IO.OCR1B) continue;
    cpu.readHooks[low] = (address) => {
      const value = load?.(address) ?? data[low]!;
      temporary = data[high]!;
      return value;
    };
    cpu.readHooks[high] = () => temporary;
  }
}
