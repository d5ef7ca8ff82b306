import type { BoardSession } from '../../runtime/board.js';
import { attach, Driver, entryPoint, peripheral, type Handle, type I2cAddress } from '../../runtime/index.js';
import { at24c32, AT24C32_PAGE, type At24c32Registers } from './definition.js';

/** One operation reads at most so much, so that a few of them fit into the answer to a frame. */
const READ_BYTES = 128;

/**
 * An AT24C32, 4096 bytes that stay without power.
 *
 * Inside a call that both reads and writes, `read` finds what the memory held before the call: writes wait for the commit.
 */
export class At24c32 extends Driver {
  @peripheral accessor memory: Handle<At24c32Registers>;

  constructor(board: BoardSession, at: I2cAddress) {
    super(board);
    this.memory = attach(at24c32(at), board);
  }

  /** `count` bytes from `address` on, 0 to 4095. */
  @entryPoint
  async read(address: number, count: number): Promise<Uint8Array> {
    const { CELLS } = this.memory;
    const parts: Promise<Uint32Array>[] = [];
    for (let done = 0; done < count; done += READ_BYTES)
      parts.push(CELLS.readBlock(address + done, Math.min(READ_BYTES, count - done)));
    return Uint8Array.from((await Promise.all(parts)).flatMap((part) => [...part]));
  }

  /**
   * Writes bytes from `address` on, over as many pages as they take: one write cycle of 10 ms each. All of it happens with the
   * commit, or nothing, unless the bus fails in the middle of the commit: then the error's `rollback.permanent` names where the
   * pages that were written begin. Where the pin WP protects them, cells acknowledge a write and keep what they hold.
   */
  @entryPoint
  async write(address: number, bytes: ArrayLike<number>): Promise<void> {
    const { CELLS } = this.memory;
    const values = Array.from(bytes);
    for (let done = 0; done < values.length;) {
      const room = AT24C32_PAGE - ((address + done) % AT24C32_PAGE);
      await CELLS.writeBlock(address + done, values.slice(done, done + room));
      done += room;
    }
  }
}
