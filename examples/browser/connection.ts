/** Ways to reach a board: one on USB, or one that is emulated in this page. Both are a W3C `USB`. */
import { pico } from '../../peripherals/rp2040/index.js';
import { open, systemEnvironment, type FaultPoint, type Transport } from '../../runtime/index.js';
import { emulatedBoard, type EmulatedBoard } from '../../transports/emulator/index.js';
import { webUsb } from '../../transports/webusb.js';
import { tmp102Model } from '../tmp102-model.js';
import { THERMOMETER, type Pico } from './benches.js';

export interface Connection {
  readonly board: Pico;
  readonly title: string;
  /** Only of a board whose cable this page can pull. */
  readonly emulated?: EmulatedBoard;
  close(): Promise<void>;
}

/** Opens a board, and finds it again when its cable was out. */
async function openOn(usb: USB, device: USBDevice, faultPoint: FaultPoint): Promise<Pico> {
  const isSame = ({ serialNumber }: USBDevice): boolean => serialNumber === device.serialNumber;
  const reopen = async (): Promise<Transport> => {
    const known = (await usb.getDevices()).find(isSame);
    // Where this rejects, recovery asks again, until the board is back or the time is up.
    if (!known) throw new Error('The board is not on the bus.');
    return webUsb(known);
  };
  return open(webUsb(device), pico, { faultPoint, recovery: { reopen } });
}

/** Boots the firmware in this page, on an emulated Pico with a thermometer on its I²C bus. */
export async function connectEmulated(faultPoint: FaultPoint): Promise<Connection> {
  const image = new Uint8Array(await (await fetch('firmware.bin')).arrayBuffer());
  const emulated = emulatedBoard({ image, environment: systemEnvironment });
  emulated.connectI2c(THERMOMETER.index, THERMOMETER.target, tmp102Model());
  const board = await openOn(emulated, await emulated.plug(), faultPoint);
  return {
    board,
    title: `Emulated ${pico.name}`,
    emulated,
    async close() {
      await board.close();
      emulated.dispose();
    },
  };
}

/** Opens a board on USB that the user has chosen, now or earlier. */
export async function connectUsb(device: USBDevice, faultPoint: FaultPoint): Promise<Connection> {
  const board = await openOn(navigator.usb, device, faultPoint);
  const title = `${pico.name} on USB${device.serialNumber ? `, serial ${device.serialNumber}` : ''}`;
  return { board, title, close: () => board.close() };
}
