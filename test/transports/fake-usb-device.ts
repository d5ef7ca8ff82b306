/** USB devices that do just what a test tells them to. */

/** Plain objects: the spread below would lose a class. */
type Alternate = { [Key in keyof USBAlternateInterface]: USBAlternateInterface[Key] };

const frames: Alternate = {
  alternateSetting: 0,
  interfaceClass: 0xff,
  interfaceSubclass: 0x46,
  interfaceProtocol: 0x01,
  interfaceName: null,
  endpoints: [
    { endpointNumber: 1, direction: 'out', type: 'bulk', packetSize: 64 },
    { endpointNumber: 2, direction: 'in', type: 'bulk', packetSize: 64 },
  ],
};

export interface FakeOptions {
  readonly vendorId?: number;
  readonly productId?: number;
  readonly opened?: boolean;
  readonly configured?: boolean;
  readonly claimed?: boolean;
  readonly alternates?: readonly Partial<Alternate>[];
  /** Methods to replace; they are called with the device's log. */
  readonly methods?: Partial<Pick<USBDevice, FakeMethod>>;
}

type FakeMethod =
  | 'open'
  | 'close'
  | 'selectConfiguration'
  | 'claimInterface'
  | 'releaseInterface'
  | 'selectAlternateInterface'
  | 'controlTransferIn'
  | 'controlTransferOut'
  | 'reset'
  | 'clearHalt'
  | 'transferIn'
  | 'transferOut';

/** What was called, in order, and the transferIn that waits. */
export interface FakeUsbDevice extends USBDevice {
  readonly calls: string[];
  readonly waiting: {
    readonly resolve: (result: USBInTransferResult) => void;
    readonly reject: (error: Error) => void;
  }[];
  opened: boolean;
}

/** The answer to a resync: epoch 7, session 8, next sequence number 9. */
export const RESYNC_ANSWER = new DataView(Uint8Array.of(7, 0, 0, 0, 8, 0, 9, 0).buffer);

export const received = (...bytes: number[]): USBInTransferResult => ({
  status: 'ok',
  data: new DataView(Uint8Array.from(bytes).buffer),
});

export function fakeUsbDevice(options: FakeOptions = {}): FakeUsbDevice {
  const { vendorId = 0x1209, productId = 0x0001, opened = false, configured = false, claimed = false } = options;
  const alternates = (options.alternates ?? [{}]).map((alternate) => ({ ...frames, ...alternate }));
  const calls: string[] = [];
  const waiting: FakeUsbDevice['waiting'] = [];
  const usbInterface = { interfaceNumber: 0, claimed, alternates, alternate: alternates[0]! };
  const configuration = { configurationValue: 1, configurationName: null, interfaces: [usbInterface] };
  const methods: Pick<USBDevice, FakeMethod> = {
    async open() {
      device.opened = true;
    },
    async close() {
      device.opened = false;
      for (const { reject } of waiting.splice(0)) reject(new DOMException('The transfer was cancelled.', 'AbortError'));
    },
    async selectConfiguration() {
      Object.assign(device, { configuration });
    },
    async claimInterface() {
      usbInterface.claimed = true;
    },
    async releaseInterface() {
      usbInterface.claimed = false;
    },
    async selectAlternateInterface(_, setting) {
      usbInterface.alternate = alternates.find(({ alternateSetting }) => alternateSetting === setting)!;
    },
    async controlTransferIn() {
      return { status: 'ok', data: RESYNC_ANSWER };
    },
    async controlTransferOut() {
      return { status: 'ok', bytesWritten: 0 };
    },
    async reset() {},
    async clearHalt() {},
    transferIn: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    async transferOut(_, data) {
      return { status: 'ok', bytesWritten: data.byteLength };
    },
    ...options.methods,
  };
  const logged = Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      (...args: unknown[]) => {
        calls.push(`${name}(${args.map(describe).join(', ')})`);
        return (method as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  );
  const device = {
    ...logged,
    calls,
    waiting,
    vendorId,
    productId,
    serialNumber: 'FAKE',
    configurations: [configuration],
    configuration: configured ? configuration : null,
    opened,
  } as unknown as FakeUsbDevice;
  return device;
}

function describe(argument: unknown): string {
  if (ArrayBuffer.isView(argument)) return `${argument.byteLength} bytes`;
  return typeof argument === 'string' ? argument : JSON.stringify(argument);
}
