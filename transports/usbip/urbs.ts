import type { EmulatedBoard, TransferResult, TransferStatus } from '../emulator/index.js';
import { decode, encode, Inbox, joined, sizeOf } from './codec.js';
import { ControlPipe } from './control-pipe.js';
import type { Line, LineEnd } from './line.js';
import { ANSWER, COMMAND, SUBMIT, SUBMIT_ANSWER, TO_HOST, UNLINK, UNLINK_ANSWER, type Values } from './messages.js';

/** What Linux expects (Documentation/driver-api/usb/error-codes.rst, asm-generic/errno.h). */
export const ERRNO: Readonly<Record<TransferStatus, number>> = {
  ok: 0,
  // EPIPE
  stall: -32,
  // EOVERFLOW
  babble: -75,
  // EPROTO
  failed: -71,
  // ECONNRESET
  cancelled: -104,
  // ESHUTDOWN
  gone: -108,
};
const EREMOTEIO = -121;

/** Of transfer_flags (Linux, include/linux/usb.h). */
const SHORT_NOT_OK = 0x0001;
const ZERO_PACKET = 0x0040;

const LAST_ENDPOINT = 15;
/** More than a kernel lets a transfer have (USBDEVFS: 16 MB by default), and what a wrong length would ask us to collect. */
const LONGEST_TRANSFER = 16 * 1024 * 1024;
/** A transfer without packets that come at set times: 0, and -1 in newer kernels. */
const NOT_ISOCHRONOUS: readonly number[] = [0, -1];
/** Of all endpoints of a full-speed device that has none smaller. */
const MAX_PACKET = 64;
const NO_DATA = new Uint8Array(0);

type Submit = Values<typeof SUBMIT>;

/** Every command, and every answer, has the length of the longest one. */
const COMMAND_BYTES = sizeOf(SUBMIT);
const NOBODY = { device: 0, direction: 0, endpoint: 0 } as const;

/**
 * The part of USB/IP that comes after a device was imported: carries out on the board's bus what the kernel at the other
 * end submits, and takes it back when that asks for it. Every command is answered once, and nothing that was unlinked
 * is answered afterwards. Ends the line where commands make no sense, and when the board has gone from its bus.
 */
export function serveUrbs(line: Line, board: EmulatedBoard): LineEnd {
  const { host } = board;
  const control = new ControlPipe(board);
  const inbox = new Inbox();
  /** What takes them back, by their sequence number. */
  const pending = new Map<number, () => void>();
  let open = true;

  function answer({ sequence, packets }: Submit, status: number, length: number, data: Uint8Array): void {
    const command = ANSWER.submit;
    const header = { ...NOBODY, command, sequence, status, length, startFrame: 0, packets, errors: 0 };
    line.write(joined(encode(SUBMIT_ANSWER, header), data));
  }

  /** Answers, unless the transfer was taken back meanwhile. */
  function finish(urb: Submit, { status, data, bytes }: TransferResult): void {
    if (!pending.delete(urb.sequence)) return;
    if (urb.direction !== TO_HOST) answer(urb, ERRNO[status], bytes, NO_DATA);
    else {
      const isTooShort = status === 'ok' && data.length < urb.length && (urb.flags & SHORT_NOT_OK) !== 0;
      answer(urb, isTooShort ? EREMOTEIO : ERRNO[status], data.length, data);
    }
  }

  function start(urb: Submit, data: Uint8Array, done: (result: TransferResult) => void): () => void {
    const { endpoint, direction, length, setup, flags } = urb;
    if (endpoint === 0) return control.submit(setup, data, done);
    if (direction === TO_HOST) return host.in(endpoint, MAX_PACKET, length, done);
    return host.out(endpoint, MAX_PACKET, data, done, (flags & ZERO_PACKET) !== 0);
  }

  function submit(urb: Submit, data: Uint8Array): void {
    // Before it starts: it may be over at once.
    pending.set(urb.sequence, () => {});
    const takeBack = start(urb, data, (result) => finish(urb, result));
    if (pending.has(urb.sequence)) pending.set(urb.sequence, takeBack);
  }

  /** What was answered already cannot be taken back, and is not answered again: its unlink succeeds with nothing. */
  function unlink({ sequence, wanted }: Values<typeof UNLINK>): void {
    const takeBack = pending.get(wanted);
    pending.delete(wanted);
    takeBack?.();
    const status = takeBack === undefined ? 0 : ERRNO.cancelled;
    line.write(encode(UNLINK_ANSWER, { ...NOBODY, command: ANSWER.unlink, sequence, status }));
  }

  /** Whether there was a whole command. */
  function takeCommand(): boolean {
    const head = inbox.peek(COMMAND_BYTES);
    if (head === undefined) return false;
    const urb = decode(SUBMIT, head);
    if (urb.command === COMMAND.unlink) unlink(decode(UNLINK, inbox.take(COMMAND_BYTES)!));
    else if (urb.command === COMMAND.submit && isSensible(urb)) {
      const data = urb.direction === TO_HOST ? 0 : urb.length;
      const whole = inbox.take(COMMAND_BYTES + data);
      if (whole === undefined) return false;
      submit(urb, whole.slice(COMMAND_BYTES));
    } else over();
    return open;
  }

  function over(): void {
    if (!open) return;
    open = false;
    board.removeEventListener('disconnect', over);
    // Nobody waits for their answers any more.
    const left = new Map(pending);
    pending.clear();
    for (const takeBack of left.values()) takeBack();
    line.end();
  }

  board.addEventListener('disconnect', over);
  return {
    bytes(bytes) {
      if (!open) return;
      inbox.put(bytes);
      while (takeCommand());
    },
    ended: over,
  };
}

function isSensible({ endpoint, length, packets }: Submit): boolean {
  return endpoint <= LAST_ENDPOINT && length >= 0 && length <= LONGEST_TRANSFER && NOT_ISOCHRONOUS.includes(packets);
}
