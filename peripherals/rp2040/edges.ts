import { map, type Observable } from 'rxjs';
import type { BoardSession, Handle, Notice } from '../../runtime/index.js';
import type { GpioPin } from './gpio.js';

/** The level of a pin has changed. Both, in whichever order, where it has changed again before the first was noted. */
export interface Edge {
  readonly type: 'edge';
  readonly rising: boolean;
  readonly falling: boolean;
  /** When, in microseconds of the controller's clock, which wraps around after 71 minutes. */
  readonly us: number;
}

const FLAGS = { rising: ['EDGE_HIGH'], falling: ['EDGE_LOW'], both: ['EDGE_LOW', 'EDGE_HIGH'] } as const;

/**
 * The edges of a pin (RP2040 datasheet 2.19.3), from `watching` on. The pin's own bits of PROC0_INTE are set while somebody has
 * subscribed.
 */
export function edges(
  board: BoardSession,
  pin: Handle<GpioPin>,
  which: keyof typeof FLAGS = 'both',
): Observable<Edge | Notice> {
  const interrupts = board.interrupts(pin, 'INTR', { flags: FLAGS[which], enable: 'INTE' });
  return interrupts.pipe(
    map((each) => {
      if (each.type !== 'interrupt') return each;
      const { EDGE_HIGH: rising, EDGE_LOW: falling } = each.flags;
      return { type: 'edge', rising, falling, us: each.us };
    }),
  );
}
