import type { TransferResult, TransferStatus } from './usb-transfer.js';

/** A `DOMException` with one of the names that WebUSB asks for, in Node as in browsers. */
export function failure(name: string, message: string): DOMException {
  return new DOMException(message, name);
}

const FAILURES: Readonly<Record<Exclude<TransferStatus, USBTransferStatus>, () => DOMException>> = {
  failed: () => failure('NetworkError', 'A transfer error has occurred.'),
  cancelled: () => failure('AbortError', 'The transfer was cancelled.'),
  gone: () => failure('NetworkError', 'The device was disconnected.'),
};

/** The statuses that WebUSB resolves with; throws what it rejects with for the others. */
function statusOf({ status }: TransferResult): USBTransferStatus {
  if (status === 'ok' || status === 'stall' || status === 'babble') return status;
  throw FAILURES[status]();
}

export function inResult(result: TransferResult): USBInTransferResult {
  const status = statusOf(result);
  if (status === 'stall' && result.data.length === 0) return { status };
  return { status, data: new DataView(result.data.slice().buffer) };
}

export function outResult(result: TransferResult): USBOutTransferResult {
  return { status: statusOf(result), bytesWritten: result.bytes };
}

/** For requests that WebUSB makes itself: anything but success is a NetworkError. */
export function expectOk(result: TransferResult, message: string): void {
  if (statusOf(result) !== 'ok') throw failure('NetworkError', message);
}

/** Settles a promise with a converted result. */
export function settle<R>(
  result: TransferResult,
  convert: (result: TransferResult) => R,
  resolve: (value: R) => void,
  reject: (error: unknown) => void,
): void {
  try {
    resolve(convert(result));
  } catch (error) {
    reject(error);
  }
}

/** The bytes as they are now: what the caller does to its buffer later does not change what is sent. */
export function copyOf(data: BufferSource): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
    : new Uint8Array(data.slice(0));
}
