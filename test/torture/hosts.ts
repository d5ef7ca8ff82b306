/** Host processes by the hundred: compiled once, and started ahead of time, so that a kill costs no waiting. */
import { execFile, fork, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Said } from './host.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Inside the package, so that what is compiled finds the packages that it imports. */
const CACHE = join(ROOT, 'node_modules', '.cache');
const SPARES = 2;

export interface Hosts {
  /** A process that waits to be started. */
  take(): Promise<ChildProcess>;
  close(): Promise<void>;
}

export async function startHosts(): Promise<Hosts> {
  await mkdir(CACHE, { recursive: true });
  const compiled = await mkdtemp(join(CACHE, 'torture-'));
  const alive = new Set<ChildProcess>();
  const spares: Promise<ChildProcess>[] = [];
  try {
    const compiler = join(ROOT, 'node_modules', '.bin', 'tsc');
    await promisify(execFile)(compiler, ['-p', join(ROOT, 'test/torture'), '--outDir', compiled]);
  } catch (error) {
    await rm(compiled, { recursive: true });
    throw error;
  }

  const spawn = (): Promise<ChildProcess> =>
    new Promise((resolve, reject) => {
      // Bytes cross the channel; no hooks of tsx are inherited; and Ctrl-C does not reach it, so that it ends in order.
      const child = fork(join(compiled, 'test/torture/host.js'), {
        serialization: 'advanced',
        execArgv: [],
        detached: true,
      });
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
    async close() {
      for (const child of alive) child.kill('SIGKILL');
      await rm(compiled, { recursive: true });
    },
  };
}
