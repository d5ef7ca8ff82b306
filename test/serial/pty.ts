import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('./pty.c', import.meta.url));
const FLAGS = ['-std=c11', '-D_DEFAULT_SOURCE', '-O2', '-Wall', '-Wextra', '-Wconversion', '-Werror'];
const NEWLINE = 0x0a;

/** A serial port that programs open by its path, and what is at the other end of its wires. */
export interface Pty {
  readonly path: string;
  write(bytes: Uint8Array): void;
  /** Hangs up: who has the port open notices. */
  close(): Promise<void>;
}

/** Where pty.c is compiled to; gone when this process ends. */
let program: string | undefined;

function compile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fgft-pty-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const output = join(folder, 'pty');
  execFileSync('gcc', [...FLAGS, SOURCE, '-o', output, '-lutil'], { stdio: 'inherit' });
  return output;
}

/** Opens a pair of pseudo-terminals; `onBytes` is told what programs write. */
export async function openPty(onBytes: (bytes: Uint8Array) => void): Promise<Pty> {
  program ??= compile();
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => {});
  let greeting = Buffer.alloc(0);
  const path = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`pty has ended: ${code ?? signal}`)));
    child.stdout.on('data', function greet(bytes: Buffer) {
      greeting = Buffer.concat([greeting, bytes]);
      const end = greeting.indexOf(NEWLINE);
      if (end < 0) return;
      child.stdout.off('data', greet);
      child.stdout.on('data', onBytes);
      resolve(greeting.toString('utf8', 0, end));
    });
  });
  return {
    path,
    write: (bytes) => void child.stdin.write(bytes),
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
