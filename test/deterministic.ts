/** Property-based tests try the same cases in every run. FGFT_SEED tries others: a number, printed with a failure. */
import fc from 'fast-check';

const ASPLOS_2013 = 20_130_316;

fc.configureGlobal({ seed: Number(process.env['FGFT_SEED'] ?? ASPLOS_2013) });
