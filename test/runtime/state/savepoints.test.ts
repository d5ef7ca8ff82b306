import assert from 'node:assert/strict';
import {
  commitState,
  discardState,
  openSavepoint,
  releaseSavepoint,
  revertSavepoint,
  state,
  STATE_VIEW,
  StateError,
  touchedFields,
} from '../../../runtime/state/index.js';
import type { StateSavepoint, StateView } from '../../../runtime/state/index.js';
import { objectSessionOf, open } from './entry-point.js';

class Sensor {
  @state accessor gain = 1;
  @state accessor samples: number[] = [1, 2];
  @state accessor table: unknown = new Map([['a', { level: 1 }]]);
  @state accessor extra: unknown = undefined;
}

/** `this` of an entry point that is called on `self`, and its savepoint. */
function call<D extends object>(self: D): { self: D; savepoint: StateSavepoint } {
  const savepoint = openSavepoint((self as D & { [STATE_VIEW]: StateView })[STATE_VIEW]);
  return { self: Object.create(self, { [STATE_VIEW]: { value: savepoint } }) as D, savepoint };
}

function refuses(action: () => unknown, code: string, path: string, message?: RegExp): StateError {
  let refusal: unknown;
  try {
    action();
  } catch (error) {
    refusal = error;
  }
  assert.ok(refusal instanceof StateError, 'nothing was refused');
  assert.deepEqual([refusal.code, refusal.path], [code, path]);
  if (message !== undefined) assert.match(refusal.message, message);
  return refusal;
}

describe('A nested entry point that fails', () => {
  it('leaves its caller what the caller had made of the state, in the objects that the caller holds', () => {
    const sensor = new Sensor();
    const { self, view } = open(sensor);
    const { samples } = self;
    samples.push(3);
    self.gain = 2;
    const fresh = { bytes: Uint8Array.of(1, 2), at: new Date(5) };
    self.extra = fresh;

    const nested = call(self);
    nested.self.samples.reverse();
    nested.self.samples = [];
    nested.self.gain = 7;
    fresh.bytes.fill(9);
    fresh.at.setTime(0);
    nested.self.extra = undefined;
    revertSavepoint(nested.savepoint);

    assert.deepEqual([self.samples, self.gain], [[1, 2, 3], 2]);
    assert.deepEqual([...fresh.bytes, fresh.at.getTime()], [1, 2, 5]);
    assert.ok(self.samples === samples && self.extra === fresh);
    commitState(view);
    assert.deepEqual([sensor.samples, sensor.gain, sensor.extra === fresh], [[1, 2, 3], 2, true]);
  });

  it('leaves fields untouched that it was the first to touch', () => {
    const sensor = new Sensor();
    const { self, view } = open(sensor);
    self.gain = 2;
    const nested = call(self);
    (nested.self.table as Map<string, unknown>).clear();
    nested.self.samples = [];
    revertSavepoint(nested.savepoint);
    assert.deepEqual(touchedFields(view), ['gain']);
    sensor.samples.push(3);
    assert.deepEqual(self.samples, [1, 2, 3]);
  });

  it('is forgotten as a whole when the caller had touched nothing', () => {
    const sensor = new Sensor();
    const { self, view } = open(sensor);
    const nested = call(self);
    nested.self.samples.push(3);
    nested.self.extra = { owner: nested.self };
    revertSavepoint(nested.savepoint);
    assert.deepEqual(touchedFields(view), []);
    commitState(view);
    assert.deepEqual([sensor.samples, sensor.extra], [[1, 2], undefined]);
  });

  it('takes the calls with it that it had made itself, even those that succeeded', () => {
    const { self } = open(new Sensor());
    self.samples.push(3);
    const outer = call(self);
    outer.self.samples.push(4);
    for (const end of [releaseSavepoint, revertSavepoint]) {
      const inner = call(outer.self);
      inner.self.samples.push(5);
      end(inner.savepoint);
    }
    assert.deepEqual(self.samples, [1, 2, 3, 4, 5]);
    revertSavepoint(outer.savepoint);
    assert.deepEqual(self.samples, [1, 2, 3]);
  });

  it('does not touch objects that are no state, though it got them as arguments', () => {
    const { self } = open(new Sensor());
    const log: string[] = [];
    self.gain = 2;
    const nested = call(self);
    log.push('tried');
    revertSavepoint(nested.savepoint);
    assert.deepEqual(log, ['tried']);
  });

  it('does not touch bytes of strangers beside those of the state', () => {
    const pool = new Uint8Array(8);
    const { self } = open(new Sensor());
    self.extra = pool.subarray(2, 4);
    const nested = call(self);
    pool.fill(1);
    revertSavepoint(nested.savepoint);
    assert.deepEqual([...pool], [1, 1, 0, 0, 1, 1, 1, 1]);
  });

  it('does not touch live objects, even if the caller has put one into the state', () => {
    const sensor = new Sensor();
    const { self } = open(sensor);
    assert.deepEqual(self.samples, [1, 2]);
    self.extra = { live: sensor.samples };
    const nested = call(self);
    sensor.samples.push(3);
    revertSavepoint(nested.savepoint);
    assert.deepEqual(
      [self.samples, sensor.samples],
      [
        [1, 2],
        [1, 2, 3],
      ],
    );
  });

  it('does nothing to the state when the whole call has ended before', () => {
    const sensor = new Sensor();
    const { self, view } = open(sensor);
    self.samples.push(3);
    const { savepoint } = call(self);
    commitState(view);
    revertSavepoint(savepoint);
    assert.deepEqual(sensor.samples, [1, 2, 3]);
  });
});

describe('A nested entry point that succeeds', () => {
  it('leaves its caller what it has made of the state, which can still be rolled back as a whole', () => {
    for (const end of [commitState, discardState]) {
      const sensor = new Sensor();
      const { self, view } = open(sensor);
      const nested = call(self);
      nested.self.samples.push(3);
      releaseSavepoint(nested.savepoint);
      assert.deepEqual(self.samples, [1, 2, 3]);
      end(view);
      assert.deepEqual(sensor.samples, end === commitState ? [1, 2, 3] : [1, 2]);
    }
  });
});

describe('The `this` of a nested entry point', () => {
  it('is refused the state once this entry point has ended, though its caller goes on', () => {
    for (const end of [releaseSavepoint, revertSavepoint]) {
      const { self } = open(new Sensor());
      const outer = call(self);
      const inner = call(outer.self);
      end(inner.savepoint);
      refuses(() => inner.self.gain, 'stray-state-access', 'Sensor.gain');
      refuses(() => (inner.self.gain = 2), 'stray-state-access', 'Sensor.gain');
      outer.self.gain = 3;
      end(outer.savepoint);
      refuses(() => outer.self.gain, 'stray-state-access', 'Sensor.gain');
      assert.equal(self.gain, end === releaseSavepoint ? 3 : 1);
    }
  });

  it('is refused the state once the entry point that had called it has ended', () => {
    const { self } = open(new Sensor());
    const outer = call(self);
    const inner = call(outer.self);
    releaseSavepoint(outer.savepoint);
    refuses(() => inner.self.gain, 'stray-state-access', 'Sensor.gain');
  });

  it('is the driver when it is in the state at the commit', () => {
    const sensor = new Sensor();
    const { self, view } = open(sensor);
    const first = call(self);
    first.self.extra = { owner: first.self, list: [first.self] };
    releaseSavepoint(first.savepoint);
    const second = call(self);
    second.self.extra = undefined;
    revertSavepoint(second.savepoint);
    commitState(view);
    const { owner, list } = sensor.extra as { owner: unknown; list: unknown[] };
    assert.ok(owner === sensor && list[0] === sensor);
  });

  it('is not what state that refers to the driver shows: that is the `this` of the outermost entry point', () => {
    const sensor = new Sensor();
    sensor.extra = { owner: sensor };
    const { self } = open(sensor);
    const nested = call(self);
    assert.equal((nested.self.extra as { owner: unknown }).owner, self);
  });
});

describe('A savepoint', () => {
  it('does not look at fields that nobody has touched', () => {
    const sensor = new Sensor();
    sensor.extra = new Proxy([], { getPrototypeOf: () => assert.fail('inspected') });
    const { self, view } = open(sensor);
    self.samples.push(3);
    revertSavepoint(call(self).savepoint);
    commitState(view);
    assert.deepEqual(sensor.samples, [1, 2, 3]);
  });

  it('cannot be opened while the state holds something of which no exact copy can be made', () => {
    const sensor = new Sensor();
    const { self, view } = open(sensor);
    self.extra = [{ pending: Promise.resolve() }];
    refuses(() => openSavepoint(view), 'state-not-copyable', 'Sensor.extra[0].pending');
    self.extra = 1;
    releaseSavepoint(openSavepoint(view));
    commitState(view);
    assert.equal(sensor.extra, 1);
  });

  it('cannot be opened when the entry point has ended', () => {
    const { self, view } = open(new Sensor());
    const { savepoint } = call(self);
    commitState(view);
    refuses(() => openSavepoint(view), 'stray-state-access', 'Sensor', /called by work that another one had left/);
    refuses(() => openSavepoint(savepoint), 'stray-state-access', 'Sensor');
  });

  it('cannot be opened by a nested entry point that has ended', () => {
    const { self } = open(new Sensor());
    const { savepoint } = call(self);
    releaseSavepoint(savepoint);
    refuses(() => openSavepoint(savepoint), 'stray-state-access', 'Sensor');
  });
});

describe('What a failed nested entry point has pinned down', () => {
  type Case = [name: string, value: () => object, pin: (value: never) => unknown, path?: string];
  const cases: Case[] = [
    ['an object that it froze', () => ({ a: 1 }), Object.freeze],
    ['an object that it only closed', () => ({}), Object.preventExtensions],
    ['a Map that it sealed', () => new Map(), Object.seal],
    ['an array that it froze', () => [1, 2], Object.freeze],
    ['a constant property', () => ({}), (value) => Object.defineProperty(value, 'a', { value: 1 })],
    ['an object from which it removed what cannot be added', () => Object.preventExtensions({ a: 1 }), remove],
    [
      'an object that got a property out of order for good',
      () => Object.defineProperty({ a: 1 }, 'b', { value: 2 }),
      remove,
    ],
    [
      'a buffer that it transferred away',
      () => new Uint8Array(2),
      (bytes: Uint8Array<ArrayBuffer>) => structuredClone(bytes, { transfer: [bytes.buffer] }),
      'Sensor.extra[0].buffer',
    ],
  ];
  function remove(value: object): void {
    Reflect.deleteProperty(value, 'a');
  }

  for (const [name, value, pin, path = 'Sensor.extra[0]'] of cases) {
    it(`cannot be undone, so that the whole call fails: ${name}`, () => {
      const sensor = new Sensor();
      const { self, view } = open(sensor);
      const pinned = value();
      self.extra = [pinned];
      self.gain = 2;
      const nested = call(self);
      nested.self.gain = 3;
      pin(pinned as never);
      const refusal = refuses(() => revertSavepoint(nested.savepoint), 'state-not-revertible', path, /as a whole/);
      assert.equal(self.gain, 3, 'half of it was undone');
      assert.throws(() => commitState(view), refusal);
      assert.throws(() => openSavepoint(view), refusal);
      discardState(view);
      assert.deepEqual([sensor.gain, sensor.extra], [1, undefined]);
    });
  }

  it('is named by the place where it was, even if it is no longer state', () => {
    const { self } = open(new Sensor());
    const { samples } = self;
    self.samples = [];
    const nested = call(self);
    Object.freeze(samples);
    refuses(() => revertSavepoint(nested.savepoint), 'state-not-revertible', 'Sensor.(removed)');
  });

  it('is no matter when it was not yet there for the entry point around it, which can be undone', () => {
    const sensor = new Sensor();
    const { self, view } = open(sensor);
    self.samples.push(3);
    const outer = call(self);
    const fresh = { level: 1 };
    outer.self.extra = fresh;
    const inner = call(outer.self);
    Object.freeze(fresh);
    refuses(() => revertSavepoint(inner.savepoint), 'state-not-revertible', 'Sensor.extra');
    revertSavepoint(outer.savepoint);
    commitState(view);
    assert.deepEqual([sensor.samples, sensor.extra], [[1, 2, 3], undefined]);
  });

  it('may have been frozen before: that changes nothing', () => {
    const { self } = open(new Sensor());
    const frozen = Object.freeze([Object.freeze({ level: 1 })]);
    self.extra = frozen;
    const nested = call(self);
    nested.self.extra = 1;
    revertSavepoint(nested.savepoint);
    assert.equal(self.extra, frozen);
  });
});

describe('Nested entry points that run at the same time', () => {
  function two() {
    const sensor = new Sensor();
    const { self, view } = open(sensor);
    self.samples.push(3);
    const first = call(self);
    first.self.samples.push(4);
    const second = call(self);
    second.self.samples.push(5);
    const savepoints = [first.savepoint, second.savepoint] as const;
    return { sensor, view, self, second: second.self, savepoints };
  }

  it('may all succeed', () => {
    const { sensor, view, second, savepoints } = two();
    releaseSavepoint(savepoints[0]);
    second.samples.push(6);
    releaseSavepoint(savepoints[1]);
    commitState(view);
    assert.deepEqual(sensor.samples, [1, 2, 3, 4, 5, 6]);
  });

  for (const [name, ends] of [
    ['the first one fails before the second one has ended', [revertSavepoint]],
    ['the second one fails after the first one has ended', [releaseSavepoint, revertSavepoint]],
  ] as const) {
    it(`cannot be told apart, so that the whole call fails: ${name}`, () => {
      const { sensor, view, self, savepoints } = two();
      const refused = ends.map((end, at) => (): void => end(savepoints[at]!));
      const last = refused.pop()!;
      for (const end of refused) end();
      const refusal = refuses(last, 'state-not-revertible', 'Sensor', /Await one call before the next/);
      assert.deepEqual(self.samples, [1, 2, 3, 4, 5]);
      assert.throws(() => commitState(view), refusal);
      discardState(view);
      assert.deepEqual(sensor.samples, [1, 2]);
    });
  }
});

describe('A nested entry point of an object that declares nothing, when it fails', () => {
  type Loose = Record<string, unknown>;

  it('leaves the fields as they were: those that it added, changed, deleted, and their order', () => {
    const list = [1];
    const object: Loose = { first: 1, list, last: 3 };
    const { self, openSavepoint: enter, prepare } = objectSessionOf(object);
    self['own'] = 4;
    const { savepoint } = enter();
    delete self['first'];
    self['first'] = 2;
    (self['list'] as number[]).push(2);
    delete self['list'];
    self['own'] = 5;
    self['more'] = 6;
    Object.defineProperty(self, 'last', { get: () => 7, configurable: true, enumerable: false });
    revertSavepoint(savepoint);
    assert.deepEqual(Object.entries(self), [
      ['first', 1],
      ['list', [1]],
      ['last', 3],
      ['own', 4],
    ]);
    prepare()();
    assert.deepEqual(Object.keys(object), ['first', 'list', 'last', 'own']);
    assert.ok(object['list'] === list && list.length === 1);
  });

  it('leaves fields untouched that it was the first to touch', () => {
    const object = { list: [1] };
    const { self, openSavepoint: enter } = objectSessionOf(object);
    const { savepoint } = enter();
    self.list.push(2);
    revertSavepoint(savepoint);
    object.list.push(3);
    assert.deepEqual(self.list, [1, 3]);
  });

  it('does not look at live objects that nobody has touched, even if the caller has put one elsewhere', () => {
    const untouchable = new Proxy([], { getPrototypeOf: () => assert.fail('inspected') });
    const object: Loose = { list: untouchable };
    const { self, openSavepoint: enter, prepare } = objectSessionOf(object);
    self['other'] = { list: untouchable };
    revertSavepoint(enter().savepoint);
    prepare()();
    assert.ok((object['other'] as Loose)['list'] === untouchable);
  });

  it('leaves the call its own versions of ports and the like, and does not look into them', () => {
    const inspected = { getPrototypeOf: () => assert.fail('inspected') };
    const port = new Proxy({}, inspected);
    const version = new Proxy({}, inspected);
    const object: Loose = { port };
    const { self, openSavepoint: enter, prepare } = objectSessionOf(object, [], new Map([[port, version]]));
    self['list'] = [self['port'], self];
    const { savepoint } = enter();
    (self['list'] as unknown[]).length = 0;
    self['port'] = undefined;
    revertSavepoint(savepoint);
    const list = self['list'] as unknown[];
    assert.ok(self['port'] === version && list[0] === version && list[1] === self);
    prepare()();
    const kept = object['list'] as unknown[];
    assert.ok(object['port'] === port && kept[0] === port && kept[1] === object);
  });

  it('leaves shared fields as it has made them', () => {
    const object: Loose = { before: 1, bus: { writes: 0 }, after: 2 };
    const { self, openSavepoint: enter, prepare } = objectSessionOf(object, ['bus', 'late']);
    const { savepoint } = enter();
    (self['bus'] as { writes: number }).writes++;
    self['late'] = true;
    self['after'] = 3;
    revertSavepoint(savepoint);
    assert.deepEqual([self['bus'], self['late'], self['after']], [{ writes: 1 }, true, 2]);
    prepare()();
    assert.deepEqual(object, { before: 1, bus: { writes: 1 }, after: 2, late: true });
  });

  it('fails the whole call when it has frozen the object', () => {
    const object: Loose = { a: 1 };
    const { self, openSavepoint: enter, prepare, discard } = objectSessionOf(object);
    const { savepoint } = enter();
    Object.freeze(self);
    const refusal = refuses(() => revertSavepoint(savepoint), 'state-not-revertible', 'Bench');
    assert.throws(prepare, refusal);
    discard();
    assert.ok(!Object.isFrozen(object));
  });

  it('does nothing when the whole call has ended before', () => {
    const object = { list: [1] };
    const { self, openSavepoint: enter, prepare } = objectSessionOf(object);
    const { savepoint } = enter();
    self.list.push(2);
    prepare()();
    revertSavepoint(savepoint);
    assert.deepEqual(object.list, [1, 2]);
    refuses(enter, 'stray-state-access', 'Bench');
  });
});
