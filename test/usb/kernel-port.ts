/**
 * Plugs an emulated board into the virtual host controller of the kernel that this runs on (vhci_hcd), which speaks
 * USB/IP over a socket: Linux, Documentation/usb/usbip_protocol.rst.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import type { EmulatedBoard } from '../../transports/emulator/index.js';
import { serveUrbs } from '../../transports/usbip/index.js';

const HCD = '/sys/devices/platform/vhci_hcd.0';
const FREE = '004';
const FULL_SPEED = 2;
const DEVICE = (1 << 16) | 2;

/** Resolves when the kernel has been told of the device; the function pulls the cable. */
export async function plugIntoKernel(board: EmulatedBoard): Promise<() => void> {
  const port = freePort();
  const [near, far] = await socketPair(`/tmp/fgft-vhci-${process.pid}.sock`);
  const urbs = serveUrbs({ write: (bytes) => void near.write(bytes), end: () => void near.end() }, board);
  near.on('error', () => {});
  near.on('data', (bytes) => urbs.bytes(bytes));
  near.on('close', () => urbs.ended());
  const { fd } = Reflect.get(far, '_handle') as { fd: number };
  writeFileSync(`${HCD}/attach`, `${port} ${fd} ${DEVICE} ${FULL_SPEED}`);
  // The kernel keeps its own reference to the socket.
  far.destroy();
  return () => {
    writeFileSync(`${HCD}/detach`, String(port));
    near.destroy();
  };
}

function freePort(): number {
  const rows = readFileSync(`${HCD}/status`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const free = rows.find(([kind, , state]) => kind === 'hs' && state === FREE);
  if (free === undefined) throw new Error('no port of vhci_hcd is free');
  return Number(free[1]);
}

async function socketPair(path: string): Promise<[Socket, Socket]> {
  rmSync(path, { force: true });
  const server = createServer();
  const near = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const far = await new Promise<Socket>((resolve) => {
    const socket = connect(path, () => resolve(socket));
  });
  far.pause();
  const pair: [Socket, Socket] = [await near, far];
  server.close();
  rmSync(path, { force: true });
  return pair;
}
