/** Boards that npm `usb` finds on Linux, in both versions. */
import assert from 'node:assert/strict';
import { firstValueFrom, ReplaySubject, take, toArray } from 'rxjs';
import * as usb3 from 'usb';
import * as usb2 from 'usb2';
import { TransportError } from '../../transports/errors.js';
import { nodeUsb, type BoardChange, type UsbLibrary } from '../../transports/node-usb/index.js';
import { KernelBoard } from './kernel-board.js';

const SERIAL_NUMBER = '000000000000F6F7';
const LIBRARIES: readonly (readonly [name: string, library: UsbLibrary])[] = [
  ['npm usb 3', usb3],
  ['npm usb 2.18', usb2],
];

const notFound = (promise: Promise<unknown>, words: RegExp): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof TransportError, String(error));
    assert.equal(error.code, 'device-not-found');
    assert.match(error.message, words);
    return true;
  });

describe('Boards on the USB of Linux', () => {
  let board: KernelBoard;
  before(() => {
    board = new KernelBoard();
  });
  after(() => board.close());
  afterEach(() => board.unplug());

  for (const [name, library] of LIBRARIES) {
    it(`${name}: none is there`, async () => {
      assert.deepEqual(await nodeUsb({ library }).boards(), []);
      await notFound(nodeUsb({ library }).board(), /No board was found/);
    });

    it(`${name}: they are told of as they come and go`, async () => {
      const usb = nodeUsb({ library });
      const changes = new ReplaySubject<BoardChange>();
      const subscription = usb.changes.subscribe(changes);
      const next = (count: number): Promise<BoardChange[]> => firstValueFrom(changes.pipe(take(count), toArray()));
      await board.plug();
      await next(1);
      assert.equal((await usb.board(SERIAL_NUMBER)).serialNumber, SERIAL_NUMBER);
      await notFound(usb.board('F6F7'), new RegExp(`There is ${SERIAL_NUMBER}`));
      await board.unplug();
      await next(2);
      await board.plug();
      const [first, second, third] = await next(3);
      subscription.unsubscribe();
      assert.deepEqual([first!.type, second!.type, third!.type], ['connect', 'disconnect', 'connect']);
      assert.equal(first!.device, second!.device);
      assert.notEqual(first!.device, third!.device, 'another appearance is another device');
    });
  }
});
