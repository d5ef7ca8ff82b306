/** The command line, running: what it says, and what it waits for. */
import { main } from '../../../runtime/cli/main.js';

export interface Running {
  readonly code: Promise<number>;
  readonly said: { out: string; err: string };
  interrupt(): void;
  /** Resolves when the output matches. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

export function fgft(...args: string[]): Running {
  const said = { out: '', err: '' };
  const interrupt = new AbortController();
  const waiting = new Set<() => void>();
  const hear = (stream: 'out' | 'err') => (text: string) => {
    said[stream] += text;
    for (const look of waiting) look();
  };
  const code = main(args, { out: hear('out'), err: hear('err'), signal: interrupt.signal });
  return {
    code,
    said,
    interrupt: () => interrupt.abort(),
    until: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = pattern.exec(said.out);
          if (found === null) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
