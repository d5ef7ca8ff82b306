import type { SweepRow } from './sweep.js';

const COLUMNS = ['fault', 'trials', 'undone', 'unknown', 'done', 'violations', 'detectors'] as const;

/** The rows as a table for people, what went wrong below it. */
export function tableOf(name: string, rows: readonly SweepRow[]): string {
  const lines: readonly string[][] = [
    [...COLUMNS],
    ...rows.map(({ fault, trials, undone, unknown, done, violations, detectors }) => [
      fault,
      String(trials),
      String(undone),
      String(unknown),
      String(done),
      String(violations.length),
      Object.entries(detectors)
        .map(([code, count]) => `${code} ${count}`)
        .join(', '),
    ]),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const table = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  const violations = rows.flatMap((row) => row.violations);
  const trials = rows.reduce((sum, row) => sum + row.trials, 0);
  const verdict = `${name}: ${trials} faults, ${violations.length === 0 ? 'no call happened by half' : `${violations.length} calls happened by half`}.`;
  return `${[...table, '', ...violations, verdict].join('\n')}\n`;
}
