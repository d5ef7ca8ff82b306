/** Starts `host.ts`, and listens to it. */
import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { Said, Work } from './host.js';
import type { LinkName } from './links.js';
import { LEASE_MS } from './sessions.js';

/** One file, because starting a process from many takes seconds here. It is written into the kernel's memory. */
const HOST = fileURLToPath(new URL('./host.bundle.mjs', import.meta.url));
buildSync({
  entryPoints: [fileURLToPath(new URL('./host.ts', import.meta.url))],
  outfile: HOST,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'es2022',
  external: ['usb', 'usb2', '@serialport/*'],
});

export const startHost = (
  link: LinkName,
  work: Work,
  { leaseMs = LEASE_MS, ...options }: ForkOptions & { leaseMs?: number } = {},
): ChildProcess => fork(HOST, [link, String(leaseMs), work], options);

/** Rejects when the process ends before it has said anything. */
export const nextSaid = (host: ChildProcess): Promise<Said> =>
  new Promise((resolve, reject) => {
    host.once('message', (said) => resolve(said as Said));
    host.once('exit', (code, signal) => reject(new Error(`the host has ended: ${code ?? signal}`)));
  });

/** The exit status, or the signal, of a process that is about to end; all that it has said has been heard by then. */
export async function endOf(host: ChildProcess): Promise<number | string> {
  const [end] = await Promise.all([
    new Promise<number | string>((resolve) => host.once('exit', (code, signal) => resolve(code ?? signal!))),
    new Promise<void>((resolve) => host.once('disconnect', resolve)),
  ]);
  return end;
}
