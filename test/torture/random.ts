/** Random numbers from a seed, the same in every run. FGFT_SEED tries others. */
export const SEED = Number(process.env['FGFT_SEED'] ?? 20_130_316);

export interface Random {
  /** A whole number, at least 0 and less than `end`. */
  below(end: number): number;
}

/** xorshift32 (Marsaglia 2003). Every series has its own, so that one can be run without the others. */
export function randomOf(series: string): Random {
  let state = Array.from(series).reduce((sum, char) => (Math.imul(sum, 31) + char.charCodeAt(0)) | 0, SEED) || 1;
  return {
    below(end) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % end;
    },
  };
}
