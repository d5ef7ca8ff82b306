/** The page: takes a board, and gives it back. */
import { USB_FILTERS } from '../../transports/webusb.js';
import { connectEmulated, connectUsb, type Connection } from './connection.js';
import { byId, element } from './element.js';
import { faultInjector } from './faults.js';
import { startTheme } from './theme.js';
import { workbench, type Workbench } from './workbench.js';

/** How long the cable is out when a failure is injected. */
const UNPLUGGED_MS = 600;

const state = byId('state');
const closeButton = byId('close', HTMLButtonElement);
let connection: Connection | undefined;
let work: Workbench | undefined;

const injector = faultInjector((power) => {
  const emulated = connection?.emulated;
  if (!emulated) return;
  void emulated.unplug({ power });
  setTimeout(() => void emulated.plug(), UNPLUGGED_MS);
});

async function take(connect: () => Promise<Connection>): Promise<void> {
  byId('connect-error').textContent = '';
  document.body.toggleAttribute('data-connecting', true);
  try {
    connection = await connect();
  } catch (error) {
    // A user who closes the browser's list of devices has chosen nothing: that is no error.
    const isChoice = error instanceof DOMException && error.name === 'NotFoundError';
    if (!isChoice) byId('connect-error').textContent = error instanceof Error ? error.message : String(error);
    return;
  } finally {
    document.body.toggleAttribute('data-connecting', false);
  }
  const { board, title } = connection;
  byId('title').textContent = `${title}, firmware ${board.hello.firmware}`;
  board.state.subscribe((now) => {
    state.textContent = now;
    state.dataset['state'] = now;
  });
  show(true);
  work = workbench(connection, injector);
  byId('call-heading').focus();
}

function show(isOpen: boolean): void {
  byId('connect').hidden = isOpen;
  byId('bench').hidden = !isOpen;
  state.hidden = !isOpen;
  closeButton.hidden = !isOpen;
}

async function give(): Promise<void> {
  await work?.stop();
  await connection?.close();
  connection = undefined;
  show(false);
  byId('title').textContent = 'The board is closed';
  await showKnown();
  byId('emulator').focus();
}

/** Boards that the user has given to this page before. */
async function showKnown(): Promise<void> {
  if (!('usb' in navigator)) return;
  const isOurs = (device: USBDevice): boolean =>
    USB_FILTERS.some(({ vendorId, productId }) => vendorId === device.vendorId && productId === device.productId);
  const devices = (await navigator.usb.getDevices()).filter(isOurs);
  byId('known').replaceChildren(
    ...devices.map((device) => {
      const button = element('button', { type: 'button' }, `Open ${device.productName} ${device.serialNumber}`);
      button.addEventListener('click', () => void take(() => connectUsb(device, injector.faultPoint)));
      return button;
    }),
  );
}

startTheme();
byId('emulator').addEventListener('click', () => void take(() => connectEmulated(injector.faultPoint)));
closeButton.addEventListener('click', () => void give());
if ('usb' in navigator) {
  byId('usb').addEventListener('click', () => {
    void take(async () => {
      const device = await navigator.usb.requestDevice({ filters: USB_FILTERS });
      return connectUsb(device, injector.faultPoint);
    });
  });
  navigator.usb.addEventListener('connect', () => void showKnown());
  navigator.usb.addEventListener('disconnect', () => void showKnown());
  void showKnown();
} else {
  byId('usb', HTMLButtonElement).disabled = true;
  byId('usb-hint').hidden = false;
}
