/*
 * The FIFO of the ADXL345 (datasheet rev E, "FIFO", "FIFO_CTL", "FIFO_STATUS") in front of its data registers. It holds
 * whole samples, six bytes as the data registers show them. Not modelled: the 33rd sample, which waits in the output
 * filter; the 5 µs that a sample takes to move into the data registers.
 */

/** "FIFO Mode": 32 samples. */
const DEPTH = 32;
const MODES = ['bypass', 'fifo', 'stream', 'trigger'] as const;

export interface Fifo {
  /** FIFO_CTL was written. */
  control(value: number): void;
  /** A new sample. `announced` is false in sleep mode, which keeps DATA_READY and the FIFO out of it. */
  push(sample: Uint8Array, announced: boolean): void;
  /** An interrupt came to the pin that FIFO_CTL links to the trigger. */
  trigger(): void;
  /** What the data registers show: the oldest sample in the FIFO, or the newest of all. */
  readonly head: Uint8Array;
  /** A read of the data registers that showed `sample` is over: the sample is gone. */
  pop(sample: Uint8Array): void;
  readonly dataReady: boolean;
  readonly watermark: boolean;
  readonly overrun: boolean;
  /** FIFO_STATUS. */
  readonly status: number;
  /** Bit 5 of FIFO_CTL: which pin triggers. */
  readonly triggerPin: 1 | 2;
}

export function makeFifo(): Fifo {
  let mode: (typeof MODES)[number] = 'bypass';
  let samples = 0;
  let triggerPin: 1 | 2 = 1;
  let queue: Uint8Array[] = [];
  let newest = new Uint8Array(6);
  let unread = false;
  let overrun = false;
  let triggered = false;

  return {
    control(value) {
      mode = MODES[value >> 6] ?? 'bypass';
      triggerPin = (value & 0x20) === 0 ? 1 : 2;
      samples = value & 0x1f;
      // "Trigger Mode": bypass mode clears the FIFO, and alone resets the trigger.
      if (mode !== 'bypass') return;
      queue = [];
      triggered = false;
    },

    push(sample, announced) {
      if (mode === 'bypass' || !announced) {
        // "Overrun": in bypass mode, when new data replaces unread data.
        if (announced && unread) overrun = true;
        unread = announced;
        newest = Uint8Array.from(sample);
        return;
      }
      const stops = mode === 'fifo' || (mode === 'trigger' && triggered);
      if (queue.length === DEPTH) {
        if (stops) return;
        queue.shift();
      }
      newest = Uint8Array.from(sample);
      queue.push(newest);
      // "Overrun": in all other modes, when the FIFO is filled.
      if (queue.length === DEPTH) overrun = true;
    },

    trigger() {
      if (mode !== 'trigger' || triggered) return;
      triggered = true;
      queue = samples === 0 ? [] : queue.slice(-samples);
    },

    get head() {
      return queue[0] ?? newest;
    },

    pop(sample) {
      // A sample that came during the read is not the one that was read.
      if (queue[0] === sample) queue.shift();
      else if (newest === sample) unread = false;
      overrun = false;
    },

    get dataReady() {
      return mode === 'bypass' ? unread : queue.length > 0;
    },
    /** "Samples Bits": 0 sets it at once, in every mode. */
    get watermark() {
      return queue.length >= samples;
    },
    get overrun() {
      return overrun;
    },
    get status() {
      return (triggered ? 0x80 : 0) | queue.length;
    },
    get triggerPin() {
      return triggerPin;
    },
  };
}
