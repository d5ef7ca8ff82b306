import assert from 'node:assert/strict';
import { TransportError, type TransportErrorCode } from '../../transports/errors.js';
import type { Transport } from '../../transports/transport.js';
import { webUsb } from '../../transports/webusb.js';
import { fakeUsbDevice, received, type FakeOptions, type FakeUsbDevice } from './fake-usb-device.js';
import { board, claimed, echo, hello, parseAnswer, seededEnvironment } from './real-board.js';

const SESSION = 0xbeef;
const exception = (name: string, message = 'It did not work.'): DOMException => new DOMException(message, name);
const reject = (error: Error) => () => Promise.reject(error);

const failsWith = (code: TransportErrorCode, promise: Promise<unknown>, cause?: unknown): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof TransportError, String(error));
    assert.equal(error.code, code, error.message);
    assert.ok(error.message.length > 40, 'it says what happened');
    if (cause !== undefined) assert.equal(error.cause, cause);
    return true;
  });

async function opened(options: FakeOptions = {}): Promise<{ device: FakeUsbDevice; link: Transport }> {
  const device = fakeUsbDevice(options);
  const link = webUsb(device, seededEnvironment());
  await link.open();
  return { device, link };
}

describe('The WebUSB transport', () => {
  const unhandled: unknown[] = [];
  const remember = (reason: unknown): void => void unhandled.push(reason);
  before(() => process.on('unhandledRejection', remember));
  after(() => process.off('unhandledRejection', remember));
  afterEach(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(unhandled.splice(0), [], 'no rejection is left unhandled');
  });

  describe('when it is opened', () => {
    it('opens, configures and claims the device, clears what an earlier session left, and listens', async () => {
      const { device, link } = await opened();
      assert.equal(link.name, 'webusb 1209:0001 serial FAKE');
      assert.deepEqual(device.calls, [
        'open()',
        'selectConfiguration(1)',
        'claimInterface(0)',
        'selectAlternateInterface(0, 0)',
        'controlTransferIn({"requestType":"vendor","recipient":"interface","request":82,"value":0,"index":0}, 8)',
        'transferIn(2, 1088)',
      ]);
    });

    it('does not configure again what is configured', async () => {
      const { device } = await opened({ configured: true });
      assert.ok(!device.calls.some((call) => call.startsWith('selectConfiguration')));
    });

    for (const other of [{ interfaceProtocol: 2 }, { endpoints: [] }])
      it(`selects the setting that has the endpoints, and the first again when it is closed: ${JSON.stringify(other)}`, async () => {
        const { device, link } = await opened({ alternates: [other, { alternateSetting: 1 }] });
        assert.ok(device.calls.includes('selectAlternateInterface(0, 1)'));
        await link.close();
        assert.equal(device.calls.at(-3), 'selectAlternateInterface(0, 0)');
      });

    it('gives the interface back where the device does not go back to its first setting', async () => {
      let settings = 0;
      const selectAlternateInterface = (): Promise<void> =>
        settings++ === 0 ? Promise.resolve() : Promise.reject(exception('NetworkError'));
      const { device, link } = await opened({ methods: { selectAlternateInterface } });
      await link.close();
      assert.deepEqual(device.calls.slice(-2), ['releaseInterface(0)', 'close()']);
    });

    it('does it once, however often it is asked', async () => {
      const { device, link } = await opened();
      const { length } = device.calls;
      await Promise.all([link.open(), link.open()]);
      assert.equal(device.calls.length, length);
    });

    for (const [name, options] of [
      ['another vendor', { vendorId: 0x2e8a }],
      ['another product', { productId: 2 }],
      ['another class', { alternates: [{ interfaceClass: 3 }] }],
      ['another subclass', { alternates: [{ interfaceSubclass: 0x47 }] }],
      ['another protocol', { alternates: [{ interfaceProtocol: 2 }] }],
      ['no endpoints', { alternates: [{ endpoints: [] }] }],
      [
        'two endpoints of one direction',
        {
          alternates: [
            {
              endpoints: [
                { endpointNumber: 1, direction: 'in', type: 'bulk', packetSize: 64 },
                { endpointNumber: 2, direction: 'in', type: 'bulk', packetSize: 64 },
              ],
            },
          ],
        },
      ],
    ] satisfies [string, FakeOptions][]) {
      it(`refuses a device with ${name} before it sends anything`, async () => {
        const device = fakeUsbDevice(options);
        await failsWith('device-mismatch', webUsb(device).open());
        assert.deepEqual(device.calls, []);
      });
    }

    it('takes the endpoints in either order', async () => {
      const endpoints: USBEndpoint[] = [
        { endpointNumber: 5, direction: 'in', type: 'bulk', packetSize: 64 },
        { endpointNumber: 6, direction: 'out', type: 'bulk', packetSize: 64 },
      ];
      const { device } = await opened({ alternates: [{ endpoints }] });
      assert.equal(device.calls.at(-1), 'transferIn(5, 1088)');
    });

    for (const [method, name] of [
      ['open', 'SecurityError'],
      ['open', 'NetworkError'],
      ['selectConfiguration', 'NetworkError'],
      ['claimInterface', 'NetworkError'],
      ['claimInterface', 'InvalidStateError'],
    ] as const) {
      it(`calls the device busy when ${method}() rejects with ${name}, and gives back what it had taken`, async () => {
        const cause = exception(name);
        const device = fakeUsbDevice({ methods: { [method]: reject(cause) } });
        await failsWith('device-busy', webUsb(device).open(), cause);
        assert.equal(device.opened, false);
      });
    }

    it('calls the device lost when it is gone', async () => {
      for (const method of ['open', 'selectConfiguration', 'claimInterface', 'controlTransferIn'] as const) {
        const device = fakeUsbDevice({ methods: { [method]: reject(exception('NotFoundError')) } });
        await failsWith('device-lost', webUsb(device).open());
      }
    });

    it('understands the errors of npm usb', async () => {
      const busy = new Error('claimInterface error: Error: LIBUSB_ERROR_BUSY');
      await failsWith('device-busy', webUsb(fakeUsbDevice({ methods: { claimInterface: reject(busy) } })).open());
      const gone = new Error('open error: Error: LIBUSB_ERROR_NO_DEVICE');
      await failsWith('device-lost', webUsb(fakeUsbDevice({ methods: { open: reject(gone) } })).open());
    });

    it('calls the device busy when another link of this program has claimed it', async () => {
      const device = fakeUsbDevice({ opened: true, configured: true, claimed: true });
      await failsWith('device-busy', webUsb(device).open());
      assert.deepEqual(device.calls, [], 'and leaves it to that');
    });

    it('fails when the firmware does not answer a resync as ours does', async () => {
      const stall = fakeUsbDevice({ methods: { controlTransferIn: async () => ({ status: 'stall' }) } });
      await failsWith('link-failed', webUsb(stall).open());
      const short = fakeUsbDevice({ methods: { controlTransferIn: async () => received(1, 2) } });
      await failsWith('link-failed', webUsb(short).open());
    });

    it('can be tried again after it has failed', async () => {
      let attempts = 0;
      const claimInterface = async (): Promise<void> => {
        attempts += 1;
        if (attempts === 1) throw exception('NetworkError');
      };
      const link = webUsb(fakeUsbDevice({ methods: { claimInterface } }));
      await failsWith('device-busy', link.open());
      await link.open();
    });
  });

  describe('when it sends', () => {
    it('sends a frame as one transfer', async () => {
      const { device, link } = await opened();
      await link.send(new Uint8Array(63));
      assert.equal(device.calls.at(-1), 'transferOut(1, 63 bytes)');
    });

    it('ends a frame of whole packets with an empty one, in the same go', async () => {
      const { device, link } = await opened();
      const sent = link.send(new Uint8Array(128));
      assert.deepEqual(device.calls.slice(-2), ['transferOut(1, 128 bytes)', 'transferOut(1, 0 bytes)']);
      await sent;
    });

    it('fails when the endpoint is halted, and clears it with the next resync', async () => {
      let halted = true;
      const { device, link } = await opened({
        methods: {
          transferOut: async () => ({ status: halted ? 'stall' : 'ok', bytesWritten: 0 }),
          clearHalt: async () => void (halted = false),
        },
      });
      await failsWith('link-halted', link.send(new Uint8Array(1)));
      await link.resync();
      assert.ok(device.calls.includes('clearHalt(out, 1)'));
      await link.send(new Uint8Array(1));
    });

    it('tells a lost device from a failed link', async () => {
      const failed = await opened({ methods: { transferOut: reject(exception('NetworkError')) } });
      await failsWith('link-failed', failed.link.send(new Uint8Array(1)));
      const lost = await opened({ methods: { transferOut: reject(exception('NetworkError')) } });
      lost.device.opened = false;
      await failsWith('device-lost', lost.link.send(new Uint8Array(1)));
    });

    it('does not send before it is open', async () => {
      await failsWith('link-closed', webUsb(fakeUsbDevice()).send(new Uint8Array(1)));
    });
  });

  describe('when it receives', () => {
    it('has the next transferIn posted before it hands a frame on', async () => {
      const { device, link } = await opened();
      const frame = link.receive();
      device.waiting.shift()!.resolve(received(1, 2, 3));
      assert.deepEqual(await frame, Uint8Array.of(1, 2, 3));
      assert.equal(device.waiting.length, 1);
    });

    it('keeps frames that nobody has asked for yet, in order', async () => {
      const { device, link } = await opened();
      for (const byte of [1, 2]) {
        device.waiting.shift()!.resolve(received(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.deepEqual(await link.receive(), Uint8Array.of(1));
      assert.deepEqual(await link.receive(), Uint8Array.of(2));
    });

    it('takes no notice of an empty transfer', async () => {
      const { device, link } = await opened();
      const frame = link.receive();
      device.waiting.shift()!.resolve(received());
      await new Promise((resolve) => setImmediate(resolve));
      device.waiting.shift()!.resolve(received(1));
      assert.deepEqual(await frame, Uint8Array.of(1));
    });

    it('serves one caller at a time', async () => {
      const { link } = await opened();
      const first = failsWith('link-closed', link.receive());
      await failsWith('link-failed', link.receive());
      await link.close();
      await first;
    });

    for (const status of ['stall', 'babble'] as const) {
      it(`fails on ${status} until the link has been resynchronised`, async () => {
        const { device, link } = await opened();
        const frame = failsWith('link-halted', link.receive());
        device.waiting.shift()!.resolve({ status });
        await frame;
        await failsWith('link-halted', link.receive());
        assert.equal(device.waiting.length, 0);
        await link.resync();
        assert.equal(device.calls.includes('clearHalt(in, 2)'), status === 'stall');
        const next = link.receive();
        device.waiting.shift()!.resolve(received(5));
        assert.deepEqual(await next, Uint8Array.of(5));
      });
    }

    for (const [name, code] of [
      ['NotFoundError', 'device-lost'],
      ['NetworkError', 'link-failed'],
      ['InvalidStateError', 'link-failed'],
      ['AbortError', 'link-failed'],
    ] as const) {
      it(`calls ${name} ${code}`, async () => {
        const { device, link } = await opened();
        const cause = exception(name);
        const frame = failsWith(code, link.receive(), cause);
        device.waiting.shift()!.reject(cause);
        await frame;
        await failsWith(code, link.receive());
      });
    }

    it('fails whoever asks later when nobody was waiting for the failure', async () => {
      const { device, link } = await opened();
      device.waiting.shift()!.reject(exception('NotFoundError'));
      await new Promise((resolve) => setImmediate(resolve));
      await failsWith('device-lost', link.receive());
    });
  });

  describe('when it is resynchronised', () => {
    it('tells where the controller stands, and drops frames that arrived before', async () => {
      const { device, link } = await opened();
      device.waiting.shift()!.resolve(received(1));
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(await link.resync(), { epoch: 7, session: 8, nextSequence: 9 });
      const frame = link.receive();
      device.waiting.shift()!.resolve(received(2));
      assert.deepEqual(await frame, Uint8Array.of(2));
    });
  });

  describe('when it is closed', () => {
    it('settles a pending receive, gives the interface back and closes the device', async () => {
      const { device, link } = await opened();
      const frame = failsWith('link-closed', link.receive());
      await link.close();
      await frame;
      assert.deepEqual(device.calls.slice(-3), ['selectAlternateInterface(0, 0)', 'releaseInterface(0)', 'close()']);
      await failsWith('link-closed', link.receive());
      await failsWith('link-closed', link.resync());
    });

    it('leaves what the device does not take back while it is being reset to the next link', async () => {
      let resetting = false;
      const { device, link } = await opened({
        methods: {
          async releaseInterface() {
            if (resetting) throw exception('InvalidStateError');
            Object.assign(device.configuration!.interfaces[0]!, { claimed: false });
          },
          async close() {
            if (resetting) throw exception('InvalidStateError');
            device.opened = false;
          },
        },
      });
      resetting = true;
      await link.close();
      assert.ok(device.opened);
      const next = webUsb(device, link.environment);
      await failsWith('device-busy', next.open());
      resetting = false;
      await next.open();
      await next.close();
      assert.ok(!device.opened);
    });

    it('settles frames that are still being sent', async () => {
      let abort: (error: Error) => void = () => {};
      const { link } = await opened({
        methods: {
          transferOut: () => new Promise((_, fail) => (abort = fail)),
          close: async () => abort(exception('AbortError')),
        },
      });
      const sent = failsWith('link-closed', link.send(new Uint8Array(1)));
      await link.close();
      await sent;
    });

    it('never rejects, and may be called again, also when the device is gone', async () => {
      const gone = reject(exception('NotFoundError'));
      const { link } = await opened({ methods: { releaseInterface: gone, close: gone } });
      await Promise.all([link.close(), link.close()]);
      await link.close();
      await webUsb(fakeUsbDevice()).close();
    });

    it('leaves a device open that somebody else had opened', async () => {
      const { device, link } = await opened({ opened: true, configured: true });
      await link.close();
      assert.equal(device.opened, true);
      assert.equal(device.calls.at(-1), 'releaseInterface(0)');
    });

    it('ends an open() that is under way', async () => {
      let claim: () => void = () => {};
      const claimInterface = (): Promise<void> => new Promise((resolve) => (claim = resolve));
      const device = fakeUsbDevice({ methods: { claimInterface } });
      const link = webUsb(device);
      const opening = failsWith('link-closed', link.open());
      await new Promise((resolve) => setImmediate(resolve));
      const closing = link.close();
      claim();
      await Promise.all([opening, closing]);
      assert.equal(device.opened, false);
      assert.ok(!device.calls.some((call) => call.startsWith('transferIn')));
    });

    it('can be opened again', async () => {
      const { device, link } = await opened();
      await link.close();
      await link.open();
      assert.equal(device.waiting.length, 1);
    });
  });

  describe('on the emulated board', () => {
    it('carries frames both ways, whole packets too', async () => {
      using emulated = board();
      const link = webUsb(await emulated.plug(), emulated.environment);
      await link.open();
      await link.send(hello(SESSION));
      assert.equal(parseAnswer(await link.receive()).status, 0);
      for (const [sequence, count] of [
        [1, 46],
        [2, 48],
        [3, 110],
        [4, 112],
        [5, 255],
      ] as const) {
        await link.send(echo(SESSION, sequence, count));
        const { results, status } = parseAnswer(await link.receive());
        assert.equal(status, 0);
        assert.equal(results.length, count);
      }
      await link.close();
    });

    it('says where the controller stands', async () => {
      using emulated = board();
      const link = webUsb(await emulated.plug(), emulated.environment);
      await link.open();
      await link.send(hello(SESSION));
      const { epoch } = parseAnswer(await link.receive());
      assert.deepEqual(await link.resync(), { epoch, session: SESSION, nextSequence: 1 });
      await link.close();
    });

    it('gets no answer of an earlier session', async () => {
      using emulated = board();
      const device = await claimed(emulated);
      await device.transferOut(1, hello(SESSION));
      await device.close();
      const link = webUsb(device, emulated.environment);
      await link.open();
      await link.send(hello(SESSION + 1));
      assert.equal(parseAnswer(await link.receive()).session, SESSION + 1);
      await link.close();
    });

    it('loses the device when it is unplugged', async () => {
      using emulated = board();
      const link = webUsb(await emulated.plug(), emulated.environment);
      await link.open();
      const frame = failsWith('device-lost', link.receive());
      await emulated.unplug();
      await frame;
      await failsWith('device-lost', link.send(hello(SESSION)));
      await failsWith('device-lost', link.resync());
      await link.close();
    });

    it('fails on a bus reset and works again after a resync', async () => {
      using emulated = board();
      const link = webUsb(await emulated.plug(), emulated.environment);
      await link.open();
      const frame = failsWith('link-failed', link.receive());
      await emulated.busReset();
      await frame;
      await link.resync();
      await link.send(hello(SESSION));
      assert.equal(parseAnswer(await link.receive()).status, 0);
      await link.close();
    });

    it('is refused a second link to the same board while the first one is open', async () => {
      using emulated = board();
      const device = await emulated.plug();
      const [first, second] = [webUsb(device), webUsb(device)];
      await first.open();
      await failsWith('device-busy', second.open());
      await first.close();
      await second.open();
      await second.close();
    });
  });
});
