import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { PowerWhenUnplugged } from '../../transports/emulator/index.js';
import type { Command } from './board-process.js';
import { boardsOfKernel } from './sysfs.js';

const SERIAL_PORT = '/dev/ttyACM0';
const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 20;

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += LOOK_EVERY_MS) {
    if (waited > PATIENCE_MS) throw new Error(`${what} did not happen within ${PATIENCE_MS} ms`);
    await later(LOOK_EVERY_MS);
  }
}

/** The name of the board on the bus of the kernel that this runs on, such as `2-1`. */
export const sysfsNameOf = (): string | undefined => boardsOfKernel()[0]?.name;

/** An emulated board on the bus of the kernel, and what one can do to it. */
export class KernelBoard {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #waiting: { resolve: (result: number) => void; reject: (error: Error) => void }[] = [];
  #isPlugged = false;

  constructor() {
    this.#child = fork(new URL('./board-process.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
    this.#child.on('message', (result: number) => this.#waiting.shift()!.resolve(result));
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        for (const { reject } of this.#waiting.splice(0)) reject(new Error(`the board has ended: ${code ?? signal}`));
        resolve();
      });
    });
  }

  async plug(): Promise<void> {
    if (this.#isPlugged) return;
    await this.#do({ do: 'plug' });
    await this.isThere();
    this.#isPlugged = true;
  }

  /** Resolves when the kernel has found the board, and its serial port. */
  isThere(): Promise<void> {
    return until('The kernel finding the board', () => sysfsNameOf() !== undefined && existsSync(SERIAL_PORT));
  }

  hasGone(): Promise<void> {
    return until('The kernel noticing that the board has gone', () => sysfsNameOf() === undefined);
  }

  /** The board keeps its power if nothing else is said. */
  async unplug(power: PowerWhenUnplugged = 'kept'): Promise<void> {
    if (!this.#isPlugged) return;
    await this.#do({ do: 'unplug', power });
    await this.hasGone();
    this.#isPlugged = false;
  }

  /** A word of the chip, past the firmware. */
  read(address: number): Promise<number> {
    return this.#do({ do: 'read', address });
  }

  async close(): Promise<void> {
    await this.unplug();
    this.#child.disconnect();
    await this.#ended;
  }

  /** Answers come in the order of the commands. */
  #do(command: Command): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.send(command, (error) => error && reject(error));
    });
  }
}
