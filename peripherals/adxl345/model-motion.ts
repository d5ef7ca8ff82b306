import {
  INTERRUPT,
  POWER,
  REGISTER,
  THRESHOLD_G,
  TIME_FF_NANOS,
  TIME_INACT_NANOS,
  type Acceleration,
} from './model-registers.js';

/*
 * Activity, inactivity and free fall of the ADXL345 (datasheet rev E, "Interrupts", "ACT_INACT_CTL", "Link Bit"),
 * judged on the samples at the output data rate: the chip itself judges activity and free fall on unfiltered data. Taps
 * are not modelled.
 */

const AXES = ['x', 'y', 'z'] as const;

export interface Motion {
  /** Judges a sample: the bits of INT_SOURCE it sets, and the source bits of ACT_TAP_STATUS if it is activity. */
  judge(sample: Acceleration, nanos: number): { readonly events: number; readonly sources: number };
  /** Detection begins anew: the functions were reconfigured, or measuring began. */
  restart(): void;
}

/** `at` reads a register. */
export function makeMotion(at: (register: number) => number): Motion {
  let activeReference: Acceleration | undefined;
  let inactiveReference: Acceleration | undefined;
  let stillSince: number | undefined;
  let fallingSince: number | undefined;
  let inactivityTold = false;
  let fallTold = false;
  /** With the link bit: which of the two is looked for. Activity begins after inactivity. */
  let lookingFor: 'inactivity' | 'activity' = 'inactivity';

  /** Which of the axes are further from the reference than the threshold: bit 2 is x, bit 1 y, bit 0 z. */
  function beyond(sample: Acceleration, reference: Acceleration | undefined, axes: number, threshold: number): number {
    let found = 0;
    for (const [index, axis] of AXES.entries()) {
      const bit = 4 >> index;
      const distance = Math.abs(sample[axis] - (reference?.[axis] ?? 0));
      if ((axes & bit) !== 0 && distance > threshold * THRESHOLD_G) found |= bit;
    }
    return found;
  }

  function activity(sample: Acceleration): number {
    const control = at(REGISTER.ACT_INACT_CTL) >> 4;
    const coupled = (control & 0x08) !== 0;
    // AC-coupled: "the acceleration value at the start of activity detection is taken as a reference".
    if (coupled) activeReference ??= sample;
    return beyond(sample, coupled ? activeReference : undefined, control & 0x07, at(REGISTER.THRESH_ACT));
  }

  function inactivity(sample: Acceleration, nanos: number): boolean {
    const control = at(REGISTER.ACT_INACT_CTL);
    const axes = control & 0x07;
    if (axes === 0) return false;
    const coupled = (control & 0x08) !== 0;
    if (coupled) inactiveReference ??= sample;
    if (beyond(sample, coupled ? inactiveReference : undefined, axes, at(REGISTER.THRESH_INACT)) !== 0) {
      // AC-coupled: the reference "is updated whenever the device exceeds the inactivity threshold".
      inactiveReference = sample;
      stillSince = undefined;
      inactivityTold = false;
      return false;
    }
    stillSince ??= nanos;
    if (inactivityTold || nanos - stillSince < at(REGISTER.TIME_INACT) * TIME_INACT_NANOS) return false;
    inactivityTold = true;
    return true;
  }

  function freeFall(sample: Acceleration, nanos: number): boolean {
    // "FREE_FALL": all axes take part, always DC-coupled.
    if (beyond(sample, undefined, 0x07, at(REGISTER.THRESH_FF)) !== 0) {
      fallingSince = undefined;
      fallTold = false;
      return false;
    }
    fallingSince ??= nanos;
    if (fallTold || nanos - fallingSince < at(REGISTER.TIME_FF) * TIME_FF_NANOS) return false;
    fallTold = true;
    return true;
  }

  /** One of the two is done: the other is looked for from now on. */
  function turnTo(other: typeof lookingFor): void {
    lookingFor = other;
    activeReference = inactiveReference = undefined;
    stillSince = undefined;
    inactivityTold = false;
  }

  return {
    judge(sample, nanos) {
      // "INT_ENABLE": it enables these functions, not only their outputs.
      const enabled = at(REGISTER.INT_ENABLE);
      const both = INTERRUPT.ACTIVITY | INTERRUPT.INACTIVITY;
      const linked = (at(REGISTER.POWER_CTL) & POWER.LINK) !== 0 && (enabled & both) === both;
      let events = 0;
      let sources = 0;
      const looksFor = lookingFor;
      if ((enabled & INTERRUPT.ACTIVITY) !== 0 && (!linked || looksFor === 'activity')) {
        sources = activity(sample) << 4;
        if (sources !== 0) events |= INTERRUPT.ACTIVITY;
        if (sources !== 0 && linked) turnTo('inactivity');
      }
      if (
        (enabled & INTERRUPT.INACTIVITY) !== 0 &&
        (!linked || looksFor === 'inactivity') &&
        inactivity(sample, nanos)
      ) {
        events |= INTERRUPT.INACTIVITY;
        if (linked) turnTo('activity');
      }
      if ((enabled & INTERRUPT.FREE_FALL) !== 0 && freeFall(sample, nanos)) events |= INTERRUPT.FREE_FALL;
      return { events, sources };
    },
    restart() {
      turnTo('inactivity');
      fallingSince = undefined;
      fallTold = false;
    },
  };
}
