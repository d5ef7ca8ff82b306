/** An emulated Uno behind a pseudo-terminal, in a process and a time of its own: it lives on when its users are killed. */
import { emulatedUno, inRealTime, type UnoSerialPort } from '../../transports/emulator/index.js';
import { systemEnvironment } from '../../transports/environment.js';
import { unoImage } from '../emulated-uno.js';
import { openPty, type Pty } from './pty.js';

/** What the parent asks for; each is answered with its result. */
export type Command = { readonly do: 'plug' | 'unplug' } | { readonly do: 'read'; readonly address: number };

process.once('disconnect', () => process.exit());
// A pseudo-terminal has no DTR that could restart the board.
const uno = emulatedUno({ image: unoImage, environment: systemEnvironment, power: 'kept', resetOnOpen: false });
uno.plug();
inRealTime(uno);

let pty: Pty | undefined;

async function plug(): Promise<string> {
  uno.plug();
  let port: UnoSerialPort | undefined;
  const opened = await openPty((bytes) => void port?.write(bytes).catch(() => {}));
  port = await uno.serialPort({ bytes: (bytes) => opened.write(bytes), lost: () => {} });
  pty = opened;
  return opened.path;
}

async function run(command: Command): Promise<string | number> {
  if (command.do === 'read') return uno.chip.read8(command.address);
  if (command.do === 'plug') return plug();
  uno.unplug();
  await pty?.close();
  pty = undefined;
  return 0;
}

/** One after the other. */
let last: Promise<unknown> = Promise.resolve();
process.on('message', (command: Command) => {
  last = last.then(async () => process.send!(await run(command)));
});
