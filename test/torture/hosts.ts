/** Host processes by the hundred: compiled once, and started ahead of time, so that a kill costs no waiting. */
import { fork, type ChildProcess } from 'node:child_process';
import { compiled } from '../compiled.js';
import type { Said } from './host.js';

const SPARES = 2;

export interface Hosts {
  /** A process that waits to be started. */
  take(): Promise<ChildProcess>;
  close(): void;
}

export function startHosts(): Hosts {
  const program = compiled('test/torture/host.ts');
  const alive = new Set<ChildProcess>();
  const spares: Promise<ChildProcess>[] = [];

  const spawn = (): Promise<ChildProcess> =>
    new Promise((resolve, reject) => {
      // Bytes cross the channel; no hooks of tsx are inherited; and Ctrl-C does not reach it, so that it ends in order.
      const child = fork(program, { serialization: 'advanced', execArgv: [], detached: true });
      alive.add(child);
      child.once('exit', (code) => {
        alive.delete(child);
        reject(new Error(`A host ended with ${code} before it was started.`));
      });
      child.once('error', reject);
      child.once('message', (said: Said) => {
        if (said === 'waiting') resolve(child);
      });
    });
  const refill = (): void => {
    while (spares.length < SPARES) {
      const spare = spawn();
      spare.catch(() => {});
      spares.push(spare);
    }
  };

  refill();
  return {
    take() {
      const next = spares.shift()!;
      refill();
      return next;
    },
    close() {
      for (const child of alive) child.kill('SIGKILL');
    },
  };
}
