/** An emulated Pico with the committed image, and a host that talks to it in single transfers. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { emulatedBoard, type EmulatedBoard } from '../../../transports/emulator/index.js';
import { virtualEnvironment } from '../../../transports/virtual-environment.js';
import { answer, helloRecord, op, request, STATUS, type Answer, type Request } from './frame.js';

export const image = readFileSync(new URL('../../../firmware/images/fgft-rp2040.bin', import.meta.url));
export const FLASH_ID = 0x0123456789abcdefn;
/** The setting of the vendor interface that has endpoints. */
export const FRAMES = 1;
const SYSINFO_PAGE = 0x40000;
const CHIP_ID = 0x2927;

/** A session that is open, and the only one who talks in it: its frames come in turn. */
export interface Session {
  /** The next frame, and what the board answers. */
  send(ops: Request['ops'], transaction?: number): Promise<Answer>;
  /** The same, where every op must run. */
  run(ops: Request['ops'], transaction?: number): Promise<Answer>;
}

export interface Link {
  readonly board: EmulatedBoard;
  readonly device: USBDevice;
  /** Any request to endpoint 0, good or bad; `data` is how much to ask for. */
  control(
    type: number,
    code: number,
    value: number,
    index: number,
    data?: number | Uint8Array,
  ): Promise<Uint8Array | 'stall'>;
  /** One bulk transfer, with the empty packet that ends one of whole packets. */
  send(bytes: Uint8Array): Promise<void>;
  receive(): Promise<Uint8Array>;
  exchange(frame: Request): Promise<Answer>;
  resync(): Promise<{ epoch: number; session: number; next: number }>;
  hello(session: number, leaseMs?: number): Promise<ReturnType<typeof helloRecord> & { epoch: number }>;
  open(session: number): Promise<Session>;
  dispose(): void;
}

/** `revision`: 1 for steppings B0 and B1, 2 for B2 (RP2040 datasheet, SYSINFO.CHIP_ID). */
export async function plugged({ revision = 2, seed = 1 } = {}): Promise<Link> {
  const board = emulatedBoard({ image, environment: virtualEnvironment(seed), flashId: FLASH_ID });
  board.onReset(() => {
    board.chip.silicon.peripherals[SYSINFO_PAGE]!.readUint32 = () => ((revision << 28) | CHIP_ID) >>> 0;
  });
  return linkTo(board, await board.plug());
}

/** A host's view of a board that is on the bus: configured, and its interface claimed, with the endpoints of frames. */
export async function linkTo(board: EmulatedBoard, device: USBDevice): Promise<Link> {
  await device.open();
  await device.selectConfiguration(1);
  await device.claimInterface(0);
  await device.selectAlternateInterface(0, FRAMES);

  async function send(bytes: Uint8Array): Promise<void> {
    const whole = device.transferOut(1, new Uint8Array(bytes));
    const end = bytes.length > 0 && bytes.length % 64 === 0 ? device.transferOut(1, new Uint8Array(0)) : undefined;
    assert.equal((await whole).status, 'ok');
    if (end) assert.equal((await end).status, 'ok');
  }

  async function receive(): Promise<Uint8Array> {
    const { status, data } = await device.transferIn(2, 1088);
    assert.equal(status, 'ok');
    return new Uint8Array(data!.buffer);
  }

  function control(
    type: number,
    code: number,
    value: number,
    index: number,
    data: number | Uint8Array = new Uint8Array(0),
  ): Promise<Uint8Array | 'stall'> {
    const length = typeof data === 'number' ? data : data.length;
    const setup = Uint8Array.of(type, code, value, value >> 8, index, index >> 8, length, length >> 8);
    return new Promise((resolve, reject) => {
      board.host.control(64, setup, typeof data === 'number' ? new Uint8Array(0) : data, (result) => {
        if (result.status === 'ok') resolve(result.data);
        else if (result.status === 'stall') resolve('stall');
        else reject(new Error(`control transfer: ${result.status}`));
      });
    });
  }

  async function exchange(frame: Request): Promise<Answer> {
    const coming = receive();
    await send(request(frame));
    return answer(await coming);
  }

  async function hello(session: number, leaseMs = 1000) {
    const opened = await exchange({ session, sequence: 0, ops: [op.hello(leaseMs)] });
    assert.equal(opened.status, STATUS.ok);
    return { ...helloRecord(opened), epoch: opened.epoch };
  }

  async function open(session: number): Promise<Session> {
    await hello(session);
    let sequence = 1;
    const next = (ops: Request['ops'], transaction = 0): Promise<Answer> =>
      exchange({ session, sequence: sequence++, transaction, ops });
    return {
      send: next,
      async run(ops, transaction) {
        const reply = await next(ops, transaction);
        assert.equal(reply.status, STATUS.ok);
        return reply;
      },
    };
  }

  return {
    board,
    device,
    control,
    send,
    receive,
    exchange,
    async resync() {
      const bytes = await control(0xc1, 0x52, 0, 0, 8);
      assert.ok(bytes !== 'stall' && bytes.length === 8);
      const view = new DataView(bytes.slice().buffer);
      return { epoch: view.getUint32(0, true), session: view.getUint16(4, true), next: view.getUint16(6, true) };
    },
    hello,
    open,
    dispose: () => board.dispose(),
  };
}
