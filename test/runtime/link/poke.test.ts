import assert from 'node:assert/strict';
import { Link } from '../../../runtime/link/link.js';
import { crc32 } from '../../../transports/crc32.js';
import { afterHello, answerBytes, ScriptedController } from './scripted-controller.js';

const SESSION = 7;

/** As docs/protocol.md has it. */
function poke(): Uint8Array {
  const bytes = Uint8Array.of(0x9d, 1, 10, 0, SESSION, 0, 0, 0, 0, 0);
  new DataView(bytes.buffer).setUint32(6, crc32(bytes, 0, 6), true);
  return bytes;
}

describe('A poke', () => {
  let controller: ScriptedController;
  let link: Link;
  let pokes: number;
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  beforeEach(async () => {
    controller = new ScriptedController(afterHello(() => 'silence'));
    link = await Link.open(controller, 'rp2040');
    pokes = 0;
    link.onPoke = () => pokes++;
  });
  afterEach(() => link.close());

  it('is told, and is the answer to nothing', async () => {
    const request = link.request([{ op: 'delay', us: 1 }]);
    controller.say(poke());
    await settled();
    assert.equal(pokes, 1);
    controller.say(answerBytes(controller.requests[1]!, {}));
    assert.equal((await request).status, 'ok');
    assert.equal(controller.resyncs, 0);
  });

  it('that is damaged clears the link, as anything that is damaged', async () => {
    for (const at of poke().keys()) {
      const bytes = poke();
      bytes[at]! ^= 0x10;
      controller.say(bytes);
      await settled();
      // An answer in between, or the link counts as broken.
      const request = link.request([{ op: 'delay', us: 1 }]);
      controller.say(answerBytes(controller.requests.at(-1)!, {}));
      await request;
    }
    assert.equal(controller.resyncs, poke().length);
    assert.equal(pokes, 0);
  });
});
