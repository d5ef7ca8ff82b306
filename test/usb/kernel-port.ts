/**
 * Plugs an emulated board into the virtual host controller of the kernel that this runs on (vhci_hcd), which speaks
 * USB/IP over a socket: Linux, Documentation/usb/usbip_protocol.rst.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import type { EmulatedBoard, TransferResult, TransferStatus } from '../../transports/emulator/index.js';

const HCD = '/sys/devices/platform/vhci_hcd.0';
const FREE = '004';
const FULL_SPEED = 2;
const DEVICE = (1 << 16) | 2;
const HEADER = 48;
const COMMAND = { submit: 1, unlink: 2 } as const;
const REPLY = { submit: 3, unlink: 4 } as const;
/** Errors of Linux: EPIPE, ECONNRESET, ENODEV, EPROTO. */
const ERRORS: Readonly<Record<TransferStatus, number>> = {
  ok: 0,
  babble: -75,
  stall: -32,
  cancelled: -104,
  gone: -19,
  failed: -71,
};
/** USB 2.0, table 9-4: what resets data toggles at both ends. */
const RESETS_TOGGLES = { 0x0009: 'all', 0x0201: 'endpoint', 0x010b: 'all' } as const;

interface Urb {
  readonly sequence: number;
  readonly endpoint: number;
  readonly in: boolean;
  isOver: boolean;
}

/** Resolves when the kernel has been told of the device; the function pulls the cable. */
export async function plugIntoKernel(board: EmulatedBoard): Promise<() => void> {
  const port = freePort();
  const [near, far] = await socketPair(`/tmp/fgft-vhci-${process.pid}.sock`);
  serve(near, board);
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

function serve(socket: Socket, { host }: EmulatedBoard): void {
  const urbs = new Set<Urb>();
  let rest = Buffer.alloc(0);

  const reply = (command: number, sequence: number, status: number, length: number, data?: Uint8Array): void => {
    const header = Buffer.alloc(HEADER);
    header.writeUInt32BE(command, 0);
    header.writeUInt32BE(sequence, 4);
    header.writeInt32BE(status, 20);
    header.writeUInt32BE(length, 24);
    if (!socket.destroyed) socket.write(data === undefined ? header : Buffer.concat([header, data]));
  };

  const submit = (urb: Urb, setup: Buffer, data: Buffer, length: number): void => {
    urbs.add(urb);
    const done = (result: TransferResult): void => {
      urbs.delete(urb);
      if (urb.isOver) return;
      urb.isOver = true;
      if (urb.endpoint === 0 && result.status === 'ok') resetToggles(setup);
      const { status, bytes } = result;
      if (urb.in) reply(REPLY.submit, urb.sequence, ERRORS[status], result.data.length, result.data);
      else reply(REPLY.submit, urb.sequence, ERRORS[status], status === 'ok' ? length : bytes);
    };
    if (urb.endpoint === 0) host.control(64, setup, data, done);
    else if (urb.in) host.in(urb.endpoint, 64, length, done);
    else host.out(urb.endpoint, 64, data, done);
  };

  const resetToggles = (setup: Buffer): void => {
    const resets = RESETS_TOGGLES[setup.readUInt16BE(0) as keyof typeof RESETS_TOGGLES];
    if (resets === 'all') host.resetToggles();
    else if (resets === 'endpoint') host.resetToggles(setup[4]! & 0xf, setup[4]! < 0x80);
  };

  /** The emulated host takes back all of an endpoint: none of our clients has two on one. */
  const unlink = (sequence: number, wanted: number): void => {
    const urb = [...urbs].find((each) => each.sequence === wanted);
    if (urb !== undefined) {
      urb.isOver = true;
      host.cancel('cancelled', urb.endpoint, urb.endpoint === 0 || !urb.in);
    }
    reply(REPLY.unlink, sequence, urb === undefined ? 0 : ERRORS.cancelled, 0);
  };

  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER) {
      const [command, sequence, isIn] = [rest.readUInt32BE(0), rest.readUInt32BE(4), rest.readUInt32BE(12) === 1];
      const length = command === COMMAND.submit ? rest.readInt32BE(24) : 0;
      const end = HEADER + (command === COMMAND.submit && !isIn ? length : 0);
      if (rest.length < end) return;
      const urb = { sequence, endpoint: rest.readUInt32BE(16), in: isIn, isOver: false };
      if (command === COMMAND.submit) submit(urb, rest.subarray(40, HEADER), rest.subarray(HEADER, end), length);
      else unlink(sequence, rest.readUInt32BE(20));
      rest = rest.subarray(end);
    }
  });
}
