import { crc32 } from '../../transports/crc32.js';
import { recordBytes } from '../../runtime/link/ops.js';
import { OPS } from '../../runtime/link/protocol.js';
import { systemEnvironment } from '../../transports/environment.js';
import type { ResyncState, Transport } from '../../transports/transport.js';
import { helloRecord } from '../runtime/link/scripted-controller.js';

/** The room for checkpoints that it says to have, in its hello record: with none, nothing would be recorded. */
const ARENA_AT = 12;
const ARENA_BYTES = 4096;
const hello = helloRecord(8);
hello[ARENA_AT + 1] = ARENA_BYTES >> 8;

/** Results of the ops that have some and that a benchmark of writes needs. */
const RESULTS = new Map<number, number[]>([
  [OPS.hello.code, hello],
  [OPS.define.code, [0, 0, 0, 0]],
]);

/**
 * A controller with one peripheral, whose save list has so many entries, that says `ok` to everything at once. It
 * measures what the host's side costs and nothing else; what the whole costs is measured on the emulated board.
 */
export function instantController(saves = 0): Transport {
  const snapshot = [saves, ...new Uint8Array(recordBytes(saves))];
  const answers: Uint8Array[] = [];
  let receiver: ((frame: Uint8Array) => void) | undefined;
  return {
    name: 'instant',
    environment: systemEnvironment,
    open: () => Promise.resolve(),
    send(request) {
      // The last op of a native write, and the last but one of a transaction that has changed something.
      const end = request.length - 4;
      const asked = [request[end - 2], request[end - 3]].includes(OPS.snapshot.code);
      const results = RESULTS.get(request[10]!) ?? (asked ? snapshot : []);
      const answer = new Uint8Array(18 + results.length);
      answer.set([
        0x6f,
        1,
        answer.length,
        0,
        request[4]!,
        request[5]!,
        request[6]!,
        request[7]!,
        1,
        0,
        0,
        0,
        0,
        request[9]!,
      ]);
      answer.set(results, 14);
      new DataView(answer.buffer).setUint32(answer.length - 4, crc32(answer, 0, answer.length - 4), true);
      if (receiver) receiver(answer);
      else answers.push(answer);
      receiver = undefined;
      return Promise.resolve();
    },
    receive() {
      const next = answers.shift();
      return next ? Promise.resolve(next) : new Promise((resolve) => (receiver = resolve));
    },
    resync: () => Promise.resolve<ResyncState>({ epoch: 1, session: 0, nextSequence: 0 }),
    close: () => Promise.resolve(),
  };
}
