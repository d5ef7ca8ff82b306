import assert from 'node:assert/strict';
import {
  commitState,
  discardState,
  openStateView,
  prepareState,
  state,
  StateError,
  touchedFields,
} from '../../../runtime/state/index.js';
import { commit, fail, open } from './entry-point.js';

interface Sample {
  at: number;
  values: number[];
}

class Sensor {
  @state accessor gain = 1;
  @state accessor samples: Sample[] = [{ at: 0, values: [1, 2] }];
  @state accessor latest: Sample | undefined = this.samples[0];
  @state accessor extra: unknown = undefined;
}

describe('An entry point', () => {
  it('sees what it has written', () => {
    commit(new Sensor(), (self) => {
      self.gain = 4;
      self.samples[0]!.values.push(3);
      assert.equal(self.gain, 4);
      assert.deepEqual(self.samples, [{ at: 0, values: [1, 2, 3] }]);
    });
  });

  it('sees the same object in two fields that hold the same object', () => {
    commit(new Sensor(), (self) => {
      self.latest!.at = 7;
      assert.equal(self.samples[0], self.latest);
      assert.equal(self.samples[0]!.at, 7);
    });
  });

  it('sees the same copy however often it looks', () => {
    commit(new Sensor(), (self) => assert.equal(self.samples, self.samples));
  });

  it('sees copies: they are not the objects that the outside knows', () => {
    const sensor = new Sensor();
    commit(sensor, (self) => assert.notEqual(self.samples, sensor.samples));
  });

  it('sees itself where its state refers to the driver', () => {
    const sensor = new Sensor();
    sensor.extra = { owner: sensor };
    commit(sensor, (self) => {
      assert.equal((self.extra as { owner: unknown }).owner, self);
      self.samples = [];
      self.extra = { owner: self, list: [self] };
    });
    assert.deepEqual(sensor.extra, { owner: sensor, list: [sensor] });
    assert.equal((sensor.extra as { owner: unknown }).owner, sensor);
  });

  it('that stores a live object it got from outside sees the copy of it, as everywhere', () => {
    const sensor = new Sensor();
    const live = sensor.samples;
    fail(sensor, (self) => {
      assert.equal(self.samples.length, 1);
      self.extra = live;
      assert.equal(self.extra, self.samples);
      self.extra.pop();
    });
    assert.equal(live.length, 1);
  });

  it('does not copy what it does not touch', () => {
    const untouchable = new Proxy([], {
      ownKeys: () => assert.fail('listed'),
      get: () => assert.fail('read'),
      getPrototypeOf: () => assert.fail('inspected'),
    });
    const sensor = new Sensor();
    sensor.extra = untouchable;
    commit(sensor, (self) => {
      self.gain++;
      self.samples.pop();
    });
    assert.equal(sensor.extra, untouchable);
  });

  it('of a driver without state has nothing to keep', () => {
    const { view } = open({ position: 0 });
    commitState(view);
    assert.deepEqual(touchedFields(view), []);
  });

  it('handles a list of twenty thousand links', () => {
    interface Link {
      next: Link | undefined;
      value: number;
    }
    let head: Link | undefined;
    for (let value = 0; value < 20_000; value++) head = { next: head, value };
    const sensor = new Sensor();
    sensor.extra = head;
    commit(sensor, (self) => {
      for (let link = self.extra as Link | undefined; link !== undefined; link = link.next) link.value++;
    });
    assert.equal(head!.value, 20_000);
    assert.equal(sensor.extra, head);
  });
});

describe('A failed entry point', () => {
  it('leaves no trace in the state', () => {
    const sensor = new Sensor();
    const { samples } = sensor;
    fail(sensor, (self) => {
      self.gain = 9;
      self.samples[0]!.values.length = 0;
      self.samples = [];
      self.latest = undefined;
    });
    assert.equal(sensor.gain, 1);
    assert.equal(sensor.samples, samples);
    assert.deepEqual(samples, [{ at: 0, values: [1, 2] }]);
    assert.equal(sensor.latest, samples[0]);
  });
});

describe('A successful entry point', () => {
  it('changes live objects in place', () => {
    const sensor = new Sensor();
    const { samples } = sensor;
    const [first] = samples;
    commit(sensor, (self) => {
      self.samples[0]!.values.push(3);
      self.samples.push({ at: 1, values: [] });
    });
    assert.equal(sensor.samples, samples);
    assert.equal(samples[0], first);
    assert.deepEqual(samples, [
      { at: 0, values: [1, 2, 3] },
      { at: 1, values: [] },
    ]);
  });

  it('keeps fields the same object when it has touched only one of them', () => {
    const sensor = new Sensor();
    commit(sensor, (self) => {
      self.samples[0]!.at = 5;
    });
    assert.equal(sensor.latest, sensor.samples[0]);
    assert.equal(sensor.latest!.at, 5);
  });

  it('changes also an object that it has taken out of the state', () => {
    const sensor = new Sensor();
    const [first] = sensor.samples;
    commit(sensor, (self) => {
      self.samples.pop()!.at = 5;
    });
    assert.equal(first!.at, 5);
    assert.equal(sensor.latest, first);
  });

  it('has its new objects adopted as they are, with live objects in the place of copies', () => {
    const sensor = new Sensor();
    const [first] = sensor.samples;
    const made = commit(sensor, (self) => {
      const report = { about: self.samples[0], all: new Set([self.samples]), by: new Map([[self.latest, 1]]) };
      self.extra = report;
      return report;
    });
    assert.equal(sensor.extra, made);
    assert.equal(made.about, first);
    assert.deepEqual([...made.all], [sensor.samples]);
    assert.equal([...made.all][0], sensor.samples);
    assert.equal([...made.by.keys()][0], first);
  });

  it('may store a frozen object around live ones: a twin of it becomes live', () => {
    const sensor = new Sensor();
    commit(sensor, (self) => {
      const inner = Object.freeze({ latest: self.latest });
      self.extra = [Object.freeze([inner, 1]), inner];
    });
    const [outer, inner] = sensor.extra as [[{ latest: Sample }, number], { latest: Sample }];
    assert.equal(inner.latest, sensor.latest);
    assert.equal(outer[0], inner);
    assert.ok(Object.isFrozen(outer) && Object.isFrozen(inner));
  });

  it('keeps the identity of a frozen constant that it stores', () => {
    const FAST = Object.freeze({ speed: 3, limits: Object.freeze([1, 2]) });
    const sensor = new Sensor();
    commit(sensor, (self) => {
      self.samples.pop();
      self.extra = FAST;
    });
    assert.equal(sensor.extra, FAST);
  });

  it('writes into the mutable objects inside of a frozen one', () => {
    const sensor = new Sensor();
    const frozen = Object.freeze({ list: [1] });
    sensor.extra = frozen;
    commit(sensor, (self) => (self.extra as typeof frozen).list.push(2));
    assert.equal(sensor.extra, frozen);
    assert.deepEqual(frozen.list, [1, 2]);
  });

  it('does not undo what a native call has stored meanwhile into a field that it only read', () => {
    const sensor = new Sensor();
    const { self, view } = open(sensor);
    assert.equal(self.gain, 1);
    sensor.gain = 2;
    commitState(view);
    assert.equal(sensor.gain, 2);
  });

  it('returns copies: changing them later changes nothing', () => {
    const sensor = new Sensor();
    const returned = commit(sensor, (self) => self.samples);
    returned.pop();
    assert.equal(sensor.samples.length, 1);
  });

  it('is followed by another one that starts from its result', () => {
    const sensor = new Sensor();
    commit(sensor, (self) => self.samples.push({ at: 1, values: [] }));
    commit(sensor, (self) => (self.latest = self.samples[1]));
    assert.equal(sensor.latest, sensor.samples[1]);
  });
});

describe('The trace of an entry point', () => {
  it('names the fields that it touched, in order, also after its end', () => {
    const { self, view } = open(new Sensor());
    self.samples.pop();
    self.gain = self.gain + 1;
    discardState(view);
    assert.deepEqual(touchedFields(view), ['samples', 'gain']);
  });
});

function stray(error: unknown): boolean {
  assert.ok(error instanceof StateError);
  assert.equal(error.code, 'stray-state-access');
  assert.equal(error.path, 'Sensor.gain');
  assert.match(error.message, /^Sensor\.gain was accessed by work that an entry point had left behind/);
  return true;
}

describe('Work that an entry point has left behind', () => {
  for (const [end, how] of [
    [commitState, 'committed'],
    [discardState, 'discarded'],
    [prepareState, 'prepared'],
  ] as const) {
    it(`is refused to read and to write when the view is ${how}`, () => {
      const sensor = new Sensor();
      const { self, view } = open(sensor);
      self.gain = 2;
      assert.equal(view.ended, false);
      end(view);
      assert.equal(view.ended, true);
      assert.throws(() => self.gain, stray);
      assert.throws(() => (self.gain = 3), stray);
    });
  }

  it('cannot commit again', () => {
    const view = openStateView(new Sensor());
    commitState(view);
    assert.throws(() => commitState(view), { code: 'stray-state-access', path: 'Sensor' });
    discardState(view);
  });
});

describe('A prepared commit', () => {
  it('writes nothing until it is carried out', () => {
    const sensor = new Sensor();
    const { self, view } = open(sensor);
    self.gain = 2;
    self.samples[0]!.at = 3;
    const carryOut = prepareState(view);
    assert.deepEqual([sensor.gain, sensor.samples[0]!.at], [1, 0]);
    carryOut();
    assert.deepEqual([sensor.gain, sensor.samples[0]!.at], [2, 3]);
  });

  it('can be dropped', () => {
    const sensor = new Sensor();
    const { self, view } = open(sensor);
    self.samples[0]!.at = 3;
    prepareState(view);
    discardState(view);
    assert.equal(sensor.samples[0]!.at, 0);
  });

  it('writes what stood in plain objects when it was prepared', () => {
    const sensor = new Sensor();
    const { self, view } = open(sensor);
    const { samples } = self;
    samples.push({ at: 1, values: [] });
    const carryOut = prepareState(view);
    samples.length = 0;
    carryOut();
    assert.deepEqual(
      sensor.samples.map(({ at }) => at),
      [0, 1],
    );
  });
});
