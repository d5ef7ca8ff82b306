import assert from 'node:assert/strict';
import { TransportError, type TransportErrorCode } from '../../../transports/errors.js';
import { nodeUsbDevice } from '../../../transports/node-usb/device.js';
import { virtualEnvironment } from '../../../transports/virtual-environment.js';
import { received, type FakeOptions } from '../fake-usb-device.js';
import { fakeBoard, WORDS, type Major } from './fake-library.js';

const SETUP = { requestType: 'vendor', recipient: 'interface', request: 0x52, value: 0, index: 0 } as const;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const failsWith = (code: TransportErrorCode, promise: Promise<unknown>): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof TransportError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, /^usb FAKE: .{20}/);
    return true;
  });

function wrapped(major: Major, methods?: FakeOptions['methods']) {
  const board = fakeBoard(major, methods);
  const environment = virtualEnvironment();
  return { board, environment, device: nodeUsbDevice(board, environment) };
}

for (const major of [3, 2] as const) {
  const words = WORDS[major];
  const reject = (message: string) => () => Promise.reject(new Error(message));

  describe(`A device of npm usb ${major}`, () => {
    it('has the properties of the library’s', () => {
      const { device } = wrapped(major);
      assert.deepEqual([device.vendorId, device.serialNumber, device.opened], [0x1209, 'FAKE', false]);
    });

    for (const [words_, code] of [
      [words.denied, 'access-denied'],
      [words.gone, 'device-lost'],
    ] as const)
      it(`says ${code} for '${words_}'`, () => failsWith(code, wrapped(major, { open: reject(words_) }).device.open()));

    it('says how to be let in', async () => {
      const { device } = wrapped(major, { open: reject(words.denied) });
      await assert.rejects(
        device.open(),
        /udev\/rules\.d.*ATTR\{idVendor\}=="1209"|ATTR\{idVendor\}=="1209".*rules\.d/,
      );
    });

    it('says device-busy where another process has claimed the interface', () =>
      failsWith('device-busy', wrapped(major, { claimInterface: reject(words.busy) }).device.claimInterface(0)));

    it('says device-lost for what waits when the board is unplugged, and for requests after that', async () => {
      const { board, device } = wrapped(major, { controlTransferIn: reject(words.unpluggedControl) });
      const waiting = failsWith('device-lost', device.transferIn(2, 64));
      board.fail(words.unplugged);
      await waiting;
      await failsWith('device-lost', device.controlTransferIn(SETUP, 8));
    });

    if (words.unplugging !== undefined) {
      it('says device-lost for a transfer of a board whose endpoints Linux has taken away already', () =>
        failsWith('device-lost', wrapped(major, { transferIn: reject(words.unplugging) }).device.transferIn(2, 64)));
    }

    it('says transfer-timeout for an OUT transfer that the board does not take', () =>
      failsWith(
        'transfer-timeout',
        wrapped(major, { transferOut: reject(words.timeout) }).device.transferOut(1, new Uint8Array(1)),
      ));

    it('says link-failed for what has no other name, and keeps the cause', async () => {
      const { board, device } = wrapped(major);
      const waiting = device.transferIn(2, 64).catch((error: unknown) => error);
      board.fail(words.other);
      const error = await waiting;
      assert.ok(error instanceof TransportError && error.cause instanceof Error);
      assert.deepEqual([error.code, error.cause.message], ['link-failed', words.other]);
    });

    it('hands on what was received', async () => {
      const { board, device } = wrapped(major);
      const waiting = device.transferIn(2, 64);
      board.waiting.shift()!.resolve(received(1, 2));
      assert.equal((await waiting).data!.byteLength, 2);
    });

    it('gives every transfer a time-out', async () => {
      const { board, device } = wrapped(major);
      await device.claimInterface(0);
      await device.selectAlternateInterface(0, 1);
      board.calls.length = 0;
      void device.transferIn(2, 64).catch(() => {});
      await device.transferOut(1, Uint8Array.of(1));
      await device.controlTransferIn(SETUP, 8);
      await device.controlTransferOut(SETUP);
      if (major === 3) {
        assert.match(board.calls[0]!, /^transferIn\(2, 64, 60000\)$/);
        assert.match(board.calls[1]!, /^transferOut\(1, 1 bytes, 5000\)$/);
        assert.match(board.calls[2]!, /8, 1000\)$/);
        assert.match(board.calls[3]!, /0 bytes, 1000\)$/);
      } else {
        const { device: libusb } = board as unknown as {
          device: { timeout: number; interfaces: { endpoints: { timeout: number }[] }[] };
        };
        assert.equal(libusb.timeout, 1000);
        assert.deepEqual(
          libusb.interfaces[0]!.endpoints.map(({ timeout }) => timeout),
          [5000, 0],
          'OUT has one; IN waits as long as it must',
        );
      }
    });

    it('sends one transfer after the other, in order', async () => {
      let takes = (): void => {};
      const transferOut = (_: number, data: BufferSource) =>
        new Promise<USBOutTransferResult>((resolve) => {
          takes = () => resolve({ status: 'ok', bytesWritten: data.byteLength });
        });
      const { board, device } = wrapped(major, { transferOut });
      const sent = [1, 2, 3].map((length) => device.transferOut(1, new Uint8Array(length)));
      for (const [index, each] of sent.entries()) {
        await turn();
        assert.equal(board.calls.length, index + 1);
        takes();
        assert.equal((await each).bytesWritten, index + 1);
      }
    });

    it('sends what the bytes were when it was asked to', async () => {
      const seen: number[] = [];
      const transferOut = async (_: number, data: BufferSource): Promise<USBOutTransferResult> => {
        seen.push((data as Uint8Array)[0]!);
        return { status: 'ok', bytesWritten: 1 };
      };
      const { device } = wrapped(major, { transferOut });
      const bytes = Uint8Array.of(1);
      const sent = [device.transferOut(1, bytes), device.transferOut(1, bytes)];
      bytes[0] = 2;
      await Promise.all(sent);
      assert.deepEqual(seen, [1, 1]);
    });

    for (const method of ['selectAlternateInterface', 'releaseInterface', 'close'] as const)
      it(`has the board end what waits before ${method}, and clears the endpoint again`, async () => {
        const { board, device } = wrapped(major);
        const waiting = failsWith('link-closed', device.transferIn(2, 64));
        await device[method](0, 0);
        await waiting;
        assert.deepEqual(
          board.calls.map((call) => call.split('(')[0]),
          ['transferIn', 'controlTransferOut', major === 3 ? 'clearHalt' : 'libusb clearHalt', method],
        );
        assert.match(board.calls[1]!, /"standard","recipient":"endpoint","request":3,"value":0,"index":130/);
      });

    it('resets a board that does not answer, so that what waits ends', async () => {
      const { board, device } = wrapped(major, { controlTransferOut: reject(words.timeout) });
      const waiting = failsWith('device-lost', device.transferIn(2, 64));
      await device.close();
      await waiting;
      assert.ok(board.calls.includes('reset()'));
    });

    it('closes without a word to the board where nothing waits', async () => {
      const { board, device } = wrapped(major);
      await device.close();
      assert.deepEqual(board.calls, ['close()']);
    });
  });
}

describe('A device of npm usb 3', () => {
  it('tells stalls by a status, as WebUSB does', async () => {
    const { stalled, stalledOut } = WORDS[3];
    const { board, device } = wrapped(3, {
      controlTransferIn: () => Promise.reject(new Error(stalled)),
      transferOut: () => Promise.reject(new Error(stalledOut)),
    });
    assert.deepEqual(await device.controlTransferIn(SETUP, 8), { status: 'stall' });
    assert.deepEqual(await device.transferOut(1, new Uint8Array(1)), { status: 'stall', bytesWritten: 0 });
    const waiting = device.transferIn(2, 64);
    board.fail('transferIn error: Stall');
    assert.deepEqual(await waiting, { status: 'stall' });
  });

  it('posts an IN transfer again when its time has run out, as often as it must', async () => {
    const { board, environment, device } = wrapped(3);
    const waiting = device.transferIn(2, 64);
    for (let times = 0; times < 3; times++) {
      environment.advance(60_000);
      board.fail('transferIn error: Cancelled');
      await turn();
    }
    board.waiting.shift()!.resolve(received(9));
    assert.equal((await waiting).data!.getUint8(0), 9);
    assert.equal(board.calls.length, 4);
  });

  it('says device-lost for one that is taken back before its time: somebody else has reset the board', async () => {
    const { board, environment, device } = wrapped(3);
    const waiting = failsWith('device-lost', device.transferIn(2, 64));
    environment.advance(1000);
    board.fail('transferIn error: Cancelled');
    await waiting;
  });
});
