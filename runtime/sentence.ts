/** What was thrown, as a sentence that another one can follow. */
export function sentence(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : `something that is not an Error was thrown: ${String(cause)}`;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
