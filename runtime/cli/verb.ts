/** Where a verb writes, and what tells it to stop. */
export interface Console {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly signal: AbortSignal;
}

/** One verb of the command line. */
export interface Verb {
  /** A few words for the list of verbs. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** Does it, or throws; `CliError` with `usage` where the arguments are wrong. */
  readonly run: (args: readonly string[], console: Console) => Promise<void>;
}
