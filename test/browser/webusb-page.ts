/** Runs in Chromium, on a board that `navigator.usb` gives it. */
import { pico } from '../../peripherals/rp2040/index.js';
import { EntryPointError, entryPoint, open, type Board, type Hello } from '../../runtime/index.js';
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
  angle(degrees: number, hertz: number): Promise<Outcome>;
  /** Begins a call that never ends; resolves when the controller has made its changes. */
  hold(degrees: number, hertz: number): Promise<void>;
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

globalThis.webUsbPage = {
  async open() {
    const [device] = await navigator.usb.getDevices();
    if (!device) throw new Error('The page has no board.');
    board = await open(webUsb(device), pico);
    return board.hello;
  },
  angle: (degrees, hertz) =>
    new Servo(board, GPIO).angle(degrees, hertz).then(
      () => ({ code: 'done', message: '', rollback: '' }),
      (error: unknown) => {
        if (!(error instanceof EntryPointError)) throw error;
        return { code: error.code, message: error.message, rollback: error.rollback.outcome };
      },
    ),
  hold: (degrees, hertz) =>
    new Promise((resolve, reject) => {
      new Holder(board, GPIO).hold(degrees, hertz, resolve).catch(reject);
    }),
  async registers() {
    const [pin, slice] = [board.pin[GPIO]!, board.pwm.ch[GPIO >> 1]!];
    const all = [pin.CTRL, pin.PAD, pin.OUT, pin.OE, slice.CSR, slice.DIV, slice.CC, slice.TOP];
    return Promise.all(all.map((register) => register.readBits()));
  },
  close: () => board.close(),
};
