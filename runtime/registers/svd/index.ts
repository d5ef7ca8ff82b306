/** Import of CMSIS-SVD files. See docs/import-svd.md. */
import { SvdError } from './error.js';
import type { SvdDevice } from './model.js';

export { OverlayError, SvdError, type SvdPlace } from './error.js';
export type { SvdDevice, SvdField, SvdPeripheral, SvdRegister, SvdValue } from './model.js';
export { applyOverlay, readOverlay, type Correction, type Overlay } from './overlay.js';
export { readSvd } from './read.js';
export { writeModule, type Sources } from './write.js';

/** The device with only these peripherals, which have to be there. */
export function selectPeripherals(device: SvdDevice, names: readonly string[]): SvdDevice {
  for (const name of names) {
    const found = device.peripherals.find((each) => each.name === name);
    const known = device.peripherals.map((each) => each.name).join(', ');
    if (!found)
      throw new SvdError({ line: 1, path: '' }, `${device.name} has no peripheral ${name}. Peripherals: ${known}.`);
    if (found.registers.length === 0) throw new SvdError(found, 'It has no registers, so there is nothing to define.');
  }
  return { ...device, peripherals: device.peripherals.filter(({ name }) => names.includes(name)) };
}
