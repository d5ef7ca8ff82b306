import assert from 'node:assert/strict';
import { LinkError } from '../../../runtime/errors.js';
import { Link } from '../../../runtime/link/link.js';
import type { Op } from '../../../runtime/link/ops.js';
import { TransportError } from '../../../transports/errors.js';
import { afterHello, answerBytes, EPOCH, helloRecord, ScriptedController, type Script } from './scripted-controller.js';

const DELAY: readonly Op[] = [{ op: 'delay', us: 1 }];
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

async function opened(rest: Script, window?: number): Promise<{ link: Link; controller: ScriptedController }> {
  const controller = new ScriptedController(afterHello(rest, window));
  const link = await Link.open(controller, 'rp2040');
  return { link, controller };
}

const rejectsWith = (promise: Promise<unknown>, code: string) =>
  assert.rejects(promise, (error) => error instanceof LinkError && error.code === code);

describe('Opening a link', () => {
  it('gives the session a number other than 0 and the frame of hello the sequence number 0', async () => {
    const { controller } = await opened(() => 'silence');
    assert.notEqual(controller.requests[0]!.session, 0);
    assert.equal(controller.requests[0]!.sequence, 0);
  });

  it('refuses a controller that speaks another version', async () => {
    const controller = new ScriptedController((request) =>
      answerBytes(request, { status: 'bad-version', sequence: 0 }),
    );
    await rejectsWith(Link.open(controller, 'rp2040'), 'version-mismatch');
  });

  it('refuses a controller that lacks a feature', async () => {
    const controller = new ScriptedController(() => ({ status: 'unsupported-feature' }));
    await rejectsWith(Link.open(controller, 'rp2040'), 'version-mismatch');
  });

  it('refuses another board than the definition is for', async () => {
    const controller = new ScriptedController(() => ({ results: helloRecord() }));
    await rejectsWith(Link.open(controller, 'atmega328p'), 'board-mismatch');
  });

  it('refuses an answer of a shape that the ops do not have', async () => {
    const controller = new ScriptedController(() => ({ results: [1, 2, 3] }));
    await rejectsWith(Link.open(controller, 'rp2040'), 'version-mismatch');
  });
});

describe('Opening a link to a board that somebody holds over its other interface', () => {
  it('fails with device-busy, and says what to do', async () => {
    const controller = new ScriptedController(() => ({ status: 'board-busy', session: 7 }));
    await assert.rejects(Link.open(controller, 'rp2040'), (error) => {
      assert.ok(error instanceof TransportError);
      assert.equal(error.code, 'device-busy');
      assert.match(error.message, /serial port or its USB interface: end that one first, then open the board again/);
      return true;
    });
  });
});

describe('A link', () => {
  it('numbers frames 1, 2, 3, … and after 65535 begins again at 1', async () => {
    const { link, controller } = await opened(() => ({}));
    for (let i = 0; i < 65537; i++) await link.request(DELAY);
    assert.deepEqual(
      controller.requests.slice(1, 4).map(({ sequence }) => sequence),
      [1, 2, 3],
    );
    assert.deepEqual(
      controller.requests.slice(-3).map(({ sequence }) => sequence),
      [65535, 1, 2],
    );
  });

  it('keeps as many frames in flight as the controller takes, and no more', async () => {
    const { link, controller } = await opened(() => 'silence', 3);
    for (let i = 0; i < 5; i++) link.request(DELAY).catch(() => {});
    assert.equal(controller.requests.length, 1 + 3);
    controller.say(answerBytes(controller.requests[1]!, {}));
    await settled();
    assert.equal(controller.requests.length, 1 + 4);
  });

  it('repeats an unanswered frame, byte for byte, when its answer arrives damaged', async () => {
    let damaged = 0;
    const { link, controller } = await opened((request) => {
      const bytes = answerBytes(request, {});
      if (damaged++ === 0) bytes[9]! ^= 0x10;
      return bytes;
    });
    const answer = await link.request(DELAY);
    assert.equal(answer.status, 'ok');
    assert.equal(controller.resyncs, 1);
    assert.deepEqual(controller.requests[2]!.bytes, controller.requests[1]!.bytes);
  });

  it('repeats every frame in flight, in order, when one arrived damaged at the controller', async () => {
    const held: Script = () => 'silence';
    const { link, controller } = await opened(held, 4);
    const requests = [1, 2, 3].map(() => link.request(DELAY));
    controller.script = () => ({});
    controller.say(answerBytes(controller.requests[1]!, { status: 'bad-frame', sequence: 0, session: 0 }));
    await Promise.all(requests);
    assert.deepEqual(
      controller.requests.map(({ sequence }) => sequence),
      [0, 1, 2, 3, 1, 2, 3],
    );
  });

  it('repeats a frame that is not answered in time', async () => {
    const { link, controller } = await opened(() => 'silence');
    const request = link.request(DELAY);
    controller.script = () => ({});
    controller.environment.advance(1001);
    assert.equal((await request).status, 'ok');
  });

  it('gives a frame as much longer as its delays and polls may take', async () => {
    const { link, controller } = await opened(() => 'silence');
    link.request([{ op: 'delay', us: 500_000 }]).catch(() => {});
    controller.environment.advance(1400);
    await settled();
    assert.equal(controller.resyncs, 0);
    controller.environment.advance(200);
    await settled();
    assert.equal(controller.resyncs, 1);
  });

  it('ignores the second answer to a frame that was repeated', async () => {
    const { link, controller } = await opened(() => ({}));
    await link.request(DELAY);
    controller.say(answerBytes(controller.requests[1]!, {}));
    assert.equal((await link.request(DELAY)).status, 'ok');
  });

  it('gives up when resynchronising does not help', async () => {
    const { link, controller } = await opened((request) => {
      const bytes = answerBytes(request, {});
      bytes[5]! ^= 1;
      return bytes;
    });
    await rejectsWith(link.request(DELAY), 'link-unreliable');
    assert.equal(controller.resyncs, 4);
    await rejectsWith(link.request(DELAY), 'link-unreliable');
  });

  it('resynchronises a transport that stands still, and repeats what was not answered', async () => {
    const { link, controller } = await opened(() => 'silence');
    const request = link.request(DELAY);
    controller.script = () => ({});
    controller.unplug(new TransportError('link-halted', 'An endpoint is halted.'));
    assert.equal((await request).status, 'ok');
    assert.equal(controller.resyncs, 1);
    assert.deepEqual(controller.requests[2]!.bytes, controller.requests[1]!.bytes);
  });

  it('gives up a transport that stands still however often it is resynchronised, and says why', async () => {
    const { link, controller } = await opened(() => 'silence');
    const request = link.request(DELAY);
    controller.send = () => Promise.reject(new TransportError('link-halted', 'An endpoint is halted.'));
    controller.unplug(new TransportError('link-halted', 'An endpoint is halted.'));
    await assert.rejects(request, { code: 'link-unreliable', message: /^An endpoint is halted\. / });
    assert.equal(controller.resyncs, 4);
  });

  it('fails every request when the controller was reset', async () => {
    const { link } = await opened((request) => ({ epoch: EPOCH + 1, sequence: request.sequence }), 1);
    const waiting = [link.request(DELAY), link.request(DELAY)];
    for (const request of waiting) await rejectsWith(request, 'controller-reset');
  });

  it('fails every request when another host has taken the session', async () => {
    for (const status of ['no-session', 'board-busy'] as const) {
      const { link } = await opened(() => ({ status, session: 7 }));
      await rejectsWith(link.request(DELAY), 'session-lost');
    }
  });

  it('fails every request, and tells its owner once, when the device is lost', async () => {
    const { link, controller } = await opened(() => 'silence');
    const failures: Error[] = [];
    link.onFailure = (error) => failures.push(error);
    const request = link.request(DELAY);
    controller.unplug();
    await assert.rejects(request, { code: 'device-lost' });
    await assert.rejects(link.request(DELAY), { code: 'device-lost' });
    assert.equal(failures.length, 1);
  });

  it('refuses an op that is longer than a frame, and sends nothing', async () => {
    const { link, controller } = await opened(() => ({}));
    const at = { peripheral: 1, block: 0, offset: 0, width: 2 } as const;
    const long: Op[] = Array.from({ length: 2 }, () => ({ op: 'writeBlock', at, values: new Uint32Array(200) }));
    await rejectsWith(link.request(long), 'frame-too-long');
    assert.equal(controller.requests.length, 1);
  });

  it('does not send a request whose signal has fired, and answers one that was sent', async () => {
    const { link, controller } = await opened(() => 'silence', 1);
    const abort = new AbortController();
    const sent = link.request(DELAY, { signal: abort.signal });
    const waiting = link.request(DELAY, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await rejectsWith(waiting, 'cancelled');
    await rejectsWith(link.request(DELAY, { signal: abort.signal }), 'cancelled');
    controller.say(answerBytes(controller.requests[1]!, {}));
    assert.equal((await sent).status, 'ok');
    assert.equal(controller.requests.length, 2);
  });

  it('keeps the lease alive while it is held, and lets it be when it is not', async () => {
    const { link, controller } = await opened(() => ({}));
    link.hold();
    controller.environment.advance(450);
    await settled();
    const kept = controller.requests.length - 1;
    assert.ok(kept >= 3, `${kept} frames in 1.5 leases of 300 ms`);
    link.release();
    controller.environment.advance(1000);
    await settled();
    assert.equal(controller.requests.length - 1, kept);
  });

  it('leaves no timer behind when it is closed', async () => {
    const { link, controller } = await opened(() => 'silence');
    const request = link.request(DELAY);
    link.hold();
    await link.close();
    await assert.rejects(request, { code: 'link-closed' });
    assert.equal(controller.environment.timers, 0);
  });
});
