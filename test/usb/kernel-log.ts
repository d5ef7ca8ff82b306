import { execFileSync } from 'node:child_process';

/** Linux 6.1 says so of every full-speed device (drivers/usb/usbip/vhci_hcd.c, GetPortStatus): it knows high and low speed there. */
const OF_EVERY_DEVICE = /vhci_hcd: vhci_device speed not set$/;

/** What the kernel has warned of, or worse, since it was asked last. */
export function kernelComplaints(): string[] {
  const log = execFileSync('dmesg', ['--read-clear', '--level=emerg,alert,crit,err,warn'], { encoding: 'utf8' });
  return log.split('\n').filter((line) => line !== '' && !OF_EVERY_DEVICE.test(line));
}
