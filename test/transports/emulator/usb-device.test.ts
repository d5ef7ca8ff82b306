import assert from 'node:assert/strict';
import { Clock } from '../../../transports/emulator/clock.js';
import type { EmulatedBoard } from '../../../transports/emulator/index.js';
import { UsbBus } from '../../../transports/emulator/usb-bus.js';
import { EmulatedUsbDevice } from '../../../transports/emulator/usb-device.js';
import { UsbHost } from '../../../transports/emulator/usb-host.js';
import { board, claimed, echo, FRAMES, hello, IN, OUT, parseAnswer, SERIAL } from '../real-board.js';

const SESSION = 0x1234;
const HALT_OUT = { requestType: 'standard', recipient: 'endpoint', request: 3, value: 0, index: OUT } as const;
const HALT_IN = { ...HALT_OUT, index: 0x80 | IN } as const;
const RESYNC = { requestType: 'vendor', recipient: 'interface', request: 0x52, value: 0, index: 0 } as const;
const UNKNOWN = { ...RESYNC, request: 0x99 } as const;

const rejectsWith = (name: string, promise: Promise<unknown>): Promise<void> => assert.rejects(promise, { name });

describe('The emulated USBDevice', () => {
  let emulated: EmulatedBoard;
  beforeEach(() => (emulated = board()));
  afterEach(() => emulated.dispose());

  async function exchange(device: USBDevice, request: BufferSource) {
    const sent = device.transferOut(OUT, request);
    const { data } = await device.transferIn(IN, 1088);
    await sent;
    return parseAnswer(data);
  }

  it('shows what enumeration has read', async () => {
    const device = await emulated.plug();
    assert.deepEqual([device.vendorId, device.productId], [0x1209, 0x0001]);
    assert.deepEqual([device.usbVersionMajor, device.usbVersionMinor, device.usbVersionSubminor], [2, 1, 0]);
    assert.equal(device.serialNumber, SERIAL);
    assert.equal(device.productName, 'fgft RP2040');
    assert.equal(device.configuration, null);
    const [configuration] = device.configurations;
    const [usbInterface] = configuration!.interfaces;
    const { alternate, alternates } = usbInterface!;
    for (const each of alternates)
      assert.deepEqual([each.interfaceClass, each.interfaceSubclass, each.interfaceProtocol], [0xff, 0x46, 0x01]);
    const endpoints = [
      { endpointNumber: 1, direction: 'out', type: 'bulk', packetSize: 64 },
      { endpointNumber: 2, direction: 'in', type: 'bulk', packetSize: 64 },
    ];
    assert.deepEqual(
      alternates.map((each) => [each.alternateSetting, each.endpoints]),
      [
        [0, []],
        [FRAMES, endpoints],
      ],
    );
    assert.equal(alternate, alternates[0]);
  });

  it('carries frames to the firmware and back', async () => {
    const device = await claimed(emulated);
    const greeting = await exchange(device, hello(SESSION));
    assert.equal(greeting.status, 0);
    assert.equal(greeting.session, SESSION);
    assert.equal(greeting.results.length, 48);
  });

  it('carries a frame and an answer of whole packets, each ended by an empty one', async () => {
    const device = await claimed(emulated);
    await exchange(device, hello(SESSION));
    const request = echo(SESSION, 1, 48);
    assert.equal(request.length, 64);
    void device.transferOut(OUT, request);
    void device.transferOut(OUT, new Uint8Array(0));
    assert.equal(parseAnswer((await device.transferIn(IN, 1088)).data).results.length, 48);
    const answer = await exchange(device, echo(SESSION, 2, 46));
    assert.equal(answer.length, 64);
  });

  it('asks to be opened first', async () => {
    const device = await emulated.plug();
    await rejectsWith('InvalidStateError', device.selectConfiguration(1));
    await rejectsWith('InvalidStateError', device.claimInterface(0));
    await rejectsWith('InvalidStateError', device.transferIn(IN, 64));
    await rejectsWith('InvalidStateError', device.controlTransferIn(RESYNC, 8));
    await rejectsWith('InvalidStateError', device.clearHalt('in', IN));
    await rejectsWith('InvalidStateError', device.reset());
    await device.close();
  });

  it('asks to be configured first', async () => {
    const device = await emulated.plug();
    await device.open();
    await rejectsWith('InvalidStateError', device.claimInterface(0));
    await rejectsWith('InvalidStateError', device.transferOut(OUT, new Uint8Array(1)));
  });

  it('does not find what is not there', async () => {
    const device = await claimed(emulated);
    await rejectsWith('NotFoundError', device.selectConfiguration(2));
    await rejectsWith('NotFoundError', device.claimInterface(3));
    await rejectsWith('NotFoundError', device.selectAlternateInterface(0, 2));
    await rejectsWith('NotFoundError', device.transferIn(5, 64));
    await rejectsWith('NotFoundError', device.transferOut(IN, new Uint8Array(1)));
    await rejectsWith('NotFoundError', device.controlTransferIn({ ...RESYNC, index: 3 }, 8));
    await rejectsWith('NotFoundError', device.clearHalt('in', OUT));
  });

  it('lets nobody use an interface that is not claimed', async () => {
    const device = await emulated.plug();
    await device.open();
    await device.selectConfiguration(1);
    assert.equal(device.configuration!.interfaces[0]!.claimed, false);
    await rejectsWith('NotFoundError', device.transferIn(IN, 64));
    await rejectsWith('InvalidStateError', device.controlTransferIn(RESYNC, 8));
    await rejectsWith('InvalidStateError', device.selectAlternateInterface(0, 0));
    await device.claimInterface(0);
    assert.equal(device.configuration!.interfaces[0]!.claimed, true);
    await device.claimInterface(0);
    await device.releaseInterface(0);
    await device.releaseInterface(0);
    assert.equal(device.configuration!.interfaces[0]!.claimed, false);
  });

  it('does no bulk transfer on an isochronous endpoint, and no isochronous one at all', async () => {
    const { description } = (await emulated.plug()) as EmulatedUsbDevice;
    const host = new UsbHost(new UsbBus(new Clock()));
    const [configuration] = description.configurations;
    const [alternate] = configuration!.alternates;
    const endpoints = [{ endpointNumber: 3, direction: 'in', type: 'isochronous', packetSize: 64 } as const];
    const other = { ...configuration!, alternates: [{ ...alternate!, endpoints }] };
    const device = new EmulatedUsbDevice(host, 1, { ...description, configurations: [other] });
    Object.assign(host, {
      control: (_: number, __: unknown, ___: unknown, done: (result: unknown) => void) =>
        done({ status: 'ok', bytes: 0, data: new Uint8Array(0) }),
    });
    await device.open();
    await device.selectConfiguration(1);
    await device.claimInterface(0);
    await rejectsWith('InvalidAccessError', device.transferIn(3, 64));
    await rejectsWith('NotSupportedError', device.isochronousTransferIn());
    await rejectsWith('NotSupportedError', device.isochronousTransferOut());
  });

  it('reports a stall as a status', async () => {
    const device = await claimed(emulated);
    assert.deepEqual(await device.controlTransferIn(UNKNOWN, 8), { status: 'stall' });
    assert.deepEqual(await device.controlTransferOut(UNKNOWN, new Uint8Array(4)), { status: 'stall', bytesWritten: 0 });
    assert.equal((await device.controlTransferOut(HALT_IN)).status, 'ok');
    assert.deepEqual(await device.transferIn(IN, 64), { status: 'stall' });
    await device.controlTransferOut(HALT_OUT);
    assert.deepEqual(await device.transferOut(OUT, new Uint8Array(4)), { status: 'stall', bytesWritten: 0 });
  });

  it('works again after the halt has been cleared', async () => {
    const device = await claimed(emulated);
    await exchange(device, hello(SESSION));
    await device.controlTransferOut(HALT_IN);
    await device.controlTransferOut(HALT_OUT);
    await device.clearHalt('in', IN);
    await device.clearHalt('out', OUT);
    assert.equal((await exchange(device, echo(SESSION, 1, 3))).status, 0);
  });

  it('reports babble when the answer is longer than what was asked for', async () => {
    const device = await claimed(emulated);
    void device.transferOut(OUT, hello(SESSION));
    const { status, data } = await device.transferIn(IN, 10);
    assert.equal(status, 'babble');
    assert.equal(data!.byteLength, 10);
  });

  it('sends what the buffer held when the call was made', async () => {
    const device = await claimed(emulated);
    const request = hello(SESSION);
    const sent = device.transferOut(OUT, request);
    request.fill(0);
    await sent;
    assert.equal(parseAnswer((await device.transferIn(IN, 1088)).data).session, SESSION);
  });

  for (const [name, stop] of [
    ['close', (device: USBDevice) => device.close()],
    ['releaseInterface', (device: USBDevice) => device.releaseInterface(0)],
    ['selectConfiguration', (device: USBDevice) => device.selectConfiguration(1)],
    ['selectAlternateInterface', (device: USBDevice) => device.selectAlternateInterface(0, 0)],
    ['reset', (device: USBDevice) => device.reset()],
  ] as const) {
    it(`aborts pending transfers on ${name}()`, async () => {
      const device = await claimed(emulated);
      const pending = rejectsWith('AbortError', device.transferIn(IN, 64));
      await stop(device);
      await pending;
    });
  }

  it('is opened, configured and claimed as before after reset()', async () => {
    const device = await claimed(emulated);
    await exchange(device, hello(SESSION));
    await device.reset();
    assert.equal(device.opened, true);
    assert.equal(device.configuration!.interfaces[0]!.claimed, true);
    assert.equal((await exchange(device, hello(SESSION))).status, 0);
    assert.equal(emulated.device, device);
  });

  it('does one thing at a time that changes its state', async () => {
    const device = await claimed(emulated);
    const resetting = device.reset();
    await rejectsWith('InvalidStateError', device.transferIn(IN, 64));
    await rejectsWith('InvalidStateError', device.close());
    await resetting;
    const closing = device.close();
    assert.equal(device.opened, false);
    await device.open();
    await closing;
    assert.equal(device.opened, true);
  });

  it('is closed to whoever asks after close(), and can be opened again', async () => {
    const device = await claimed(emulated);
    await device.close();
    assert.equal(device.opened, false);
    await rejectsWith('InvalidStateError', device.transferIn(IN, 64));
    await device.open();
    await device.claimInterface(0);
    assert.equal(device.configuration!.interfaces[0]!.alternate.alternateSetting, 0);
    await device.selectAlternateInterface(0, FRAMES);
    assert.equal((await exchange(device, hello(SESSION))).status, 0);
  });

  for (const [name, giveBack] of [
    ['close', (device: USBDevice) => device.close()],
    ['releaseInterface', (device: USBDevice) => device.releaseInterface(0)],
  ] as const)
    it(`goes back to the first setting on ${name}(), and the firmware hears of it`, async () => {
      const device = await claimed(emulated);
      await giveBack(device);
      assert.equal(device.configuration!.interfaces[0]!.alternate.alternateSetting, 0);
      if (!device.opened) await device.open();
      await device.claimInterface(0);
      const asked = { requestType: 'standard', recipient: 'interface', request: 10, value: 0, index: 0 } as const;
      const { data } = await device.controlTransferIn(asked, 1);
      assert.equal(data!.getUint8(0), 0);
      await rejectsWith('NotFoundError', device.transferIn(IN, 64));
    });

  it('fails pending transfers with NetworkError when it is unplugged, before disconnect is dispatched', async () => {
    const device = await claimed(emulated);
    const order: string[] = [];
    const pending = device.transferIn(IN, 64).catch((error: Error) => order.push(error.name));
    emulated.addEventListener('disconnect', (event) => {
      assert.equal(event.device, device);
      order.push(event.type);
    });
    await emulated.unplug();
    await pending;
    assert.deepEqual(order, ['NetworkError', 'disconnect']);
  });

  it('is not found any more after it was unplugged', async () => {
    const device = await claimed(emulated);
    await emulated.unplug();
    assert.equal(device.opened, false);
    await rejectsWith('NotFoundError', device.open());
    await rejectsWith('NotFoundError', device.close());
    await rejectsWith('NotFoundError', device.transferIn(IN, 64));
    await rejectsWith('NotFoundError', device.selectConfiguration(1));
  });

  it('is another object after it was plugged in again', async () => {
    const before = await claimed(emulated);
    await emulated.unplug();
    const after = await claimed(emulated);
    assert.notEqual(after, before);
    assert.equal((await exchange(after, hello(SESSION))).status, 0);
  });
});
