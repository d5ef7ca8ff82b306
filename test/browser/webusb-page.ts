/** Runs in Chromium, on a board that `navigator.usb` gives it. */
import { pico } from '../../peripherals/rp2040/index.js';
import { EntryPointError, entryPoint, open, type Board, type Hello, type Transport } from '../../runtime/index.js';
import { webUsb } from '../../transports/webusb.js';
import { PlainServo, Servo } from '../../examples/servo-driver.js';

/** What became of a call, as data. */
export interface Outcome {
  readonly code: string;
  readonly message: string;
  readonly rollback: string;
}

export interface WebUsbPage {
  open(): Promise<Hello>;
  /** The same, with a way to find the board again. */
  openForGood(): Promise<void>;
  angle(degrees: number, hertz: number): Promise<Outcome>;
  /** Begins a call that never ends; resolves when the controller has made its changes. */
  hold(degrees: number, hertz: number): Promise<void>;
  /** How that call has failed. */
  heldOutcome(): Promise<Outcome>;
  registers(): Promise<readonly number[]>;
  close(): Promise<void>;
}

declare global {
  var webUsbPage: WebUsbPage;
}

class Holder extends PlainServo {
  @entryPoint
  async hold(degrees: number, hertz: number, holding: () => void): Promise<void> {
    await super.angle(degrees, hertz);
    await this.slice.CC.read();
    holding();
    await new Promise<never>(() => {});
  }
}

const GPIO = 2;
let board: Board<(typeof pico)['peripherals']>;
let held: Promise<Outcome>;

/** The board, if the page has it now; recovery asks again where it has not. */
async function find(): Promise<Transport> {
  const [device] = await navigator.usb.getDevices();
  if (!device) throw new Error('The page has no board.');
  return webUsb(device);
}

const outcomeOf = (call: Promise<unknown>): Promise<Outcome> =>
  call.then(
    () => ({ code: 'done', message: '', rollback: '' }),
    (error: unknown) => {
      if (!(error instanceof EntryPointError)) throw error;
      return { code: error.code, message: error.message, rollback: error.rollback.outcome };
    },
  );

globalThis.webUsbPage = {
  async open() {
    board = await open(await find(), pico);
    return board.hello;
  },
  async openForGood() {
    board = await open(await find(), pico, { recovery: { reopen: find } });
  },
  angle: (degrees, hertz) => outcomeOf(new Servo(board, GPIO).angle(degrees, hertz)),
  hold: (degrees, hertz) =>
    new Promise((resolve) => {
      held = outcomeOf(new Holder(board, GPIO).hold(degrees, hertz, resolve));
    }),
  heldOutcome: () => held,
  async registers() {
    const [pin, slice] = [board.pin[GPIO]!, board.pwm.ch[GPIO >> 1]!];
    const all = [pin.CTRL, pin.PAD, pin.OUT, pin.OE, slice.CSR, slice.DIV, slice.CC, slice.TOP];
    return Promise.all(all.map((register) => register.readBits()));
  },
  close: () => board.close(),
};
