/** COBS as its paper says it, with joins and splits: slow, plain, and apart from the code under test. */
export function stuffed(packet: readonly number[]): number[] {
  const pieces: number[][] = [[]];
  for (const byte of packet) {
    if (byte === 0) pieces.push([]);
    else pieces.at(-1)!.push(byte);
  }
  const line = pieces.flatMap((piece) => {
    const runs: number[][] = [];
    for (let at = 0; at < piece.length; at += 254) runs.push(piece.slice(at, at + 254));
    if (runs.length === 0 || runs.at(-1)!.length === 254) runs.push([]);
    return runs.flatMap((run) => [run.length + 1, ...run]);
  });
  // Behind a full run at the very end nothing is left to say.
  const isFull = pieces.at(-1)!.length > 0 && pieces.at(-1)!.length % 254 === 0;
  return [...(isFull ? line.slice(0, -1) : line), 0];
}
