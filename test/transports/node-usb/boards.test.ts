import assert from 'node:assert/strict';
import { TransportError, type TransportErrorCode } from '../../../transports/errors.js';
import { nodeUsb, type BoardChange } from '../../../transports/node-usb/index.js';
import { virtualEnvironment } from '../../../transports/virtual-environment.js';
import { fakeUsbDevice } from '../fake-usb-device.js';
import { fakeBoard, fakeLibrary, WORDS } from './fake-library.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const failsWith = (code: TransportErrorCode, promise: Promise<unknown>, words: RegExp): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof TransportError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  });

const named = (serialNumber: string) => Object.assign(fakeBoard(3), { serialNumber });

describe('Boards on USB', () => {
  it('are those with our interface, each one object however often it is looked for', async () => {
    const other = fakeUsbDevice({ alternates: [{ interfaceClass: 3 }] });
    const usb = nodeUsb({ library: fakeLibrary([named('A'), other, named('B')]) });
    const [first, second] = [await usb.boards(), await usb.boards()];
    assert.deepEqual(
      first.map(({ serialNumber }) => serialNumber),
      ['A', 'B'],
    );
    assert.ok(first.every((device, index) => device === second[index]));
  });

  it('are told apart by serial number; the only one needs none', async () => {
    const library = fakeLibrary([named('A'), named('B')]);
    const usb = nodeUsb({ library });
    assert.equal((await usb.board('B')).serialNumber, 'B');
    await failsWith('device-not-found', usb.board(), /several boards.*A, B/);
    await failsWith('device-not-found', usb.board('C'), /serial number C.*There is A, B/);
    library.devices = [];
    await failsWith('device-not-found', usb.board(), /plugged in/);
    library.devices = [named('D')];
    assert.equal((await usb.board()).serialNumber, 'D');
  });

  it('that version 2.18 cannot open, and so does not list, are access-denied and not missing', async () => {
    const hidden = (idProduct: number) => nodeUsb({ library: fakeLibrary([], [{ idVendor: 0x1209, idProduct }]) });
    await failsWith('access-denied', hidden(1).board(), /udev/);
    await failsWith('device-not-found', hidden(2).board(), /plugged in/);
  });

  describe('whose descriptors version 3 does not get', () => {
    /** Fails so often, and is read then. */
    function refusing(words: string, times = Infinity) {
      const board = named('B');
      const { configurations } = board;
      let reads = 0;
      Object.defineProperty(board, 'configurations', {
        get() {
          if (reads++ < times) throw new Error(words);
          return configurations;
        },
      });
      return board;
    }

    it('because they have been pulled meanwhile are not listed', async () => {
      for (const words of [WORDS[3].gone, WORDS[3].stringGone]) {
        const usb = nodeUsb({ library: fakeLibrary([named('A'), refusing(words)]) });
        assert.equal((await usb.board()).serialNumber, 'A');
        await failsWith('device-not-found', usb.board('B'), /There is A/);
      }
    });

    it('because the system does not let it are not listed, and access-denied where they are wanted', async () => {
      const usb = nodeUsb({ library: fakeLibrary([named('A'), refusing(WORDS[3].denied)]) });
      assert.deepEqual(
        (await usb.boards()).map(({ serialNumber }) => serialNumber),
        ['A'],
      );
      assert.equal((await usb.board('A')).serialNumber, 'A');
      await failsWith('access-denied', usb.board('B'), /^usb B: .*udev/);
    });

    it('in time are asked again for 5 s, and transfer-timeout where that does not help', async () => {
      const environment = virtualEnvironment();
      const pass = async (ms: number): Promise<void> => {
        for (let passed = 0; passed <= ms; passed += 100) {
          await turn();
          environment.advance(100);
        }
      };
      const busy = nodeUsb({ environment, library: fakeLibrary([refusing(WORDS[3].stringTimeout, 200)]) });
      const found = busy.board();
      await pass(4500);
      assert.equal((await found).serialNumber, 'B');
      const silent = nodeUsb({ environment, library: fakeLibrary([refusing(WORDS[3].stringTimeout)]) });
      const failed = failsWith('transfer-timeout', silent.board(), /^usb B: It could not be asked what it is/);
      await pass(5500);
      await failed;
      assert.equal(environment.timers, 0);
    });
  });

  it('cannot be looked for where there is no USB', async () => {
    const library = fakeLibrary([]);
    library.listError = WORDS[3].noBus;
    await failsWith('no-bus', nodeUsb({ library }).board(), /no USB here/);
  });

  it('come and go while somebody listens', async () => {
    const environment = virtualEnvironment();
    const library = fakeLibrary([named('A')]);
    const changes: string[] = [];
    const note = ({ type, device }: BoardChange) => changes.push(`${type} ${device.serialNumber}`);
    const subscription = nodeUsb({ library, environment }).changes.subscribe(note);
    const after = async (devices: USBDevice[]): Promise<string[]> => {
      await turn();
      library.devices = devices;
      environment.advance(250);
      await turn();
      return changes.splice(0);
    };
    const [a] = library.devices;
    assert.deepEqual(await after([a!, named('B')]), ['connect A', 'connect B']);
    assert.deepEqual(await after([a!]), ['disconnect B']);
    assert.deepEqual(await after([named('A')]), ['disconnect A', 'connect A'], 'replugged between two looks');
    subscription.unsubscribe();
    assert.equal(environment.timers, 0);
  });

  it('end the stream of changes with an error where they can no longer be looked for', async () => {
    const library = fakeLibrary([]);
    library.listError = WORDS[3].noBus;
    const error = await new Promise((resolve) => nodeUsb({ library }).changes.subscribe({ error: resolve }));
    assert.ok(error instanceof TransportError && error.code === 'no-bus');
  });
});
