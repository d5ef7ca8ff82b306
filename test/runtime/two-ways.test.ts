import assert from 'node:assert/strict';
import { pico } from '../../peripherals/rp2040/index.js';
import { EntryPointError, open, TransportError, type OpenOptions } from '../../runtime/index.js';
import { emulatedBoard, type EmulatedBoard } from '../../transports/emulator/index.js';
import { serialLink } from '../../transports/serial/index.js';
import type { Transport } from '../../transports/transport.js';
import { virtualEnvironment, type VirtualEnvironment } from '../../transports/virtual-environment.js';
import { webUsb } from '../../transports/webusb.js';
import { image, type PicoBoard } from '../emulated.js';
import { Holder } from './holder.js';
import { passUntil } from './recovery/recovering-board.js';

/** CH4_CC (RP2040 datasheet 4.5.3), read past the firmware. */
const CH4_CC = 0x40050000 + 4 * 0x14 + 0x0c;
const BEFORE = 0x0058004d;
const DURING = 0x00020001;

const WAYS = {
  'its USB interface': async (emulated: EmulatedBoard): Promise<Transport> =>
    webUsb(emulated.device ?? (await emulated.plug()), emulated.environment),
  'its serial port': async (emulated: EmulatedBoard): Promise<Transport> =>
    serialLink('the port', (listener) => emulated.serialPort(listener), emulated.environment),
} as const;
type Way = keyof typeof WAYS;

for (const [way, other] of [
  ['its USB interface', 'its serial port'],
  ['its serial port', 'its USB interface'],
] as const satisfies [Way, Way][])
  describe(`A board that a program holds over ${way}`, () => {
    let environment: VirtualEnvironment;
    let emulated: EmulatedBoard;
    let first: PicoBoard;
    const opened = async (over: Way, options?: OpenOptions): Promise<PicoBoard> =>
      open(await WAYS[over](emulated), pico, options);

    beforeEach(async () => {
      environment = virtualEnvironment();
      emulated = emulatedBoard({ image, environment });
      await emulated.plug();
      first = await opened(way);
      await first.pwm.ch[4]!.CC.write({ A: 0x4d, B: 0x58 });
    });
    afterEach(async () => {
      await first.close();
      assert.deepEqual(emulated.warnings, []);
      emulated.dispose();
    });

    async function hold(): Promise<{ call: Promise<unknown>; goOn: () => void }> {
      let goOn = (): void => {};
      const finish = new Promise<void>((resolve) => (goOn = resolve));
      const call = await new Promise<{ ends: Promise<unknown> }>((resolve) => {
        const ends: Promise<unknown> = new Holder(first)
          .hold(() => resolve({ ends }), finish)
          .catch((error: unknown) => error);
      });
      assert.equal(emulated.read32(CH4_CC), DURING);
      return { call: call.ends, goOn };
    }

    const isRefused = (opening: Promise<unknown>): Promise<void> =>
      assert.rejects(opening, (error) => {
        assert.ok(error instanceof TransportError, String(error));
        assert.equal(error.code, 'device-busy');
        assert.match(error.message, /^Another program has the board/);
        return true;
      });

    it(`refuses whoever comes over ${other}, and the call of the first one goes on to its end`, async () => {
      const { call, goOn } = await hold();
      await isRefused(opened(other));
      assert.equal(emulated.read32(CH4_CC), DURING, 'its transaction goes on');
      goOn();
      assert.equal(await call, undefined);
      assert.equal(emulated.read32(CH4_CC), DURING);
    });

    it('refuses as often as it is asked, also between the calls of the first one', async () => {
      for (let times = 0; times < 3; times++) {
        await isRefused(opened(other));
        await first.pwm.ch[4]!.CC.write({ A: times });
      }
    });

    it(`is whoever’s comes over ${other} when the first one has closed it`, async () => {
      const { call } = await hold();
      await first.close();
      const second = await opened(other);
      assert.equal(emulated.read32(CH4_CC), BEFORE, 'what it left open was rolled back');
      assert.equal(second.hello.previous?.reason, 'link-lost');
      await isRefused(opened(way));
      await second.close();
      assert.ok((await call) instanceof EntryPointError);
      first = await opened(way);
    });

    it('stays with the first one while that recovers from a bus reset', async () => {
      await first.close();
      first = await opened(way, { recovery: { reopen: () => WAYS[way](emulated) } });
      const { call, goOn } = await hold();
      await emulated.busReset();
      goOn();
      await passUntil(call, { environment });
      const error = await call;
      assert.ok(error instanceof EntryPointError);
      assert.equal(error.rollback.outcome, 'restored');
      await first.pwm.ch[4]!.CC.read();
      await isRefused(opened(other));
    });
  });
