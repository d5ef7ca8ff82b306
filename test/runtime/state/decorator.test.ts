import assert from 'node:assert/strict';
import { state } from '../../../runtime/state/index.js';
import { commit, fail } from './entry-point.js';

class Servo {
  @state accessor position = 0;
  @state accessor history: number[] = [];
  plain = 'not state';
}

describe('A field declared with @state', () => {
  it('is an ordinary field outside of entry points', () => {
    const servo = new Servo();
    const { history } = servo;
    servo.position = 30;
    servo.history.push(30);
    assert.equal(servo.position, 30);
    assert.equal(servo.history, history);
    assert.deepEqual(history, [30]);
  });

  it('belongs to one driver, not to its class', () => {
    const [one, two] = [new Servo(), new Servo()];
    one.history.push(1);
    assert.deepEqual(two.history, []);
  });

  it('starts with its initial value, computed by the real driver', () => {
    const made: unknown[] = [];
    class Board {
      @state accessor self = made.push(this);
    }
    const board = new Board();
    assert.deepEqual([made[0] === board, board.self], [true, 1]);
  });

  it('adds to the driver itself, but nothing that is enumerated', () => {
    assert.equal(Object.getOwnPropertySymbols(new Servo()).length, 1);
    assert.deepEqual(Object.keys(new Servo()), ['plain']);
    assert.equal(JSON.stringify(new Servo()), '{"plain":"not state"}');
  });

  it('can be declared again by a subclass without touching that of the base', () => {
    class Fast extends Servo {
      @state override accessor position = 90;
      basePosition(): number {
        return super.position;
      }
    }
    const fast = new Fast();
    commit(fast, (self) => {
      self.position += 1;
    });
    assert.deepEqual([fast.position, fast.basePosition()], [91, 0]);
  });

  it('can have a symbol as its name', () => {
    const key = Symbol('hidden');
    class Board {
      @state accessor [key] = 1;
    }
    const board = new Board();
    commit(board, (self) => (self[key] = 2));
    assert.equal(board[key], 2);
  });

  it('works on a frozen driver, as the private storage of an accessor does', () => {
    const servo = new Servo();
    Object.freeze(servo);
    commit(servo, (self) => (self.position = 5));
    assert.equal(servo.position, 5);
  });

  it('leaves fields that were not declared alone', () => {
    const servo = new Servo();
    fail(servo, (self) => {
      assert.equal(self.plain, 'not state');
    });
    assert.equal(servo.plain, 'not state');
  });
});

describe('@state in a place where it cannot work', () => {
  it('is refused on a static member when the class is defined', () => {
    assert.throws(
      () =>
        class {
          @state static accessor count = 0;
          name = '';
        },
      { name: 'TypeError', message: '@state count is static: only the state of an instance can be rolled back' },
    );
  });

  it('is refused on a private member when the class is defined', () => {
    assert.throws(
      () =>
        class {
          @state accessor #count = 0;
          read(): number {
            return this.#count;
          }
        },
      { name: 'TypeError', message: /^@state #count is private: a view cannot reach it/ },
    );
  });

  it('is refused on a field without accessor', () => {
    const onField = state as unknown as (value: undefined, context: ClassFieldDecoratorContext) => void;
    assert.throws(
      () =>
        class {
          @onField count = 0;
        },
      { name: 'TypeError', message: /@state accessor position = 0/ },
    );
  });

  it('is refused as a decorator of the old kind', () => {
    const decorate = state as unknown as (prototype: object, name: string) => void;
    assert.throws(() => decorate({}, 'count'), { name: 'TypeError', message: /belongs in front of an accessor/ });
  });
});
