/** What one kind of torture has come to. */
export interface Outcome {
  readonly name: string;
  readonly trials: number;
  readonly violations: number;
}

/** A kind of torture: runs so many trials, telling of each, and of each violation in words. */
export type Torture = (trials: number, watch: Watch) => Promise<Outcome>;

export interface Watch {
  /** Aborted by Ctrl-C: no further trial begins. */
  readonly signal: AbortSignal;
  trial(done: number): void;
  violation(what: string): void;
}

/** Runs the trials; each says what is wrong, or undefined. */
export async function runTrials(
  name: string,
  trials: number,
  watch: Watch,
  trial: (index: number) => Promise<string | undefined>,
): Promise<Outcome> {
  let violations = 0;
  let done = 0;
  while (done < trials && !watch.signal.aborted) {
    const wrong = await trial(done);
    done++;
    if (wrong !== undefined) {
      violations++;
      watch.violation(`${name}, trial ${done}: ${wrong}`);
    }
    watch.trial(done);
  }
  return { name, trials: done, violations };
}
