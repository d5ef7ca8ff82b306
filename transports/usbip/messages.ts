/**
 * The messages of USB/IP 1.1.1, as tables (Linux, Documentation/usb/usbip_protocol.rst): first the operations on the list
 * of devices, then, on a connection that has imported one, commands and their answers. All numbers are big-endian.
 */

/** A number and its bytes; text of so many bytes, filled up with zeros; bytes as they are; bytes that mean nothing. */
type Kind = 'u8' | 'u16' | 'u32' | 'i32' | `text${number}` | `bytes${number}` | `pad${number}`;
export type Layout = readonly (readonly [name: string, kind: Kind])[];

type ValueOf<K extends Kind> = K extends `text${number}`
  ? string
  : K extends `bytes${number}`
    ? Uint8Array
    : K extends `pad${number}`
      ? never
      : number;

/** The values of a layout, by name, without its padding. */
export type Values<L extends Layout> = {
  -readonly [F in L[number] as F[1] extends `pad${number}` ? never : F[0]]: ValueOf<F[1]>;
};

export const VERSION = 0x0111;

export const OPERATION = {
  listRequest: 0x8005,
  listReply: 0x0005,
  importRequest: 0x8003,
  importReply: 0x0003,
} as const;

/** Linux, tools/usb/usbip/libsrc/usbip_common.h. */
export const STATUS = { ok: 0, notAvailable: 1, deviceBusy: 2, deviceError: 3, noDevice: 4, error: 5 } as const;

/** Begins every operation. */
export const OPERATION_HEADER = [
  ['version', 'u16'],
  ['code', 'u16'],
  ['status', 'u32'],
] as const satisfies Layout;

export const IMPORT_REQUEST = [['busId', 'text32']] as const satisfies Layout;

export const LIST_REPLY = [['devices', 'u32']] as const satisfies Layout;

export const DEVICE = [
  ['path', 'text256'],
  ['busId', 'text32'],
  ['bus', 'u32'],
  ['number', 'u32'],
  ['speed', 'u32'],
  ['vendor', 'u16'],
  ['product', 'u16'],
  ['release', 'u16'],
  ['class', 'u8'],
  ['subclass', 'u8'],
  ['protocol', 'u8'],
  ['configuration', 'u8'],
  ['configurations', 'u8'],
  ['interfaces', 'u8'],
] as const satisfies Layout;

/** Follows a device in the list, for each of its interfaces. */
export const INTERFACE = [
  ['class', 'u8'],
  ['subclass', 'u8'],
  ['protocol', 'u8'],
  ['', 'pad1'],
] as const satisfies Layout;

/** enum usb_device_speed (Linux, include/uapi/linux/usb/ch9.h). */
export const FULL_SPEED = 2;

export const COMMAND = { submit: 1, unlink: 2 } as const;
export const ANSWER = { submit: 3, unlink: 4 } as const;
export const TO_HOST = 1;

const BASIC = [
  ['command', 'u32'],
  ['sequence', 'u32'],
  ['device', 'u32'],
  ['direction', 'u32'],
  ['endpoint', 'u32'],
] as const satisfies Layout;

/** To the device, its data follow. */
export const SUBMIT = [
  ...BASIC,
  ['flags', 'u32'],
  ['length', 'i32'],
  ['startFrame', 'i32'],
  ['packets', 'i32'],
  ['interval', 'i32'],
  ['setup', 'bytes8'],
] as const satisfies Layout;

/** From the device, its data follow. */
export const SUBMIT_ANSWER = [
  ...BASIC,
  ['status', 'i32'],
  ['length', 'i32'],
  ['startFrame', 'i32'],
  ['packets', 'i32'],
  ['errors', 'i32'],
  ['', 'pad8'],
] as const satisfies Layout;

export const UNLINK = [...BASIC, ['wanted', 'u32'], ['', 'pad24']] as const satisfies Layout;

export const UNLINK_ANSWER = [...BASIC, ['status', 'i32'], ['', 'pad24']] as const satisfies Layout;
