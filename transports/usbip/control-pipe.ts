import type { EmulatedBoard, TransferResult } from '../emulator/index.js';
import { requestOf, resetOf, type Request } from './requests.js';

const MAX_PACKET_0 = 64;
const ENDPOINT_HALT = 0;
/** bmRequestType and bRequest (USB 2.0, table 9-3). */
const SET_CONFIGURATION = [0, 9] as const;
const SET_INTERFACE = [1, 11] as const;
const NO_DATA = new Uint8Array(0);
const OK: TransferResult = { status: 'ok', data: NO_DATA, bytes: 0 };
const GONE: TransferResult = { status: 'gone', data: NO_DATA, bytes: 0 };

type Done = (result: TransferResult) => void;

/**
 * Endpoint 0 of a board whose host is elsewhere. Some requests mean something on this side, too: data toggles are kept
 * here, the address on this bus is not the one that the other host gives, and a reset there is made one here.
 */
export class ControlPipe {
  readonly #board: EmulatedBoard;
  #configuration = 0;
  /** The alternate settings that were selected, by the numbers of their interfaces. */
  readonly #settings = new Map<number, number>();

  constructor(board: EmulatedBoard) {
    this.#board = board;
  }

  /** Returns what takes the transfer back. */
  submit(setup: Uint8Array, data: Uint8Array, done: Done): () => void {
    const request = requestOf(setup);
    if (request.meaning === 'address') {
      done(OK);
      return () => {};
    }
    const reset = resetOf(request, setup[6]! | (setup[7]! << 8));
    if (reset === undefined) return this.#transfer(request, setup, data, done);
    let takeBack: (() => void) | undefined = () => (takeBack = undefined);
    void this.#reset(reset === 'asked').then((isThere) => {
      if (takeBack === undefined) return;
      if (!isThere) done(GONE);
      else if (reset === 'asked') done(OK);
      else takeBack = this.#transfer(request, setup, data, done);
    });
    return () => takeBack?.();
  }

  #transfer(request: Request, setup: Uint8Array, data: Uint8Array, done: Done): () => void {
    return this.#board.host.control(MAX_PACKET_0, setup, data, (result) => {
      if (result.status === 'ok') this.#follow(request);
      done(result);
    });
  }

  /** What the device has agreed to (USB 2.0 9.1.1.5, 9.4.5). */
  #follow({ meaning, value, index }: Request): void {
    const { host } = this.#board;
    if (meaning === 'configuration') {
      this.#configuration = value;
      this.#settings.clear();
      host.resetToggles();
    } else if (meaning === 'interface') {
      this.#settings.set(index, value);
      for (const { endpointNumber, direction } of this.#endpointsOf(index, value))
        host.resetToggles(endpointNumber, direction === 'out');
    } else if (meaning === 'feature' && value === ENDPOINT_HALT) host.resetToggles(index & 0xf, (index & 0x80) === 0);
  }

  #endpointsOf(number: number, setting: number): readonly USBEndpoint[] {
    const configurations = this.#board.device?.configurations ?? [];
    return configurations
      .filter(({ configurationValue }) => configurationValue === this.#configuration)
      .flatMap(({ interfaces }) => interfaces.filter(({ interfaceNumber }) => interfaceNumber === number))
      .flatMap(({ alternates }) => alternates.filter(({ alternateSetting }) => alternateSetting === setting))
      .flatMap(({ endpoints }) => endpoints);
  }

  /** Resolves with whether the device is still there. `configure`: it gets its configuration and settings back. */
  async #reset(configure: boolean): Promise<boolean> {
    try {
      await this.#board.busReset();
    } catch {
      return false;
    }
    const [value, settings] = [this.#configuration, [...this.#settings]];
    this.#configuration = 0;
    this.#settings.clear();
    if (!configure || value === 0) return true;
    if (!(await this.#takes(SET_CONFIGURATION, value, 0))) return false;
    for (const [number, setting] of settings) if (!(await this.#takes(SET_INTERFACE, setting, number))) return false;
    return true;
  }

  /** Whether the device takes a standard request without data. */
  async #takes(request: readonly [type: number, code: number], value: number, index: number): Promise<boolean> {
    const setup = Uint8Array.of(...request, value, 0, index, 0, 0, 0);
    const { status } = await new Promise<TransferResult>((resolve) =>
      this.#transfer(requestOf(setup), setup, NO_DATA, resolve),
    );
    return status === 'ok';
  }
}
