/** What goes over a bus of the kernel, as usbmon sees it (Linux, Documentation/usb/usbmon.rst, "Raw binary format"). */
import { closeSync, constants, openSync, readSync } from 'node:fs';

const KINDS = ['isochronous', 'interrupt', 'control', 'bulk'] as const;
const TO_HOST = 0x80;
const ROOT_HUB = 1;
/** What read(2) gives of each event, before its data. */
const AT = { id: 0, type: 8, kind: 9, endpoint: 10, device: 11, status: 28 } as const;
const SUBMITTED = 'S';
const LONGEST_EVENT = 65_536;

export interface Transfer {
  /** Such as `bulk in`. */
  readonly kind: string;
  /** An errno, or 0; undefined while nobody has answered. */
  status: number | undefined;
}

/** Listens from now on; the function ends that, and returns the transfers of all devices but the root hub. */
export function watchBus(bus: string): () => Transfer[] {
  const file = openSync(`/dev/usbmon${bus}`, constants.O_RDONLY | constants.O_NONBLOCK);
  return () => {
    const transfers: Transfer[] = [];
    /** By the ids of their URBs, which the kernel uses again. */
    const pending = new Map<bigint, Transfer>();
    for (const event of eventsOf(file)) {
      if (event.getUint8(AT.device) === ROOT_HUB) continue;
      const id = event.getBigUint64(AT.id, true);
      if (String.fromCharCode(event.getUint8(AT.type)) === SUBMITTED) {
        const direction = (event.getUint8(AT.endpoint) & TO_HOST) !== 0 ? 'in' : 'out';
        const transfer = { kind: `${KINDS[event.getUint8(AT.kind)]} ${direction}`, status: undefined };
        transfers.push(transfer);
        pending.set(id, transfer);
      } else {
        const transfer = pending.get(id);
        if (transfer !== undefined) transfer.status = event.getInt32(AT.status, true);
        pending.delete(id);
      }
    }
    closeSync(file);
    return transfers;
  };
}

function* eventsOf(file: number): Generator<DataView> {
  const bytes = new Uint8Array(LONGEST_EVENT);
  for (;;) {
    try {
      yield new DataView(bytes.buffer, 0, readSync(file, bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return;
      throw error;
    }
  }
}
