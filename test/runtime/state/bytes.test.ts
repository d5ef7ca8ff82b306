import assert from 'node:assert/strict';
import { commitState, state } from '../../../runtime/state/index.js';
import { commit, fail, open } from './entry-point.js';

class Radio {
  @state accessor frame: unknown;
  @state accessor header: unknown;

  constructor(frame: unknown, header?: unknown) {
    this.frame = frame;
    this.header = header;
  }
}

type Resizable = ArrayBuffer & { resize(size: number): void };
function resizable(size: number, limit: number): Resizable {
  const create = ArrayBuffer as unknown as new (size: number, options: { maxByteLength: number }) => Resizable;
  return new create(size, { maxByteLength: limit });
}

describe('Bytes in the state', () => {
  it('of a typed array are rolled back, and committed in place', () => {
    const samples = Float64Array.of(1, 2, 3);
    const radio = new Radio(samples);
    fail(radio, (self) => (self.frame as Float64Array).fill(9));
    assert.deepEqual([...samples], [1, 2, 3]);
    commit(radio, (self) => ((self.frame as Float64Array)[1] = 7));
    assert.deepEqual([...samples], [1, 7, 3]);
    assert.equal(radio.frame, samples);
  });

  it('of a Buffer are those of a Buffer in the view too', () => {
    const radio = new Radio(Buffer.from('abc'));
    commit(radio, (self) => {
      assert.ok(Buffer.isBuffer(self.frame));
      assert.equal(self.frame.toString(), 'abc');
      self.frame.write('x', 1);
    });
    assert.equal(String(radio.frame), 'axc');
  });

  it('that several views show are one and the same in the view too', () => {
    const frame = new Uint8Array(8);
    const radio = new Radio(frame, new DataView(frame.buffer, 4, 2));
    commit(radio, (self) => {
      (self.frame as Uint8Array)[4] = 1;
      (self.header as DataView).setUint8(1, 2);
      assert.deepEqual([...(self.frame as Uint8Array)], [0, 0, 0, 0, 1, 2, 0, 0]);
    });
    assert.deepEqual([...frame], [0, 0, 0, 0, 1, 2, 0, 0]);
  });

  it('that no view of the state shows belong to strangers and are neither seen nor written', () => {
    const pool = new Uint8Array(16).fill(0xaa);
    const radio = new Radio(pool.subarray(4, 8), pool.subarray(6, 10));
    const { self, view } = open(radio);
    (self.frame as Uint8Array).fill(1);
    assert.equal(new Uint8Array((self.frame as Uint8Array).buffer)[0], 0);
    assert.equal((self.frame as Uint8Array).byteOffset, 4);
    (self.header as Uint8Array)[3] = 2;
    // The strangers go on meanwhile.
    pool[0] = 0xbb;
    pool[10] = 0xcc;
    commitState(view);
    assert.equal(Buffer.from(pool).toString('hex'), 'bbaaaaaa01010101aa02ccaaaaaaaaaa');
  });

  it('are all of an ArrayBuffer when the state holds the buffer itself, even if a view of it was met first', () => {
    const buffer = new ArrayBuffer(4);
    const radio = new Radio(new Uint8Array(buffer, 1, 1), buffer);
    commit(radio, (self) => {
      (self.frame as Uint8Array)[0] = 1;
      assert.deepEqual([...new Uint8Array(self.header as ArrayBuffer)], [0, 1, 0, 0]);
      new Uint8Array(self.header as ArrayBuffer)[3] = 3;
    });
    assert.deepEqual([...new Uint8Array(buffer)], [0, 1, 0, 3]);
  });

  it('can get another view, which shows the live bytes after the commit', () => {
    const frame = new Uint8Array(8);
    const radio = new Radio(frame);
    commit(radio, (self) => (self.header = (self.frame as Uint8Array).subarray(2, 4)));
    frame[2] = 5;
    assert.equal((radio.header as Uint8Array)[0], 5);
    assert.equal((radio.header as Uint8Array).buffer, frame.buffer);
  });

  it('may come in a new buffer, even in one that is frozen around state', () => {
    const frame = new Uint8Array(2);
    const radio = new Radio(frame);
    commit(radio, (self) => {
      const buffer = Object.freeze(Object.assign(new ArrayBuffer(2), { like: self.frame }));
      new Uint8Array(buffer)[1] = 9;
      self.header = [buffer, new Uint8Array(buffer)];
    });
    const [buffer, view] = radio.header as [ArrayBuffer & { like: unknown }, Uint8Array];
    assert.deepEqual([buffer.like === frame, view.buffer === buffer, ...view], [true, true, 0, 9]);
  });

  it('cannot get a view that shows bytes of strangers', () => {
    const pool = new Uint8Array(16);
    for (const make of [(buffer: ArrayBufferLike) => new Uint8Array(buffer), (buffer: ArrayBufferLike) => buffer]) {
      const { self, view } = open(new Radio(pool.subarray(4, 8)));
      self.header = make((self.frame as Uint8Array).buffer);
      assert.throws(() => commitState(view), { code: 'state-not-copyable', path: /^Radio\.(header|frame\.buffer)$/ });
    }
    assert.deepEqual([...pool], [...new Uint8Array(16)]);
  });

  for (const name of ['Float16Array', 'Float32Array', 'Float64Array'].filter((float) => float in globalThis)) {
    it(`of a ${name} are kept`, () => {
      const values = (Reflect.get(globalThis, name) as Float32ArrayConstructor).of(1.5, 2.5);
      const radio = new Radio(values);
      commit(radio, (self) => (self.frame as Float32Array).set([2.5, 1.5]));
      assert.deepEqual([...values], [2.5, 1.5]);
    });
  }

  it('of a subclass come with its own fields', () => {
    class Packet extends Uint8Array {
      sequence = 0;
    }
    const packet = new Packet(2);
    const radio = new Radio(packet);
    commit(radio, (self) => {
      (self.frame as Packet).sequence = 7;
      (self.frame as Packet)[1] = 1;
    });
    assert.deepEqual([packet.sequence, ...packet], [7, 0, 1]);
  });
});

describe('A resizable buffer in the state', () => {
  it('gets its size and its bytes back, and takes a new size on commit', () => {
    const buffer = resizable(2, 8);
    const radio = new Radio(buffer);
    const grow = (self: Radio) => {
      (self.frame as Resizable).resize(4);
      new Uint8Array(self.frame as Resizable).fill(1);
    };
    fail(radio, grow);
    assert.deepEqual([...new Uint8Array(buffer)], [0, 0]);
    commit(radio, grow);
    assert.deepEqual([...new Uint8Array(buffer)], [1, 1, 1, 1]);
  });

  it('is followed by views without a length of their own, and only by them', () => {
    const buffer = resizable(4, 8);
    const radio = new Radio(new Uint16Array(buffer), new Uint16Array(buffer, 0, 2));
    commit(radio, (self) => {
      const [following, fixed] = [self.frame as Uint16Array, self.header as Uint16Array];
      (following.buffer as Resizable).resize(8);
      assert.deepEqual([following.length, fixed.length], [4, 2]);
    });
    assert.deepEqual([(radio.frame as Uint16Array).length, (radio.header as Uint16Array).length], [4, 2]);
  });

  it('may have become too small for a view: the next entry point still finds the view', () => {
    const buffer = resizable(4, 8);
    const radio = new Radio(buffer, new Uint8Array(buffer, 2, 2));
    commit(radio, (self) => (self.frame as Resizable).resize(1));
    assert.equal((radio.header as Uint8Array).length, 0);
    commit(radio, (self) => {
      assert.equal((self.header as Uint8Array).length, 0);
      (self.frame as Resizable).resize(4);
      (self.header as Uint8Array)[1] = 9;
    });
    assert.deepEqual([...new Uint8Array(buffer)], [0, 0, 0, 9]);
  });
});
