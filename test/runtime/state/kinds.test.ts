import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { state } from '../../../runtime/state/index.js';
import { commit, fail } from './entry-point.js';
import { fingerprint } from './fingerprint.js';

class Driver {
  @state accessor value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** Changes `value` in an entry point that fails and in one that succeeds. */
function changed<T>(value: T, change: (copy: T) => void): { untouched: boolean; driver: Driver } {
  const driver = new Driver(value);
  const before = fingerprint([value]);
  fail(driver, (self) => {
    assert.deepEqual(fingerprint([self.value]), before);
    change(self.value as T);
  });
  const untouched = JSON.stringify(fingerprint([value])) === JSON.stringify(before);
  commit(driver, (self) => change(self.value as T));
  return { untouched, driver };
}

function isExactFor<T>(value: T, change: (copy: T) => void, check: (live: T) => void): void {
  const { untouched, driver } = changed(value, change);
  assert.ok(untouched, 'the live value changed although the entry point had failed');
  assert.equal(driver.value, value, 'the live value lost its identity');
  check(value);
}

describe('State of every kind is rolled back exactly and committed in place', () => {
  it('a Map, in the order of its insertions', () => {
    isExactFor(
      new Map<string, object>([
        ['a', { n: 1 }],
        ['b', { n: 2 }],
      ]),
      (map) => {
        const first = map.get('a')!;
        map.delete('a');
        map.set('a', first);
      },
      (map) => assert.deepEqual([...map.keys()], ['b', 'a']),
    );
  });

  it('a Map with an object as key, which the outside can still look up', () => {
    const key = { pin: 1 };
    isExactFor(
      new Map([[key, 'low']]),
      (map) => {
        for (const pin of map.keys()) map.set(pin, 'high');
      },
      (map) => assert.equal(map.get(key), 'high'),
    );
  });

  it('a Set', () => {
    const member = {};
    isExactFor(
      new Set<unknown>([member, 1]),
      (set) => set.add(2),
      (set) => assert.deepEqual([set.has(member), ...set].slice(2), [1, 2]),
    );
  });

  it('a Date', () => {
    isExactFor(
      new Date(0),
      (date) => date.setTime(5),
      (date) => assert.equal(date.getTime(), 5),
    );
  });

  it('a regular expression in the middle of a search', () => {
    isExactFor(
      /a/g,
      (pattern) => pattern.test('aa'),
      (pattern) => assert.equal(pattern.lastIndex, 1),
    );
  });

  it('an error with its cause and its stack', () => {
    const cause = { attempts: 1 };
    const error = new RangeError('too far', { cause });
    const { stack } = error;
    isExactFor(
      error,
      (copy) => {
        assert.ok(copy instanceof RangeError);
        assert.equal(copy.stack, stack);
        (copy.cause as typeof cause).attempts++;
      },
      (live) => assert.deepEqual([live.stack, cause.attempts], [stack, 2]),
    );
  });

  it('an error whose stack was removed', () => {
    const error = new Error('quiet');
    delete error.stack;
    isExactFor(
      error,
      (copy) => (copy.message = 'loud'),
      (live) => assert.deepEqual([live.message, Object.hasOwn(live, 'stack')], ['loud', false]),
    );
  });

  it('the reason of an AbortSignal', () => {
    const { reason } = AbortSignal.abort() as { reason: DOMException };
    isExactFor(
      reason,
      (copy) => Object.assign(copy, { attempts: copy.name.length }),
      (live) => assert.deepEqual([live.name, Reflect.get(live, 'attempts')], ['AbortError', 10]),
    );
  });

  it('a RegExp that gets another pattern, and back the place where its next search begins', () => {
    isExactFor(
      Object.assign(/a/g, { lastIndex: 2 }),
      (copy) => (copy.compile('b', 'y').lastIndex = 2),
      (live) => assert.deepEqual([String(live), live.lastIndex], ['/b/y', 2]),
    );
  });

  it('a frozen RegExp, which takes another pattern in spite of the error', () => {
    isExactFor(
      Object.freeze(/a/g),
      (copy) => assert.throws(() => copy.compile('b'), TypeError),
      (live) => assert.equal(live.source, 'b'),
    );
  });

  it('an array with holes and further properties', () => {
    isExactFor(
      Object.assign([1, , 3], { unit: 'mV' }), // eslint-disable-line no-sparse-arrays
      (array) => {
        array.length = 5;
        array.unit = 'V';
      },
      (array) => assert.deepEqual([Object.keys(array), array.length, array.unit], [['0', '2', 'unit'], 5, 'V']),
    );
  });

  it('an array whose attributes change while its values do not', () => {
    const array = Object.defineProperty(['a', 'b'], 1, { enumerable: false });
    isExactFor(
      array,
      (copy) => {
        Object.defineProperty(copy, 0, { enumerable: false });
        Object.defineProperty(copy, 1, { enumerable: true });
      },
      (live) => assert.deepEqual(Object.keys(live), ['1']),
    );
  });

  it('an array with a getter for an element, which becomes plain', () => {
    const array = Object.defineProperty([1, 2], 1, { get: () => assert.fail('a getter of the live state ran') });
    const driver = new Driver(array);
    commit(driver, (self) => Object.defineProperty(self.value, 1, { value: 3, writable: true, enumerable: true }));
    assert.deepEqual(Object.getOwnPropertyDescriptor(array, 1)?.value, 3);
  });

  it('an array to which undefined is appended', () => {
    isExactFor(
      [] as unknown[],
      (array) => array.push(undefined),
      (array) => assert.deepEqual(array, [undefined]),
    );
  });

  it('an object with getters, constants and a hidden property', () => {
    const object = Object.defineProperties(
      {
        raw: 2,
        get scaled() {
          return this.raw * 10;
        },
      },
      { constant: { value: 1 }, hidden: { value: [1], writable: true } },
    ) as { raw: number; scaled: number; constant: number; hidden: number[] };
    isExactFor(
      object,
      (copy) => {
        copy.raw = 3;
        assert.equal(copy.scaled, 30);
        copy.hidden.push(2);
        assert.throws(() => (copy.constant = 2), TypeError);
      },
      (live) => assert.deepEqual([live.scaled, live.hidden, Object.keys(live)], [30, [1, 2], ['raw', 'scaled']]),
    );
  });

  it('an object whose getter is replaced by another one', () => {
    isExactFor(
      Object.defineProperty({ shown: '' }, 'shown', { get: () => 'V' }),
      (object) => Object.defineProperty(object, 'shown', { get: () => 'mV' }),
      (object) => assert.equal(object.shown, 'mV'),
    );
  });

  it('an own property called __proto__', () => {
    isExactFor(
      JSON.parse('{"__proto__": {"a": 1}}') as Record<string, { a: number }>,
      (object) => (object['__proto__']!.a = 2),
      (object) => assert.equal(JSON.stringify(object), '{"__proto__":{"a":2}}'),
    );
  });

  it('an object that the entry point freezes', () => {
    isExactFor(
      { list: [1] },
      (object) => {
        object.list.push(2);
        Object.freeze(object);
      },
      (object) => assert.deepEqual([object, Object.isFrozen(object)], [{ list: [1, 2] }, true]),
    );
  });

  it('an instance of a class, with its methods', () => {
    class Filter {
      taps = [1];
      push(tap: number): void {
        this.taps.push(tap);
      }
    }
    isExactFor(
      new Filter(),
      (filter) => filter.push(2),
      (filter) => assert.deepEqual(filter.taps, [1, 2]),
    );
  });

  it('a cyclic graph', () => {
    interface Node {
      self?: Node;
      list: unknown[];
    }
    const node: Node = { list: [] };
    node.self = node;
    node.list.push(node);
    isExactFor(
      node,
      (copy) => {
        assert.equal(copy.self!.list[0], copy);
        copy.list.push(copy);
      },
      (live) => assert.ok(live.list.length === 2 && live.list.every((entry) => entry === live)),
    );
  });

  it('an instance of an iterator class of the user', () => {
    class Ticks {
      at = 0;
      next(): IteratorResult<number> {
        return { done: false, value: this.at++ };
      }
    }
    isExactFor(
      new Ticks(),
      (ticks) => ticks.next(),
      (ticks) => assert.equal(ticks.at, 1),
    );
  });

  it('objects of another realm', () => {
    const foreign = runInNewContext(`({
      map: new Map([['a', 1]]), set: new Set([1]), date: new Date(0), error: new TypeError('x'), bytes: new Uint8Array(2),
      list: [1], pattern: /a/y, boxed: Object(1), view: new DataView(new ArrayBuffer(2)),
    })`) as { map: Map<string, number>; date: Date; bytes: Uint8Array; list: number[] };
    isExactFor(
      foreign,
      (copy) => {
        copy.map.set('b', 2);
        copy.date.setTime(1);
        copy.bytes[1] = 7;
        copy.list.push(2);
      },
      (live) => assert.deepEqual([live.map.get('b'), live.date.getTime(), live.bytes[1], live.list[1]], [2, 1, 7, 2]),
    );
  });

  it('a function, which is code and shared', () => {
    const callback = Object.assign(() => 1, { calls: 0 });
    const driver = new Driver({ callback });
    fail(driver, (self) => assert.equal((self.value as { callback: unknown }).callback, callback));
  });
});
