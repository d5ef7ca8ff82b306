import assert from 'node:assert/strict';
import { commitState, discardState, state, StateError } from '../../../runtime/state/index.js';
import { commit, fail, open } from './entry-point.js';

class Servo {
  @state accessor history: unknown = [];
  @state accessor other: unknown = [];
  @state accessor count = 0;
}

function withHistory(history: unknown): Servo {
  const servo = new Servo();
  servo.history = history;
  return servo;
}

function refuses(action: () => unknown, code: string, path: string, message?: RegExp): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof StateError);
    assert.deepEqual([error.code, error.path], [code, path]);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  });
}

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(4);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

const OBSTACLES: readonly [string, () => object][] = [
  ['a Promise', () => Promise.resolve()],
  ['a WeakMap', () => new WeakMap()],
  ['a WeakSet', () => new WeakSet()],
  ['a WeakRef', () => new WeakRef({})],
  ['a FinalizationRegistry', () => new FinalizationRegistry(() => undefined)],
  ['a generator', () => (function* () {})()],
  ['an async generator', () => (async function* () {})()],
  ['an iterator of an array', () => [1].values()],
  ['an iterator of a Map', () => new Map().entries()],
  ['a number format', () => new Intl.NumberFormat()],
  ['shared memory', () => new SharedArrayBuffer(4)],
  ['a view of shared memory', () => new Uint8Array(new SharedArrayBuffer(4))],
  ['a detached ArrayBuffer', detached],
  ['an instance of a subclass of Promise', () => new (class Later extends Promise<void> {})(() => undefined)],
  ['an object that only claims to be a Map', () => Object.create(Map.prototype) as object],
  ['another driver', () => new Servo()],
  ['the view of another driver', () => open(new Servo()).self],
];

describe('Something of which no exact copy can be made', () => {
  for (const [name, make] of OBSTACLES) {
    it(`is refused on first access: ${name}`, () => {
      const servo = withHistory([{ pending: make() }]);
      fail(servo, (self) => refuses(() => self.history, 'state-not-copyable', 'Servo.history[0].pending'));
    });

    it(`is refused on commit when it was stored: ${name}`, () => {
      const servo = new Servo();
      const { self, view } = open(servo);
      self.count = 1;
      (self.other as unknown[]).push(1);
      self.history = [{ pending: make() }];
      refuses(() => commitState(view), 'state-not-copyable', 'Servo.history[0].pending');
      assert.deepEqual([servo.history, servo.other, servo.count], [[], [], 0]);
    });
  }

  it('is described, and what to do instead', () => {
    const servo = withHistory({ pending: Promise.resolve() });
    fail(servo, (self) =>
      refuses(
        () => self.history,
        'state-not-copyable',
        'Servo.history.pending',
        /^Servo\.history\.pending is an object of the kind Promise, .* Keep it in a field without @state/,
      ),
    );
  });

  it('is found wherever it is', () => {
    const pending = Promise.resolve();
    const key = Symbol('key');
    const places: [string, unknown][] = [
      ['Servo.history', pending],
      ['Servo.history.get("a b")["c d"]', new Map([['a b', { 'c d': pending }]])],
      ['Servo.history.get({…})', new Map([[{}, pending]])],
      ['Servo.history.keys({…})', new Map([[pending, 1]])],
      ['Servo.history.values()[1]', new Set([1, pending])],
      ['Servo.history[Symbol(key)]', { [key]: pending }],
      ['Servo.history.cause', new Error('late', { cause: pending })],
      ['Servo.history.hidden', Object.defineProperty({}, 'hidden', { value: pending })],
    ];
    for (const [path, history] of places) {
      fail(withHistory(history), (self) => refuses(() => self.history, 'state-not-copyable', path));
    }
  });

  it('is found through a field that was not touched, and even in an object that is no longer state', () => {
    const shared = {};
    for (const [other, path] of [
      [{ shared }, 'Servo.other.shared.pending'],
      [undefined, 'Servo.(removed).pending'],
    ] as const) {
      const servo = withHistory([shared]);
      servo.other = other;
      const { self, view } = open(servo);
      const [taken] = self.history as [Record<string, unknown>];
      taken['pending'] = Promise.resolve();
      self.history = [];
      refuses(() => commitState(view), 'state-not-copyable', path);
      assert.deepEqual(servo.history, [shared]);
    }
  });

  it('can be put right before the view is committed after all', () => {
    const servo = new Servo();
    const { self, view } = open(servo);
    self.history = [Promise.resolve()];
    refuses(() => commitState(view), 'state-not-copyable', 'Servo.history[0]');
    assert.equal(view.ended, false);
    self.history = [1];
    commitState(view);
    assert.deepEqual(servo.history, [1]);
  });

  it('leaves no half-made copies behind for the fields that can be copied', () => {
    const shared = { list: [1] };
    const servo = withHistory([shared, Promise.resolve()]);
    servo.other = shared;
    commit(servo, (self) => {
      assert.throws(() => self.history, StateError);
      assert.deepEqual<unknown>(self.other, { list: [1] });
      (self.other as typeof shared).list.push(2);
    });
    assert.deepEqual(shared, { list: [1, 2] });
  });

  it('does not matter in fields that the entry point does not touch', () => {
    const servo = withHistory(Promise.resolve());
    commit(servo, (self) => (self.count = 1));
    assert.equal(servo.count, 1);
  });
});

describe('A method that uses #private fields', () => {
  class Counter {
    #count = 0;
    next(): number {
      return ++this.#count;
    }
  }

  it('fails at once on the copy of its object, instead of changing the live one', () => {
    const servo = withHistory(new Counter());
    fail(servo, (self) => assert.throws(() => (self.history as Counter).next(), TypeError));
    assert.equal((servo.history as Counter).next(), 1);
  });
});

describe('A native call that meanwhile pins down what an entry point is using', () => {
  const changes: [string, object, (live: object) => void, (copy: object) => void][] = [
    ['frozen, then extended', {}, Object.freeze, (copy) => Object.assign(copy, { a: 1 })],
    ['frozen, then changed', { a: 0 }, Object.freeze, (copy) => Object.assign(copy, { a: 1 })],
    ['sealed, then shortened', { a: 0 }, Object.seal, (copy) => Reflect.deleteProperty(copy, 'a')],
    ['frozen array, then appended to', [1], Object.freeze, (copy) => Array.prototype.push.call(copy, 2)],
    ['closed, then given a prototype', {}, Object.preventExtensions, (copy) => Reflect.setPrototypeOf(copy, null)],
  ];
  for (const [name, history, pin, change] of changes) {
    it(`makes the commit fail as a whole: ${name}`, () => {
      const servo = withHistory(history);
      const { self, view } = open(servo);
      self.count = 1;
      change(self.history as object);
      pin(history);
      refuses(
        () => commitState(view),
        'state-conflict',
        'Servo.history',
        /frozen, sealed or detached by a native call/,
      );
      assert.equal(servo.count, 0);
      discardState(view);
    });
  }

  it('makes the commit fail as a whole: a buffer that was transferred away', () => {
    const history = new Uint8Array(4);
    const servo = withHistory(history);
    const { self, view } = open(servo);
    (self.history as Uint8Array)[0] = 1;
    structuredClone(history, { transfer: [history.buffer] });
    refuses(() => commitState(view), 'state-conflict', 'Servo.history.buffer');
  });
});

describe('An entry point that transfers a buffer of its state away', () => {
  it('cannot be committed', () => {
    const servo = withHistory(new Uint8Array(4));
    const { self, view } = open(servo);
    const bytes = self.history as Uint8Array<ArrayBuffer>;
    structuredClone(bytes, { transfer: [bytes.buffer] });
    refuses(() => commitState(view), 'state-not-copyable', 'Servo.history.buffer');
    assert.equal((servo.history as Uint8Array).length, 4);
  });
});
