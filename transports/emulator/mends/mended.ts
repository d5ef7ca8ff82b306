/** One of the two blocks of a kind, which must be the mended one. */
export function mended<B>(kind: new (...made: never[]) => B, blocks: readonly unknown[], index: 0 | 1): B {
  const block = blocks[index];
  if (block instanceof kind) return block;
  throw new TypeError(`${kind.name.toUpperCase()}${index} of this chip is not the mended one.`);
}
