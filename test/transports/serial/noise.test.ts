/** A line that loses, changes and invents bytes, both ways, between the runtime and the Uno's firmware: no call happens by half, or twice. */
import assert from 'node:assert/strict';
import type { Pair } from '../../conformance/probe.js';
import { unoFamily } from '../../conformance/uno.js';
import { unoImage } from '../../emulated-uno.js';
import { EntryPointError } from '../../../runtime/index.js';
import { emulatedUno } from '../../../transports/emulator/index.js';
import { serialLink, type BytePort, type OpenPort } from '../../../transports/serial/index.js';
import { passUntilSettled, virtualEnvironment } from '../../../transports/virtual-environment.js';
import { randomOf, type Random } from '../../torture/random.js';

const CALLS = 30;
/** One byte in so many is damaged; a call is some 150 bytes. */
const RARITY = 300;

class Noise {
  /** Bytes that were lost, changed or invented. */
  count = 0;
  readonly #random: Random;

  constructor(series: string) {
    this.#random = randomOf(series);
  }

  on(bytes: Uint8Array): Uint8Array {
    return Uint8Array.from([...bytes].flatMap((byte) => this.#heard(byte)));
  }

  #heard(byte: number): number[] {
    const what = this.#random.below(3 * RARITY);
    if (what > 2) return [byte];
    this.count += 1;
    return [[], [byte ^ (1 << this.#random.below(8))], [byte, this.#random.below(256)]][what]!;
  }
}

const noisy =
  (openPort: OpenPort, noise: Noise): OpenPort =>
  async (listener): Promise<BytePort> => {
    const port = await openPort({
      bytes: (bytes) => listener.bytes(noise.on(bytes)),
      lost: (cause) => listener.lost(cause),
    });
    return { write: (bytes) => port.write(noise.on(bytes)), close: () => port.close() };
  };

describe('A noisy line to an Uno', () => {
  for (const series of ['hiss', 'crackle'])
    it(`(${series}) does each of ${CALLS} calls once, or not at all and says so`, async () => {
      const environment = virtualEnvironment();
      const uno = emulatedUno({ image: unoImage, environment, resetOnOpen: false });
      uno.plug();
      const noise = new Noise(series);
      const link = serialLink(
        series,
        noisy((listener) => uno.serialPort(listener), noise),
        environment,
      );
      const settled = async <Result>(promise: Promise<Result>): Promise<Result> => {
        await passUntilSettled(promise, environment);
        return promise;
      };
      const { board, probe } = await settled(unoFamily.open(link, { answerTimeoutMs: 250 }));
      const registers = (): Pair => [uno.chip.read8(0x47), uno.chip.read8(0xb4)];
      let count = 0;
      await settled(probe.put([0, 0]));
      for (let call = 0; call < CALLS; call++) {
        const error = await settled(
          probe.count().then(
            () => undefined,
            (reason: Error) => reason,
          ),
        );
        if (error === undefined) count += 1;
        else assert.ok(error instanceof EntryPointError && error.rollback.outcome !== 'unknown', String(error));
        assert.deepEqual(registers(), [count, count], `call ${call}: ${String(error)}`);
      }
      assert.ok(noise.count > 10, `${noise.count} bytes were damaged`);
      assert.ok(count > CALLS / 2, `${count} calls were done`);
      await settled(board.close());
      uno.dispose();
    });
});
