/**
 * An emulated board: real firmware on an RP2040 emulator (npm `rp2040js`, mended where it differs from silicon), behind
 * an emulated USB bus, reachable as a W3C `USBDevice`.
 */
import { EmulatedBoard, type EmulatedBoardOptions } from './board.js';

export {
  AVR_PINS,
  AvrChip,
  EmulatedUno,
  emulatedUno,
  readIntelHex,
  UnoSerialPort,
  type AvrChipOptions,
  type AvrPin,
  type AvrResetCause,
  type EmulatedUnoOptions,
  type UnoPortOptions,
} from './avr/index.js';
export { EmulatedBoard, type EmulatedBoardOptions, type PowerWhenUnplugged } from './board.js';
export type { I2cTarget, ModelClock, SpiTarget } from './bus-targets.js';
export { Chip, type ChipOptions, type ChipResetCause } from './chip.js';
export { inRealTime } from './real-time.js';
export { EmulatedConnectionEvent } from './usb-events.js';
export { UsbHost } from './usb-host.js';
export { EmulatedSerialPort } from './usb-serial-port.js';
export type { Counters, TransferResult, TransferStatus } from './usb-transfer.js';
export type { ChipWarning } from './warnings.js';
export { EmulatedUsbDevice } from './usb-device.js';
export type { DeviceDescription } from './usb-enumeration.js';

/**
 * Makes a board. It has no power until it is plugged in:
 *
 * ```ts
 * const board = emulatedBoard({ image, environment: systemEnvironment });
 * const device = await board.plug();
 * ```
 */
export function emulatedBoard(options: EmulatedBoardOptions): EmulatedBoard {
  return new EmulatedBoard(options);
}
