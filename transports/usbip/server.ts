import type { EmulatedBoard } from '../emulator/index.js';
import { decode, encode, Inbox, joined, sizeOf } from './codec.js';
import type { Line, LineEnd } from './line.js';
import {
  DEVICE,
  FULL_SPEED,
  IMPORT_REQUEST,
  INTERFACE,
  LIST_REPLY,
  OPERATION,
  OPERATION_HEADER,
  STATUS,
  VERSION,
  type Values,
} from './messages.js';
import { serveUrbs } from './urbs.js';

const BUS = 1;
/** The number 1 is a hub's. */
const FIRST_NUMBER = 2;
const HEADER_BYTES = sizeOf(OPERATION_HEADER);

/** A board and what is said of it while it is not on the bus. */
export interface LentBoard {
  readonly busId: string;
  readonly serialNumber: string;
  readonly board: EmulatedBoard;
  readonly description: Uint8Array;
  readonly interfaces: Uint8Array;
  /** Whether somebody has it, or is about to. */
  isTaken: boolean;
}

export interface Listener {
  attached(board: LentBoard): void;
  detached(board: LentBoard): void;
}

/** Learns from each board what it is, and takes it off its bus: attaching it is plugging it in, detaching it is pulling the cable. */
export async function lend(boards: readonly EmulatedBoard[]): Promise<LentBoard[]> {
  const lent: LentBoard[] = [];
  for (const [index, board] of boards.entries()) {
    const device = await board.plug();
    const busId = `${BUS}-${index + 1}`;
    const alternates = device.configurations[0]!.interfaces.map(({ alternates: [first] }) => first!);
    lent.push({
      busId,
      serialNumber: device.serialNumber ?? '',
      board,
      description: describe(device, busId, FIRST_NUMBER + index),
      interfaces: joined(
        ...alternates.map((alternate) =>
          encode(INTERFACE, {
            class: alternate.interfaceClass,
            subclass: alternate.interfaceSubclass,
            protocol: alternate.interfaceProtocol,
          }),
        ),
      ),
      isTaken: false,
    });
    await board.unplug();
  }
  return lent;
}

function describe(device: USBDevice, busId: string, number: number): Uint8Array {
  const { deviceVersionMajor: major, deviceVersionMinor: minor, deviceVersionSubminor: subminor } = device;
  const [configuration] = device.configurations;
  return encode(DEVICE, {
    path: `/sys/devices/fgft/usb${BUS}/${busId}`,
    busId,
    bus: BUS,
    number,
    speed: FULL_SPEED,
    vendor: device.vendorId,
    product: device.productId,
    release: (major << 8) | (minor << 4) | subminor,
    class: device.deviceClass,
    subclass: device.deviceSubclass,
    protocol: device.deviceProtocol,
    configuration: 0,
    configurations: device.configurations.length,
    interfaces: configuration!.interfaces.length,
  });
}

/** Serves one connection: a list of what is to be had, or one board until its end. */
export function serve(line: Line, boards: readonly LentBoard[], listener: Listener): LineEnd {
  const inbox = new Inbox();
  let open = true;
  let isAttaching = false;
  let attached: { readonly to: LentBoard; readonly urbs: LineEnd } | undefined;

  function reply(code: number, status: number, ...parts: readonly Uint8Array[]): void {
    line.write(joined(encode(OPERATION_HEADER, { version: VERSION, code, status }), ...parts));
  }

  function end(): void {
    open = false;
    line.end();
  }

  function list(): void {
    const free = boards.filter(({ isTaken }) => !isTaken);
    const count = encode(LIST_REPLY, { devices: free.length });
    reply(OPERATION.listReply, STATUS.ok, count, ...free.flatMap((each) => [each.description, each.interfaces]));
    end();
  }

  async function attach({ busId }: Values<typeof IMPORT_REQUEST>): Promise<void> {
    const wanted = boards.find((each) => each.busId === busId);
    if (wanted === undefined || wanted.isTaken) {
      reply(OPERATION.importReply, wanted === undefined ? STATUS.noDevice : STATUS.deviceBusy);
      end();
      return;
    }
    wanted.isTaken = true;
    isAttaching = true;
    try {
      await wanted.board.plug();
    } catch {
      wanted.isTaken = false;
      if (open) reply(OPERATION.importReply, STATUS.deviceError);
      end();
      return;
    }
    if (!open) {
      await giveBack(wanted);
      return;
    }
    reply(OPERATION.importReply, STATUS.ok, wanted.description);
    attached = { to: wanted, urbs: serveUrbs(line, wanted.board) };
    listener.attached(wanted);
    attached.urbs.bytes(inbox.rest());
  }

  function takeOperation(): void {
    const head = inbox.peek(HEADER_BYTES);
    if (head === undefined) return;
    const { version, code } = decode(OPERATION_HEADER, head);
    if (version === VERSION && code === OPERATION.listRequest) list();
    else if (version === VERSION && code === OPERATION.importRequest) {
      const whole = inbox.take(HEADER_BYTES + sizeOf(IMPORT_REQUEST));
      if (whole !== undefined) void attach(decode(IMPORT_REQUEST, whole.subarray(HEADER_BYTES)));
    } else end();
  }

  return {
    bytes(bytes) {
      if (attached !== undefined) attached.urbs.bytes(bytes);
      else if (open) {
        inbox.put(bytes);
        if (!isAttaching) takeOperation();
      }
    },
    ended() {
      if (!open) return;
      open = false;
      if (attached === undefined) return;
      const { to, urbs } = attached;
      urbs.ended();
      void giveBack(to).then(() => listener.detached(to));
    },
  };
}

async function giveBack(lent: LentBoard): Promise<void> {
  await lent.board.unplug();
  lent.isTaken = false;
}
