import { Driver, entryPoint } from '../../runtime/index.js';

/** What a board shows of itself: two registers, in two peripherals. */
export type Pair = readonly [first: number, second: number];

/**
 * A driver of the least that the conformance suite needs. A board's own subclass says which registers these are; each of
 * them holds any value from 0 to 255.
 */
export abstract class Probe extends Driver {
  /** Reads both registers. */
  protected abstract get(): Promise<Pair>;
  protected abstract setFirst(value: number): Promise<void>;
  protected abstract setSecond(value: number): Promise<void>;
  /** Waits on the controller for something that does not come. */
  protected abstract never(): Promise<void>;

  /** Unprotected. */
  async look(): Promise<Pair> {
    return this.get();
  }

  /** Unprotected. */
  async put([first, second]: Pair): Promise<void> {
    await this.setFirst(first);
    await this.setSecond(second);
  }

  @entryPoint
  async read(): Promise<Pair> {
    return this.get();
  }

  @entryPoint
  async write([first, second]: Pair): Promise<void> {
    await this.setFirst(first);
    await this.setSecond(second);
  }

  /** Reads, and writes one more: run twice, it would show. */
  @entryPoint
  async count(): Promise<void> {
    const [first, second] = await this.get();
    await this.setFirst(first + 1);
    await this.setSecond(second + 1);
  }

  @entryPoint
  async throwHalfWay([first]: Pair, error: Error): Promise<void> {
    await this.setFirst(first);
    await this.get();
    throw error;
  }

  @entryPoint
  async failOnBoard([first, second]: Pair): Promise<void> {
    await this.setFirst(first);
    await this.setSecond(second);
    await this.never();
  }

  /** Stays inside the call, with both registers changed, until `end` is settled. */
  @entryPoint
  async hold([first, second]: Pair, changed: () => void, end: Promise<void>): Promise<void> {
    await this.setFirst(first);
    await this.setSecond(second);
    await this.get();
    changed();
    await end;
  }
}
