import type { Silicon } from '../silicon.js';

interface Requests {
  readonly dreq: Readonly<Record<number, boolean>>;
  setDREQ(line: number): void;
  clearDREQ(line: number): void;
}

/** A block asks the DMA for transfers on a line (RP2040 datasheet 2.5.3.1), or asks no longer. */
export function request(silicon: Silicon, line: number, asserted: boolean): void {
  const dma: Requests = silicon.dma;
  if (asserted === (dma.dreq[line] ?? false)) return;
  if (asserted) dma.setDREQ(line);
  else dma.clearDREQ(line);
}
