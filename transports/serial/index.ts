/** Boards on a serial line: a USB board's CDC-ACM port, or a UART, through `@serialport/stream` or anything like it. */
import { systemEnvironment, type Environment } from '../environment.js';
import type { Transport } from '../transport.js';
import { serialLink } from './link.js';
import { streamPort, type SerialOptions } from './stream-port.js';

export { serialLink } from './link.js';
export type { BytePort, OpenPort, PortListener } from './port.js';
export type { SerialBinding, SerialOptions } from './stream-port.js';

/** Carries frames over a serial port of this computer. */
export function serial(options: SerialOptions, environment: Environment = systemEnvironment): Transport {
  return serialLink(`serial ${options.path}`, streamPort(options, environment), environment);
}
