import { execFileSync } from 'node:child_process';

/** What the kernel has warned of, or worse, since it was asked last. */
export function kernelComplaints(): string[] {
  const log = execFileSync('dmesg', ['--read-clear', '--level=emerg,alert,crit,err,warn'], { encoding: 'utf8' });
  return log.split('\n').filter((line) => line !== '');
}
