import { readdirSync, readFileSync } from 'node:fs';

const DEVICES = '/sys/bus/usb/devices';
/** USB 2.0 calls it idVendor: that of the boards here. */
const VENDOR = '1209';

/** Undefined where there is no such attribute, and when its device goes while it is read. */
function attribute(name: string, of: string): string | undefined {
  try {
    return readFileSync(`${DEVICES}/${of}/${name}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** The boards on the bus of the kernel that this runs on, by their names there, such as `2-1`. */
export function boardsOfKernel(): { readonly name: string; readonly serialNumber: string | undefined }[] {
  return readdirSync(DEVICES)
    .filter((name) => attribute('idVendor', name) === VENDOR)
    .map((name) => ({ name, serialNumber: attribute('serial', name) }));
}
