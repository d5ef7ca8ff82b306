/** Does something again and again, while the page is seen and nobody has asked for quiet. */
export interface Live {
  /** Resolves when nothing is under way any more. */
  pause(): Promise<void>;
  /** At once, and from then on. */
  resume(): void;
}

export function live(everyMs: number, run: () => Promise<void>): Live {
  let timer: number | undefined;
  let running: Promise<void> | undefined;
  let paused = true;
  const next = (): void => {
    // What cannot be read now is read later; why it cannot is told by the state of the board.
    running = (document.hidden ? Promise.resolve() : run().catch(() => {})).finally(() => {
      running = undefined;
      if (!paused) timer = window.setTimeout(next, everyMs);
    });
  };
  return {
    async pause() {
      paused = true;
      clearTimeout(timer);
      await running;
    },
    resume() {
      if (!paused) return;
      paused = false;
      if (!running) next();
    },
  };
}
