import { edges, type GpioPin } from '../../../peripherals/rp2040/index.js';
import { Driver, entryPoint, peripheral, type Handle } from '../../../runtime/index.js';
import type { PicoBoard } from '../../emulated.js';

/** A driver that moves a pin, and then perhaps thinks better of it. The pin sees its own level. */
export class Blinker extends Driver {
  @peripheral accessor pin: Handle<GpioPin>;

  constructor(board: PicoBoard, pin: number) {
    super(board);
    this.pin = board.pin[pin]!;
  }

  /** Native: a pin that is driven low. */
  async setUp(): Promise<void> {
    await this.pin.OUT.modify({ HIGH: false });
    await this.pin.OE.modify({ ENABLED: true });
    await this.pin.CTRL.modify({ FUNCSEL: 'sio' });
  }

  /** High and low again; `meanwhile` runs in between, when the controller has the first part. */
  @entryPoint
  async blink(meanwhile?: () => Promise<void>): Promise<void> {
    await this.pin.OUT.modify({ HIGH: true });
    await this.pin.IN.read();
    await meanwhile?.();
    await this.pin.OUT.modify({ HIGH: false });
  }
}

/** What is told of a pin, in words; and how to wait for so much of it. */
export function hear(board: PicoBoard, pin: number, which?: 'rising' | 'falling') {
  const heard: string[] = [];
  const subscription = edges(board, board.pin[pin]!, which).subscribe({
    next: (told) => {
      if (told.type === 'edge')
        heard.push([told.rising && 'rising', told.falling && 'falling'].filter(Boolean).join('+'));
      else heard.push(told.type === 'lost' ? `lost ${told.count ?? '?'} ${told.reason}` : told.type);
    },
    error: (error: Error) => heard.push(`error ${error.name} ${'code' in error ? String(error.code) : ''}`),
    complete: () => heard.push('complete'),
  });
  const until = async (count: number): Promise<string[]> => {
    await turns(() => heard.length >= count);
    return heard;
  };
  return { heard, stop: () => subscription.unsubscribe(), until };
}

/** Gives the event loop so many turns as it takes; 1000 at most. */
export async function turns(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !done(); turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Turns enough for everything that is under way. */
export async function quiet(): Promise<void> {
  let left = 20;
  await turns(() => left-- === 0);
}
