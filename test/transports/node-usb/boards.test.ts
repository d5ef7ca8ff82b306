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
