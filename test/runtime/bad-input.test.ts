import assert from 'node:assert/strict';
import { pico } from '../../peripherals/rp2040/index.js';
import {
  definePeripheral,
  Driver,
  EntryPointError,
  entryPoint,
  field,
  open,
  peripheral,
  type Handle,
} from '../../runtime/index.js';
import { attach } from '../../runtime/registers/handles.js';
import { crc32 } from '../../transports/crc32.js';
import type { Place } from '../../runtime/link/ops.js';
import { SIZES } from '../../runtime/link/protocol.js';
import { compile } from '../../runtime/registers/compile.js';
import { encodeRequest } from '../../runtime/link/frame.js';
import { webUsb } from '../../transports/webusb.js';
import { picoBoard, type Bench, type PicoBoard } from '../emulated.js';
import type { PwmSlice } from '../../peripherals/rp2040/index.js';

/** Each test does something wrong and then looks whether anything was changed. */
describe('Bad input', () => {
  let bench: Bench;
  let board: PicoBoard;
  let before: number[];
  /** A register of pin 2 as the controller knows it, past the checks of this side. */
  function placeOf(register: string): Place {
    const pin = compile(pico.peripherals.pin[2]!);
    return { peripheral: board.numberOf(pin), ...pin.registers.get(register)![0]!.at };
  }
  const digests = () => Promise.all([board.pin[2]!, board.pwm.ch[1]!].map((each) => board.digest(each)));

  beforeEach(async () => {
    bench = await picoBoard();
    board = bench.board;
    await board.pwm.ch[1]!.TOP.write({ WRAP: 999 });
    before = await digests();
  });
  afterEach(async () => {
    assert.deepEqual(await digests(), before, 'nothing was changed');
    await bench.dispose();
  });

  it('an undeclared register is named, with the declared ones', () => {
    const slice = board.pwm.ch[1] as unknown as Record<string, unknown>;
    assert.throws(() => slice['PERIOD'], {
      code: 'undeclared-register',
      message: /pwm1 has no register PERIOD\. Registers: .*TOP/,
    });
  });

  it('a value too wide for its field is refused', async () => {
    await assert.rejects(board.pwm.ch[1]!.CC.modify({ A: 0x10000 }), {
      code: 'value-out-of-range',
      message: /pwm1\.CC\.A/,
    });
  });

  it('a write to a read-only register is refused', async () => {
    const status = board.pin[2]!.STATUS as unknown as { writeBits(bits: number): Promise<void> };
    await assert.rejects(status.writeBits(1), { code: 'read-only', message: /pin2\.STATUS/ });
  });

  it('a write to a read-only register is refused by the controller as well', async () => {
    const answer = await board.link.request([{ op: 'write', at: placeOf('STATUS'), value: 1 }]);
    assert.equal(answer.status, 'access-denied');
  });

  it('bits that belong to a neighbour are refused on both sides', async () => {
    await assert.rejects(board.pin[2]!.OUT.modify({ HIGH: 2 as unknown as boolean }), { code: 'value-out-of-range' });
    const all = { mask: 0xff, value: 0xff };
    const masked = await board.link.request([{ op: 'masked', at: placeOf('OUT'), ...all }]);
    assert.equal(masked.status, 'out-of-bounds');
    const plain = await board.link.request([{ op: 'write', at: placeOf('OUT'), value: 0xff }]);
    assert.equal(plain.status, 'out-of-bounds');
  });

  it('an address outside of the allow-list is refused by the controller, and named', async () => {
    for (const address of [0x20000000, 0x10000000, 0x50110040, 0x4000c000 + 0x1000, 0x40008000, 0xe000ed0c]) {
      const forbidden = definePeripheral({
        name: 'forbidden',
        source: 'test',
        registers: { ANY: { address, access: 'rw', fields: { ALL: field(0, 32) } } },
        save: ['ANY'],
      });
      await assert.rejects(attach(forbidden, board).ANY.writeBits(1), { code: 'not-allowed', message: /allow-list/ });
    }
  });

  it('in an entry point, becomes an EntryPointError that names the detector and changes nothing', async () => {
    class Wrong extends Driver {
      @peripheral accessor slice: Handle<PwmSlice> = board.pwm.ch[1]!;
      @entryPoint
      async duty(counts: number): Promise<void> {
        await this.slice.TOP.write({ WRAP: 1 });
        await this.slice.CC.modify({ A: counts });
      }
    }
    await assert.rejects(new Wrong(board).duty(70_000), (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.equal(error.code, 'register-contract');
      assert.equal(error.entryPoint, 'Wrong.duty');
      assert.match(error.message, /pwm1\.CC\.A/);
      return true;
    });
  });

  it('a checkpoint that does not fit into the arena is refused before the hardware is touched', async () => {
    const slices = board.pwm.ch;
    const registers = Object.fromEntries(
      slices.flatMap((_, slice) =>
        [0x04, 0x0c, 0x10].map((offset) => [
          `S${slice}_${offset}`,
          { address: 0x40050000 + slice * 0x14 + offset, access: 'rw' } as const,
        ]),
      ),
    );
    // Many peripherals over the same registers: each of them needs room of its own in one transaction.
    const greedy = Array.from({ length: 40 }, (_, i) =>
      definePeripheral({
        name: `greedy${i}`,
        source: 'test',
        registers,
        save: Array.from({ length: 60 }, (_each, j) => Object.keys(registers)[j % 24]!),
      }),
    );
    class Greedy extends Driver {
      @peripheral accessor all = greedy.map((each) => attach(each, board));
      @entryPoint
      async grab(): Promise<void> {
        for (const each of this.all) await each['S1_16']!.writeBits(7);
      }
    }
    await assert.rejects(new Greedy(board).grab(), (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.equal((error.cause as { code?: string }).code, 'arena-full');
      assert.equal(error.rollback.outcome, 'restored');
      return true;
    });
  });

  it('a frame of another protocol version is refused and not run', async () => {
    const device = bench.emulated.device!;
    const frame = encodeRequest({ session: 1, sequence: 1, transaction: 0, ops: [{ op: 'delay', us: 1 }] });
    frame[1] = 99;
    const end = frame.length - SIZES.crc;
    new DataView(frame.buffer).setUint32(end, crc32(frame, 0, end), true);
    assert.equal((await raw(device, frame))[12], 2);
  });

  it('a truncated frame is refused and not run', async () => {
    const device = bench.emulated.device!;
    const frame = encodeRequest({ session: 1, sequence: 1, transaction: 0, ops: [{ op: 'delay', us: 1 }] });
    for (const length of [1, 9, frame.length - 1])
      assert.equal((await raw(device, frame.subarray(0, length)))[12], 1, `${length} bytes`);
  });

  /** A frame past the link client; its answer is read by the client's transport, so this uses a link of its own. */
  async function raw(device: USBDevice, frame: Uint8Array): Promise<Uint8Array> {
    await board.close();
    const transport = webUsb(device, bench.emulated.environment);
    await transport.open();
    await transport.send(frame);
    const answer = await transport.receive();
    await transport.close();
    board = await bench.reopen();
    return answer;
  }

  it('a device of another vendor is refused before a byte is sent to it', async () => {
    const stranger = new Proxy(bench.emulated.device!, {
      get(device, name) {
        if (name === 'vendorId') return 0x2e8a;
        assert.notEqual(name, 'transferOut');
        return Reflect.get(device, name, device) as unknown;
      },
    });
    await assert.rejects(open(webUsb(stranger), pico), { code: 'device-mismatch' });
  });
});
