/** What the types of `protect` promise; the type checker runs this test. */
import { protect, type BoardSession } from '../../../runtime/index.js';

class Lamp {
  level = 0;
  on(level: number): string {
    this.level = level;
    return String(level);
  }
  async off(): Promise<boolean> {
    return this.level === 0;
  }
  twice(): number {
    return this.level * 2;
  }
}

export async function types(board: BoardSession): Promise<void> {
  const lamp = protect(new Lamp(), ['on', 'off'], { board });
  // A protected method returns a promise; others are as they were.
  const text: Promise<string> = lamp.on(1);
  const off: Promise<boolean> = lamp.off();
  const twice: number = lamp.twice();
  const level: number = lamp.level;
  void [text, off, twice, level];
  // @ts-expect-error its result is a promise now
  void lamp.on(1).length;
  // @ts-expect-error arguments keep their types
  await lamp.on('bright');
  // @ts-expect-error a field is no method
  protect(new Lamp(), ['level'], { board });
  // @ts-expect-error there is no such method
  protect(new Lamp(), ['dim'], { board });
  // @ts-expect-error transactions need a board
  protect(new Lamp(), ['on'], {});
}
