import type { Environment } from './environment.js';

/**
 * What a promise gives; or, where it has not settled after `ms`, what `late` gives or throws. The promise is not
 * cancelled by that: what it does later is its own affair.
 */
export function within<R, L>(environment: Environment, promise: Promise<R>, ms: number, late: () => L): Promise<R | L> {
  return new Promise((resolve, reject) => {
    const cancel = environment.after(ms, () => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    });
    promise.then(resolve, reject).finally(cancel);
  });
}
