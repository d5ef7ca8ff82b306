/** One number of the benchmark. A target is a bound: at most this. Without one the number is for information. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: number | null;
  readonly ok: boolean;
}

export const row = (name: string, value: number, unit: string, target: number | null = null): Row => ({
  name,
  value: Number(value.toPrecision(6)),
  unit,
  target,
  ok: target === null || value <= target,
});

export function printTable(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, value, unit, target, ok } of rows) {
    const bound = target === null ? '' : `  at most ${target}  ${ok ? 'ok' : 'MISSED'}`;
    console.log(`${name.padEnd(width)}  ${String(value).padStart(10)} ${unit.padEnd(12)}${bound}`);
  }
}
