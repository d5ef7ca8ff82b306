import { fork, type ChildProcess } from 'node:child_process';
import type { Command } from './uno-process.js';

/** An emulated Uno on a serial port of this computer, and what one can do to it. */
export class UnoOnPty {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #waiting: { resolve: (result: string | number) => void; reject: (error: Error) => void }[] = [];
  #path: string | undefined;

  constructor() {
    this.#child = fork(new URL('./uno-process.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
    this.#child.on('message', (result: string | number) => this.#waiting.shift()!.resolve(result));
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        for (const { reject } of this.#waiting.splice(0)) reject(new Error(`the Uno has ended: ${code ?? signal}`));
        resolve();
      });
    });
  }

  /** Resolves with the path of its port. */
  async plug(): Promise<string> {
    return (this.#path ??= (await this.#do({ do: 'plug' })) as string);
  }

  async unplug(): Promise<void> {
    if (this.#path === undefined) return;
    await this.#do({ do: 'unplug' });
    this.#path = undefined;
  }

  /** A byte of data space, past the firmware. */
  async read(address: number): Promise<number> {
    return (await this.#do({ do: 'read', address })) as number;
  }

  async close(): Promise<void> {
    await this.unplug();
    this.#child.disconnect();
    await this.#ended;
  }

  /** Answers come in the order of the commands. */
  #do(command: Command): Promise<string | number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.send(command, (error) => error && reject(error));
    });
  }
}
