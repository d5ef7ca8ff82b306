/** How a board with our firmware can be told from every other USB device, and what its USB side adds to the frames. */

/** The test id of pid.codes: nobody may ship it. */
export const USB_ID = { vendor: 0x1209, product: 0x0001 } as const;

/** The interface that carries frames: vendor class, 'F' for fgft, frames as docs/protocol.md describes them. */
export const USB_INTERFACE = { class: 0xff, subclass: 0x46, protocol: 0x01 } as const;

/** For `navigator.usb.requestDevice({ filters: USB_FILTERS })`. */
export const USB_FILTERS: readonly USBDeviceFilter[] = [
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
