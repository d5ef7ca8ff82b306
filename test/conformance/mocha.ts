import type { Path } from './path.js';
import { CHECKS } from './suite.js';

/** Runs the conformance suite over one path, as tests. */
export function conformance(name: string, path: Path & { close(): void | Promise<void> }): void {
  describe(`Conformance: ${name}`, () => {
    after(() => path.close());
    for (const check of CHECKS) if (check.needs?.(path) ?? true) it(check.name, () => check.run(path));
  });
}
