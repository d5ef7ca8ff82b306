/// <reference types="node" />
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { CliError } from './error.js';

/** Throws `port-taken` or `port-refused`; `hint` says what to do where another program has the port. */
export async function listen(server: Server, port: number, host: string, hint: string): Promise<AddressInfo> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new CliError('port-taken', `Port ${port} of ${host} is taken. ${hint}`, { cause });
    }
    const reason = code === 'EADDRNOTAVAIL' ? 'this machine does not have that address' : (code ?? String(cause));
    throw new CliError('port-refused', `Nothing can listen on port ${port} of ${host}: ${reason}.`, { cause });
  }
  return server.address() as AddressInfo;
}

/** Ends every connection, and resolves when nothing listens any more. */
export async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
