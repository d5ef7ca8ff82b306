import { crc32 } from '../../runtime/link/crc32.js';
import { OPS } from '../../runtime/link/protocol.js';
import { systemEnvironment } from '../../transports/environment.js';
import type { ResyncState, Transport } from '../../transports/transport.js';
import { helloRecord } from '../runtime/link/scripted-controller.js';

/** Results of the ops that have some and that a benchmark of writes needs. */
const RESULTS = new Map<number, number[]>([
  [OPS.hello.code, helloRecord(8)],
  [OPS.define.code, [0, 0, 0, 0]],
]);

/**
 * A controller that says `ok` to everything at once. It measures what the host's side costs and nothing else; what the
 * whole costs is measured on the emulated board.
 */
export function instantController(): Transport {
  const answers: Uint8Array[] = [];
  let receiver: ((frame: Uint8Array) => void) | undefined;
  return {
    name: 'instant',
    environment: systemEnvironment,
    open: () => Promise.resolve(),
    send(request) {
      const results = RESULTS.get(request[10]!) ?? [];
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
