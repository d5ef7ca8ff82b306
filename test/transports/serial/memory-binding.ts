/** Serial ports in memory, with the interface of serialport's bindings, and their habits when something fails. */
import type { SerialBinding } from '../../../transports/serial/index.js';

interface Reading {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly length: number;
  readonly resolve: (result: { buffer: Buffer; bytesRead: number }) => void;
  readonly reject: (error: Error) => void;
}

export class MemoryPort {
  isOpen = true;
  readonly written: number[] = [];
  /** What a write fails with. */
  writeError: Error | undefined;
  closes = 0;
  readonly openOptions: Record<string, unknown>;
  #reading: Reading | undefined;

  constructor(openOptions: Record<string, unknown>) {
    this.openOptions = openOptions;
  }

  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }> {
    return new Promise((resolve, reject) => (this.#reading = { buffer, offset, length, resolve, reject }));
  }

  async write(bytes: Buffer): Promise<void> {
    if (this.writeError) throw this.writeError;
    this.written.push(...bytes);
  }

  /** What asking for the modem lines fails with. */
  getError: Error | undefined;
  gets = 0;

  async get(): Promise<{ cts: boolean; dsr: boolean; dcd: boolean }> {
    this.gets++;
    if (this.getError) throw this.getError;
    return { cts: false, dsr: false, dcd: false };
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.isOpen = false;
    this.closes++;
    this.fail(Object.assign(new Error('Port is not open'), { canceled: true }));
  }

  /** The board sends something. */
  say(bytes: readonly number[]): void {
    const { buffer, offset, resolve } = this.#reading!;
    buffer.set(bytes, offset);
    resolve({ buffer, bytesRead: bytes.length });
  }

  /** The read that waits fails. */
  fail(error: Error): void {
    this.#reading?.reject(error);
    this.#reading = undefined;
  }
}

/** `ports` are those that were opened, in order. `openError` is what an opening fails with. */
export function memoryBinding() {
  const ports: MemoryPort[] = [];
  const state: { openError: Error | undefined } = { openError: undefined };
  const binding = {
    list: () => Promise.resolve([]),
    async open(options: object) {
      if (state.openError) throw state.openError;
      const port = new MemoryPort({ ...options });
      ports.push(port);
      return port;
    },
  } as unknown as SerialBinding;
  return { binding, ports, state };
}
