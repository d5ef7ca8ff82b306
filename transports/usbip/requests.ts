/** What a control request is to whoever stands between host and device (USB 2.0, tables 9-4 and 11-15). */
export type Meaning = 'address' | 'configuration' | 'interface' | 'feature' | 'port' | 'descriptor';

const MEANINGS: Readonly<Record<number, Meaning>> = {
  0x0005: 'address',
  0x0009: 'configuration',
  0x010b: 'interface',
  0x0201: 'feature',
  0x2303: 'port',
  0x8006: 'descriptor',
};

export interface Request {
  readonly meaning: Meaning | undefined;
  readonly value: number;
  readonly index: number;
}

export function requestOf(setup: Uint8Array): Request {
  const fields = new DataView(setup.buffer, setup.byteOffset, setup.length);
  return {
    meaning: MEANINGS[fields.getUint16(0)],
    value: fields.getUint16(2, true),
    index: fields.getUint16(4, true),
  };
}

const PORT_RESET = 4;
const DEVICE_DESCRIPTOR = 0x0100;
const FIRST_ASK = 64;

/**
 * How a client says that it has reset its port, which has no message of its own. Some send what a hub is told. The Linux
 * client says nothing; but like every host it then asks for the device descriptor with a length that is no descriptor's,
 * 64 (Linux, drivers/usb/core/hub.c, GET_DEVICE_DESCRIPTOR), and only then.
 */
export function resetOf({ meaning, value }: Request, length: number): 'asked' | 'seen' | undefined {
  if (meaning === 'port' && value === PORT_RESET) return 'asked';
  return meaning === 'descriptor' && value === DEVICE_DESCRIPTOR && length === FIRST_ASK ? 'seen' : undefined;
}
