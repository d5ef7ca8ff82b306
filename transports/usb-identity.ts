/** How a board with our firmware can be told from every other USB device, and what its USB side adds to the frames. */

/** The test id of pid.codes: nobody may ship it. */
export const USB_ID = { vendor: 0x1209, product: 0x0001 } as const;

/** The interface that carries frames: vendor class, 'F' for fgft, frames as docs/protocol.md describes them. */
export const USB_INTERFACE = { class: 0xff, subclass: 0x46, protocol: 0x01 } as const;

/** For `navigator.usb.requestDevice({ filters: USB_FILTERS })`. */
export const USB_FILTERS: USBDeviceFilter[] = [
  {
    vendorId: USB_ID.vendor,
    productId: USB_ID.product,
    classCode: USB_INTERFACE.class,
    subclassCode: USB_INTERFACE.subclass,
    protocolCode: USB_INTERFACE.protocol,
  },
];

/**
 * The vendor request to the interface that clears both directions. The answer is u32 epoch, u16 session, u16 next
 * sequence number (docs/protocol.md, "Resync").
 */
export const USB_RESYNC = { request: 0x52, answerBytes: 8 } as const;

/** Where the frames go, as a device's descriptors say. */
export interface FrameEndpoints {
  readonly configuration: number;
  readonly interface: USBInterface;
  readonly alternate: number;
  readonly out: USBEndpoint;
  readonly in: USBEndpoint;
}

/** The interface that carries frames, with its two bulk endpoints, from the descriptors alone: nothing is sent. */
export function findFrameEndpoints({ configurations }: USBDevice): FrameEndpoints | undefined {
  for (const { configurationValue: configuration, interfaces } of configurations) {
    for (const candidate of interfaces) {
      for (const alternate of candidate.alternates) {
        const bulk = alternate.endpoints.filter(({ type }) => type === 'bulk');
        const out = bulk.find(({ direction }) => direction === 'out');
        const input = bulk.find(({ direction }) => direction === 'in');
        if (!isOurs(alternate) || bulk.length !== 2 || out === undefined || input === undefined) continue;
        return { configuration, interface: candidate, alternate: alternate.alternateSetting, out, in: input };
      }
    }
  }
  return undefined;
}

function isOurs({ interfaceClass, interfaceSubclass, interfaceProtocol }: USBAlternateInterface): boolean {
  return (
    interfaceClass === USB_INTERFACE.class &&
    interfaceSubclass === USB_INTERFACE.subclass &&
    interfaceProtocol === USB_INTERFACE.protocol
  );
}
