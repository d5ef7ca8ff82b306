import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TransactionError } from '../../runtime/errors.js';
import { Locks, type LockMode, type Owner } from '../../runtime/locks.js';
import { virtualEnvironment } from '../../transports/virtual-environment.js';

const TIMEOUT_MS = 100;

describe('Locks', () => {
  let environment: ReturnType<typeof virtualEnvironment>;
  let locks: Locks;
  const [a, b, c]: Owner[] = [{ call: 'A.run' }, { call: 'B.run' }, { call: 'C.run' }];

  beforeEach(() => {
    environment = virtualEnvironment();
    locks = new Locks(environment);
  });

  const take = (owner: Owner, key: string, mode: LockMode) => locks.acquire(owner, key, key, mode, TIMEOUT_MS);

  /** Takes what must be free. */
  function takeNow(owner: Owner, key: string, mode: LockMode): void {
    assert.equal(take(owner, key, mode), undefined);
  }

  /** Takes what is not free, and notes when it is granted. */
  function takeLater(owner: Owner, key: string, mode: LockMode): { granted: boolean; done: Promise<void> } {
    const waiting = take(owner, key, mode);
    assert.ok(waiting);
    const result = { granted: false, done: waiting };
    waiting.then(
      () => (result.granted = true),
      () => {},
    );
    return result;
  }

  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  const isDeadlock = (message: RegExp) => (error: unknown) =>
    error instanceof TransactionError && error.code === 'deadlock' && message.test(error.message);

  it('let many read, and keep a writer waiting until the last of them has ended', async () => {
    takeNow(a!, 'pin', 'read');
    takeNow(b!, 'pin', 'read');
    const writer = takeLater(c!, 'pin', 'write');
    locks.release(a!);
    await settled();
    assert.equal(writer.granted, false);
    locks.release(b!);
    await writer.done;
  });

  it('let nobody pass a writer who waits, so that readers cannot starve it', async () => {
    takeNow(a!, 'pin', 'read');
    const writer = takeLater(b!, 'pin', 'write');
    const reader = takeLater(c!, 'pin', 'read');
    locks.release(a!);
    await writer.done;
    assert.equal(reader.granted, false);
    locks.release(b!);
    await reader.done;
  });

  it('let a reader go on to write before all who wait', async () => {
    takeNow(a!, 'pin', 'read');
    takeNow(b!, 'pin', 'read');
    const other = takeLater(c!, 'pin', 'write');
    const upgrade = takeLater(a!, 'pin', 'write');
    locks.release(b!);
    await upgrade.done;
    assert.equal(other.granted, false);
    locks.release(a!);
    await other.done;
  });

  it('are not waited for by who holds them already', () => {
    takeNow(a!, 'pin', 'write');
    takeNow(a!, 'pin', 'write');
    takeNow(a!, 'pin', 'read');
  });

  it('are waited for once by a call that wants again what it waits for, and are all given back when it ends', async () => {
    takeNow(a!, 'pin', 'write');
    const writes = takeLater(b!, 'pin', 'write');
    const reads = takeLater(b!, 'pin', 'read');
    const other = takeLater(c!, 'pin', 'read');
    locks.release(a!);
    await Promise.all([writes.done, reads.done]);
    assert.equal(other.granted, false);
    locks.release(b!);
    await other.done;
    locks.release(c!);
    assert.equal(locks.size, 0);
  });

  it('are not granted any more to a call that ended while it waited to read, and to write', async () => {
    takeNow(a!, 'pin', 'write');
    const ended = [takeLater(b!, 'pin', 'read'), takeLater(b!, 'pin', 'write')].map(({ done }) =>
      assert.rejects(done, { code: 'transaction-ended' }),
    );
    locks.release(b!);
    await Promise.all(ended);
    locks.release(a!);
    assert.equal(locks.size, 0);
  });

  it('refuse the request that closes a circle, and name every step of it', async () => {
    takeNow(a!, 'pin1', 'write');
    takeNow(b!, 'pin2', 'write');
    takeNow(c!, 'pin3', 'write');
    takeLater(a!, 'pin2', 'write').done.catch(() => {});
    takeLater(b!, 'pin3', 'write').done.catch(() => {});
    await assert.rejects(
      take(c!, 'pin1', 'read')!,
      isDeadlock(/^C\.run waits for pin1, .*A\.run, which waits for pin2, .*B\.run, which waits for pin3, .*C\.run/),
    );
  });

  it('see the circle of a call that waits for another, which waits for what the first one holds', async () => {
    const callee: Owner = { call: 'Callee.run', caller: a };
    takeNow(a!, 'pin1', 'write');
    await assert.rejects(take(callee, 'pin1', 'read')!, { code: 're-entrancy' });
    takeNow(b!, 'pin2', 'write');
    takeLater(b!, 'pin1', 'write').done.catch(() => {});
    await assert.rejects(
      take(callee, 'pin2', 'write')!,
      isDeadlock(
        /^Callee\.run waits for pin2, .*B\.run, which waits for pin1, .*A\.run, which waits for its call Callee\.run/,
      ),
    );
  });

  it('refuse the second of two readers who both want to write', async () => {
    takeNow(a!, 'pin', 'read');
    takeNow(b!, 'pin', 'read');
    const first = takeLater(a!, 'pin', 'write');
    await assert.rejects(take(b!, 'pin', 'write')!, isDeadlock(/B\.run waits for pin, .*A\.run/));
    locks.release(b!);
    await first.done;
  });

  it('see the circle of a call that waits to read, and to write as well', async () => {
    takeNow(a!, 'pin1', 'write');
    takeNow(b!, 'pin2', 'write');
    takeLater(c!, 'pin1', 'read').done.catch(() => {});
    takeNow(c!, 'pin3', 'read');
    takeLater(c!, 'pin2', 'write').done.catch(() => {});
    await assert.rejects(
      take(a!, 'pin3', 'write')!,
      isDeadlock(/^A\.run waits for pin3, .*C\.run, which waits for pin1/),
    );
    await assert.rejects(
      take(b!, 'pin3', 'write')!,
      isDeadlock(/^B\.run waits for pin3, .*C\.run, which waits for pin2/),
    );
  });

  it('are given up for after the time-out, and then stand in nobody’s way', async () => {
    takeNow(a!, 'pin', 'read');
    const writer = take(b!, 'pin', 'write')!;
    const reader = takeLater(c!, 'pin', 'read');
    const refused = assert.rejects(writer, (error) => {
      assert.ok(error instanceof TransactionError && error.code === 'lock-timeout');
      assert.match(error.message, /B\.run waited 100 ms for pin, which A\.run holds/);
      return true;
    });
    await settled();
    environment.advance(TIMEOUT_MS);
    await refused;
    await reader.done;
  });

  it('leave nothing behind, exclude writers, and deadlock never, whatever calls do', async () => {
    const owners = ['A', 'B', 'C', 'D'].map((name) => ({ call: name }));
    const step = fc.record({
      owner: fc.constantFrom(...owners),
      key: fc.constantFrom('x', 'y', 'z'),
      mode: fc.constantFrom<LockMode>('read', 'write'),
      ends: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        locks = new Locks(environment);
        const held = new Map<string, Map<Owner, LockMode>>();
        const blocked = new Set<Owner>();
        const note = (owner: Owner, key: string, mode: LockMode) => {
          const holders = held.get(key) ?? new Map<Owner, LockMode>();
          held.set(key, holders.set(owner, holders.get(owner) === 'write' ? 'write' : mode));
          const others = [...holders].filter(([other]) => other !== owner);
          assert.ok(
            others.every(([, other]) => mode === 'read' && other === 'read'),
            'a writer is alone',
          );
        };
        const end = (owner: Owner) => {
          for (const holders of held.values()) holders.delete(owner);
          locks.release(owner);
        };
        for (const { owner, key, mode, ends } of steps) {
          if (blocked.has(owner)) continue;
          if (ends) end(owner);
          else {
            const waiting = take(owner, key, mode);
            if (!waiting) note(owner, key, mode);
            else {
              blocked.add(owner);
              waiting.then(
                () => {
                  blocked.delete(owner);
                  note(owner, key, mode);
                },
                () => {
                  blocked.delete(owner);
                  end(owner);
                },
              );
            }
          }
          await settled();
        }
        // Whoever can still move ends; if that does not free the others, they wait for each other.
        while (owners.some((owner) => !blocked.has(owner)) && locks.size > 0) {
          for (const owner of owners) if (!blocked.has(owner)) end(owner);
          await settled();
        }
        assert.deepEqual([blocked.size, locks.size], [0, 0]);
      }),
    );
  });
});
