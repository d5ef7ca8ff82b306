import assert from 'node:assert/strict';
import {
  DescriptorError,
  parseCapabilities,
  parseConfiguration,
  parseDevice,
  parseString,
} from '../../../transports/emulator/usb-descriptors.js';
import type { EmulatedUsbDevice } from '../../../transports/emulator/index.js';
import { board } from '../real-board.js';

const HEAD = [9, 2, 48, 0, 2, 1, 0, 0x80, 50];
const INTERFACE_0 = [9, 4, 0, 0, 1, 0xff, 1, 2, 0];
const INTERFACE_0_SETTING_1 = [9, 4, 0, 1, 0, 0xff, 1, 2, 5];
const INTERFACE_ASSOCIATION = [8, 11, 0, 1, 0xff, 0, 0, 0];
const ENDPOINT = [7, 5, 0x83, 3, 8, 0, 10];
const UNKNOWN = [6, 0x24, 1, 2, 3, 4];

const WEBUSB = '3408b638-09a9-47a0-8bfd-a0768815b665';
const MICROSOFT_OS_20 = 'd8dd60df-4589-4cc7-9cd2-659d9e648a9f';

describe('USB descriptors', () => {
  it('are read in any order, and those of unknown type are passed over', () => {
    const parts = [HEAD, INTERFACE_ASSOCIATION, INTERFACE_0, UNKNOWN, ENDPOINT, INTERFACE_0_SETTING_1];
    const configuration = parseConfiguration(Uint8Array.from(parts.flat()));
    assert.equal(configuration.value, 1);
    assert.equal(configuration.alternates.length, 2);
    assert.deepEqual(configuration.alternates[0]!.endpoints, [
      { endpointNumber: 3, direction: 'in', type: 'interrupt', packetSize: 8 },
    ]);
    assert.equal(configuration.alternates[1]!.name, 5);
  });

  it('are refused when they are not what they should be, or contradict themselves', () => {
    assert.throws(() => parseDevice(Uint8Array.from([18, 2, 0, 0])), DescriptorError);
    assert.throws(() => parseConfiguration(Uint8Array.from(HEAD)), /another length/);
    const endless = Uint8Array.from([9, 2, 11, 0, 1, 1, 0, 0x80, 50, 0, 4]);
    assert.throws(() => parseConfiguration(endless), /has the length 0/);
    assert.throws(() => parseString(Uint8Array.of(4, 1, 65, 0)), DescriptorError);
  });

  it('hold strings in UTF-16', () => {
    assert.equal(parseString(Uint8Array.of(8, 3, 0x66, 0, 0x3d, 0xd8, 0x0c, 0xdd)), 'f\u{1f50c}');
    assert.equal(parseString(Uint8Array.of(2, 3)), '');
  });

  it('of the firmware announce WebUSB and the Microsoft OS descriptors', async () => {
    using emulated = board();
    const { description } = (await emulated.plug()) as EmulatedUsbDevice;
    assert.deepEqual(
      description.capabilities.map(({ uuid }) => uuid),
      [WEBUSB, MICROSOFT_OS_20],
    );
    assert.throws(() => parseCapabilities(Uint8Array.of(5, 2, 5, 0, 0)), DescriptorError);
  });
});
