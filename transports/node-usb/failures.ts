/** What the errors of npm `usb` mean. It has no codes: everything stands in the message, in other words in 2.18 and 3. */
import { TransportError, type TransportErrorCode } from '../errors.js';
import { USB_ID } from '../usb-identity.js';

const id = (value: number): string => value.toString(16).padStart(4, '0');

/** What lets a user of a Linux computer open boards. */
export const UDEV_RULE = `SUBSYSTEM=="usb", ATTR{idVendor}=="${id(USB_ID.vendor)}", ATTR{idProduct}=="${id(USB_ID.product)}", TAG+="uaccess"`;

const DENIED = `The system does not let you open it. On Linux, put ${UDEV_RULE} into /etc/udev/rules.d/70-fgft.rules, run udevadm control --reload, and replug the board (docs/connect-a-board.md).`;

/** The first that matches counts. The words of 3.1 stand before those of 2.18, which are libusb's. */
const MEANINGS: readonly (readonly [words: RegExp, code: TransportErrorCode, sentence: string])[] = [
  [/disconnected/i, 'device-lost', 'The board was unplugged.'],
  [/open error: device not found|NO_DEVICE/, 'device-lost', 'The board was unplugged.'],
  // Linux takes the endpoints away first: a claimed interface has them for as long as the board is there.
  [/endpoint not found/, 'device-lost', 'The board is being unplugged.'],
  [/permission denied|errno 13|LIBUSB_ERROR_ACCESS/, 'access-denied', DENIED],
  [/busy|LIBUSB_ERROR_BUSY/, 'device-busy', 'Another program has the board: end that one first.'],
  [/getDevices error/, 'no-bus', 'There is no USB here: is /sys mounted?'],
  [/[Cc]ancelled|TIMED_OUT|LIBUSB_ERROR_TIMEOUT/, 'transfer-timeout', 'It was not done in time.'],
  [/(?:)/, 'link-failed', 'The transfer failed.'],
];

const STALL = /stall/i;

/** Whether the board has refused: WebUSB has a status for that, version 3 an error. */
export const isStall = (cause: unknown): boolean => cause instanceof Error && STALL.test(cause.message);

export function usbError(name: string, what: string, cause: unknown): TransportError {
  if (cause instanceof TransportError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const [, code, sentence] = MEANINGS.find(([words]) => words.test(message))!;
  return new TransportError(code, `${name}: ${what}. ${sentence} (${message})`, { cause });
}
