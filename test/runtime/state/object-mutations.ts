/** Arbitrary things that an entry point can do to an object itself rather than to what its fields hold. */
import * as fc from 'fast-check';
import { FIELDS, steps, take, type Fields, type Step } from './mutations.js';
import { applyLock, defineWithFlags, flags, locks, pick } from './recipes.js';

/** An object as other people write them: nothing is declared. */
export class Plain implements Fields {
  a: unknown;
  b: unknown;
  c: unknown;
  d: unknown;
  [later: string | symbol]: unknown;

  constructor([a, b, c, d]: readonly unknown[]) {
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  get twin(): unknown {
    return this.a;
  }
  set twin(value: unknown) {
    this.a = value;
  }
}

const NAMES = [...FIELDS, 'e', '7', 'twin', 'constructor', Symbol('later')] as const;

/** What an entry point does to the object itself rather than to what its fields hold. */
export interface OwnStep {
  readonly own: keyof typeof OWN;
  readonly key: number;
  readonly from: number;
  readonly flags: number;
  readonly lock: Parameters<typeof applyLock>[1];
}

const put = (self: Record<string | symbol, unknown>, key: string | symbol, value: unknown): void => {
  self[key] = value;
};

const OWN = {
  assign: (self: Plain, { key, from }: OwnStep) => {
    put(self, pick(NAMES, key), self[pick(FIELDS, from)]);
  },
  fresh: (self: Plain, { key, from }: OwnStep) => {
    put(self, pick(NAMES, key), { around: self[pick(FIELDS, from)], self });
  },
  delete: (self: Plain, { key }: OwnStep) => Reflect.deleteProperty(self, pick(NAMES, key)),
  define: (self: Plain, { key, from, flags: given }: OwnStep) =>
    defineWithFlags(self, pick(NAMES, key), self[pick(FIELDS, from)], given),
  lock: (self: Plain, { lock }: OwnStep) => applyLock(self, lock),
  look: (self: Plain, { key }: OwnStep) => [pick(NAMES, key) in self, Object.entries(self)],
};

const ownSteps: fc.Arbitrary<OwnStep> = fc.record({
  own: fc.constantFrom(...(Object.keys(OWN) as OwnStep['own'][])),
  key: fc.nat(NAMES.length - 1),
  from: fc.nat(FIELDS.length - 1),
  flags,
  lock: locks,
});
export const mixed: fc.Arbitrary<(OwnStep | Step)[]> = fc
  .tuple(steps, fc.array(ownSteps, { maxLength: 6 }), fc.infiniteStream(fc.boolean()))
  .map(([inner, own, order]) => {
    const queues: [(OwnStep | Step)[], (OwnStep | Step)[]] = [[...inner], [...own]];
    return [...inner, ...own].map(() => {
      const first = order.next().value ? 0 : 1;
      return (queues[first].shift() ?? queues[1 - first]!.shift())!;
    });
  });

export function act(self: Plain, step: OwnStep | Step): void {
  if (!('own' in step)) return take(self, step);
  try {
    OWN[step.own](self, step);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}
