/**
 * A W3C USBDevice in another process: the parent lends a device, the child calls it over Node's IPC channel. With it a
 * test can kill a host process while the board lives on, as it does at the other end of a cable.
 */
import type { ChildProcess } from 'node:child_process';

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: unknown[];
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly name: string; readonly message: string };
}

type Method = (...args: unknown[]) => Promise<unknown>;

const PROPERTIES = [
  'vendorId',
  'productId',
  'serialNumber',
  'productName',
  'configuration',
  'configurations',
  'opened',
] as const;

const plain = (value: unknown): unknown => {
  if (value instanceof DataView) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = [];
  for (const name in value) entries.push([name, plain((value as Record<string, unknown>)[name])]);
  return Object.fromEntries(entries);
};

/**
 * In the parent: answers the child's calls. As with a kernel, each process has its own view of the device, an interface
 * belongs to one of them at a time, and what a process had open is closed when it ends; `letGo` is what does that.
 */
export function lendDevice(device: USBDevice, child: ChildProcess, letGo = () => device.close()): void {
  const own = { opened: false, claimed: false };
  const claim = async (index: unknown): Promise<void> => {
    // The words are Chromium's.
    if (!own.claimed && isClaimed(device)) throw new DOMException('Unable to claim interface.', 'NetworkError');
    await device.claimInterface(index as number);
    own.claimed = true;
  };
  const methods: Record<string, Method> = {
    claimInterface: claim,
    async open() {
      await device.open();
      own.opened = true;
    },
    async close() {
      if (own.claimed) await device.close();
      Object.assign(own, { opened: false, claimed: false });
    },
  };
  child.on('message', (message: Call) => {
    if (typeof message.id !== 'number') return;
    // A child that has been killed takes no reply any more.
    const reply = (rest: Omit<Reply, 'id'>) => child.connected && child.send({ id: message.id, ...rest }, () => {});
    const method = methods[message.method] ?? (Reflect.get(device, message.method) as Method);
    method.apply(device, message.args).then(
      (result) => reply({ result: { value: plain(result), properties: describeDevice(device, own) } }),
      (error: Error) => reply({ error: { name: error.name, message: error.message } }),
    );
  });
  const close = async (): Promise<void> => {
    try {
      await letGo();
    } catch (error) {
      // A device that has gone before its last user has nothing to be given back; one that is being changed has, after that.
      if ((error as Error).name === 'InvalidStateError') setImmediate(() => void close());
    }
  };
  child.on('exit', () => {
    if (own.claimed) void close();
  });
}

const isClaimed = ({ configuration }: USBDevice): boolean =>
  configuration?.interfaces.some(({ claimed }) => claimed) ?? false;

/** In the child: the parent's device. */
export function borrowDevice(properties: Record<string, unknown>): USBDevice {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let calls = 0;
  let known = properties;
  process.on('message', ({ id, result, error }: Reply) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error) return call?.reject(new DOMException(error.message, error.name));
    const { value, properties: fresh } = result as { value: unknown; properties: Record<string, unknown> };
    known = fresh;
    call?.resolve(inTransferResult(value));
  });
  const inTransferResult = (value: unknown): unknown => {
    const data = (value as { data?: Uint8Array } | undefined)?.data;
    return data ? { ...(value as object), data: new DataView(data.buffer, data.byteOffset, data.length) } : value;
  };
  return new Proxy({} as USBDevice, {
    get(_, method: string) {
      if (method in known) return known[method];
      return (...args: unknown[]) =>
        new Promise((resolve, reject) => {
          const id = calls++;
          waiting.set(id, { resolve, reject });
          process.send!({ id, method, args } satisfies Call);
        });
    },
  });
}

/** What the child needs before it can ask: the device as a process sees it that has opened and claimed so much of it. */
export function describeDevice(
  device: USBDevice,
  { opened, claimed } = { opened: false, claimed: false },
): Record<string, unknown> {
  const properties = Object.fromEntries(PROPERTIES.map((name) => [name, plain(device[name])]));
  type Configuration = { readonly interfaces: { claimed: boolean }[] };
  const { configuration, configurations } = properties as {
    configuration?: Configuration;
    configurations: Configuration[];
  };
  for (const { interfaces } of [...configurations, ...(configuration ? [configuration] : [])])
    for (const each of interfaces) each.claimed = claimed;
  return { ...properties, opened };
}
