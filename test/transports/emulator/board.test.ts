import assert from 'node:assert/strict';
import { emulatedBoard, type EmulatedBoard, type EmulatedBoardOptions } from '../../../transports/emulator/index.js';
import { USB_FILTERS } from '../../../transports/webusb.js';
import { board, claimed, echo, hello, image, IN, OUT, parseAnswer, seededEnvironment } from '../real-board.js';
import { Program } from './program.js';

const SESSION = 0x4711;
const RAM = 0x20030000;
const PWM_TOP = 0x40050010;
const WATCHDOG_CTRL_SET = 0x4005a000;
const CHIP_RESET = 0x40064008;
const GPIO_IN = 0xd0000004;
const VBUS_SENSE = 1 << 24;
const SIE_STATUS = 0x50110050;
const SUSPENDED = 1 << 4;
const VBUS_OVERRIDE = 0x50110078;

async function exchange(device: USBDevice, request: BufferSource) {
  const sent = device.transferOut(OUT, request);
  const { data } = await device.transferIn(IN, 1088);
  await sent;
  return parseAnswer(data);
}

describe('The emulated board', () => {
  const boards: EmulatedBoard[] = [];
  const make = (options?: Partial<EmulatedBoardOptions>): EmulatedBoard => {
    const made = board(options);
    boards.push(made);
    return made;
  };
  afterEach(() => {
    for (const each of boards.splice(0)) each.dispose();
  });

  it('has neither power nor a device before it is plugged in', () => {
    const emulated = make();
    assert.equal(emulated.device, undefined);
    assert.equal(emulated.chip.powered, false);
    assert.throws(() => emulated.read32(RAM), /no power/);
  });

  it('boots its firmware and is enumerated without a complaint of the chip', async () => {
    const emulated = make();
    const device = await emulated.plug();
    assert.equal(emulated.device, device);
    assert.deepEqual(emulated.warnings, []);
    assert.equal(await emulated.plug(), device, 'plugging in what is plugged in changes nothing');
  });

  it('tells of itself like navigator.usb', async () => {
    const emulated = make();
    const seen: string[] = [];
    emulated.addEventListener('connect', ({ device }) => seen.push(`connect ${device.serialNumber}`));
    emulated.ondisconnect = ({ device }) => seen.push(`disconnect ${device.serialNumber}`);
    assert.deepEqual(await emulated.getDevices(), []);
    await assert.rejects(emulated.requestDevice({ filters: [] }), { name: 'NotFoundError' });
    const device = await emulated.plug();
    assert.deepEqual(await emulated.getDevices(), [device]);
    await emulated.unplug();
    assert.deepEqual(seen, ['connect E6614103E7452A2F', 'disconnect E6614103E7452A2F']);
  });

  it('is chosen by the filters that match it', async () => {
    const emulated = make();
    const device = await emulated.plug();
    for (const filter of [
      {},
      { vendorId: 0x1209 },
      { classCode: 0xff, subclassCode: 0x46 },
      { serialNumber: 'E6614103E7452A2F' },
    ]) {
      assert.equal(await emulated.requestDevice({ filters: [filter] }), device);
    }
    for (const filter of [
      { vendorId: 0x2e8a },
      { vendorId: 0x1209, productId: 2 },
      { classCode: 3 },
      { serialNumber: 'no' },
    ]) {
      await assert.rejects(emulated.requestDevice({ filters: [filter] }), { name: 'NotFoundError' });
    }
    assert.equal(await emulated.requestDevice({ filters: USB_FILTERS }), device);
    await device.forget();
    assert.deepEqual(await emulated.getDevices(), []);
  });

  it('has the serial number of its flash chip, another one for every board', async () => {
    const given = make({ flashId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
    assert.equal((await given.plug()).serialNumber, '0102030405060708');
    assert.throws(() => board({ flashId: Uint8Array.of(1) }), RangeError);
    const drawn = emulatedBoard({ image, environment: seededEnvironment(7) });
    boards.push(drawn);
    assert.match((await drawn.plug()).serialNumber!, /^[0-9A-F]{16}$/);
  });

  it('answers without a turn of the event loop', async () => {
    const environment = seededEnvironment();
    const emulated = make({ environment });
    const device = await claimed(emulated);
    await exchange(device, hello(SESSION));
    const { turns } = environment;
    for (let sequence = 1; sequence <= 5; sequence++) await exchange(device, echo(SESSION, sequence, 4));
    assert.equal(environment.turns, turns);
  });

  it('gives timers their turn during a long run of requests', async () => {
    const environment = seededEnvironment();
    const emulated = make({ environment });
    const device = await claimed(emulated);
    await exchange(device, hello(SESSION));
    const { turns } = environment;
    for (let sequence = 1; sequence <= 500; sequence++) await exchange(device, echo(SESSION, sequence, 4));
    assert.ok(environment.turns > turns);
  });

  it('has both frames in its queue that were sent in one go before it runs the first', async () => {
    const emulated = make();
    const device = await claimed(emulated);
    await exchange(device, hello(SESSION));
    const { cycles } = emulated.chip;
    const sent = [device.transferOut(OUT, echo(SESSION, 1, 1)), device.transferOut(OUT, echo(SESSION, 2, 2))];
    assert.equal(emulated.chip.cycles, cycles, 'nothing has run yet');
    const answers = [await device.transferIn(IN, 1088), await device.transferIn(IN, 1088)].map(({ data }) =>
      parseAnswer(data),
    );
    await Promise.all(sent);
    assert.deepEqual(
      answers.map(({ sequence }) => sequence),
      [1, 2],
    );
  });

  it('stands still while nobody asks anything of it, however long the host takes', async () => {
    const emulated = make();
    const device = await claimed(emulated);
    await exchange(device, hello(SESSION));
    const waiting = device.transferIn(IN, 1088).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { nanos, cycles } = emulated.chip;
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(emulated.chip.nanos, nanos);
    assert.equal(emulated.chip.cycles, cycles);
    await device.close();
    await waiting;
  });

  it('waits for a host that has not fetched its answers yet, and passes no more time than the round trips take', async () => {
    const emulated = make();
    const device = await claimed(emulated);
    await exchange(device, hello(SESSION));
    const { nanos } = emulated.chip;
    const count = 40;
    const sent = Array.from({ length: count }, (_, index) =>
      device.transferOut(OUT, echo(SESSION, index + 1, index + 1)),
    );
    for (let sequence = 1; sequence <= count; sequence++) {
      const { data } = await device.transferIn(IN, 1088);
      assert.equal(parseAnswer(data).sequence, sequence);
    }
    await Promise.all(sent);
    const millis = (emulated.chip.nanos - nanos) / 1e6;
    assert.ok(millis < count, `${millis} ms for ${count} round trips`);
  });

  it('lets a frame pass for every turn of the host in which its firmware refuses what the host offers', async () => {
    const environment = seededEnvironment();
    const emulated = make({ environment });
    const device = await claimed(emulated);
    await exchange(device, hello(SESSION));
    // Two answers wait in the firmware and two frames behind them; the fifth is refused until the host fetches one.
    const sent = [1, 2, 3, 4, 5].map((sequence) => device.transferOut(OUT, echo(SESSION, sequence, 4)));
    await Promise.all(sent.slice(0, -1));
    const [{ nanos }, { turns }] = [emulated.chip, environment];
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    const frames = (emulated.chip.nanos - nanos) / 1e6;
    assert.ok(frames >= 90 && frames <= environment.turns - turns + 1, `${frames} frames in 100 turns`);
    await device.transferIn(IN, 1088);
    await Promise.all(sent);
  });

  it('lets time pass when it is told to, by exactly so much', async () => {
    const emulated = make();
    await emulated.plug();
    const { nanos } = emulated.chip;
    emulated.advance(250);
    const passed = emulated.chip.nanos - nanos;
    assert.ok(passed >= 250e6 && passed < 250.001e6, `${passed} ns`);
    assert.notEqual(emulated.device, undefined, 'the bus has been alive all the time');
    assert.equal(emulated.read32(SIE_STATUS) & SUSPENDED, 0);
  });

  it('does not let time be moved from inside of it', async () => {
    const emulated = make();
    await emulated.plug();
    emulated.write32(0x40014004 + 8 * 2, 4);
    emulated.write32(0x40050014 + 0x0c, 5);
    emulated.write32(0x40050014, 1);
    emulated.chip.onPin(() => emulated.advance(1));
    assert.throws(() => emulated.advance(1), /from inside/);
  });

  it('runs the same cycles for the same calls', async () => {
    const run = async (): Promise<unknown> => {
      const emulated = make({ environment: seededEnvironment(99) });
      const device = await claimed(emulated);
      await exchange(device, hello(SESSION));
      for (let sequence = 1; sequence <= 20; sequence++) await exchange(device, echo(SESSION, sequence, sequence * 9));
      emulated.advance(100);
      await emulated.busReset();
      await emulated.powerCycle();
      const { chip, counters, busNanos } = emulated;
      return { cycles: chip.cycles, nanos: chip.nanos, counters: { ...counters }, busNanos };
    };
    assert.deepEqual(await run(), await run());
  });

  it('counts what went over the bus', async () => {
    const emulated = make();
    const device = await claimed(emulated);
    await exchange(device, hello(SESSION));
    const before = { ...emulated.counters };
    await exchange(device, echo(SESSION, 1, 60));
    const { transfers, packets, bytes } = emulated.counters;
    assert.equal(transfers - before.transfers, 2);
    assert.equal(packets - before.packets, 4, 'two packets each way');
    assert.equal(bytes - before.bytes, 76 + 78);
  });

  it('keeps its registers without the cable when it has power of its own, and sees that the bus is silent', async () => {
    const emulated = make();
    await emulated.plug();
    assert.notEqual(emulated.read32(GPIO_IN) & VBUS_SENSE, 0);
    emulated.write32(PWM_TOP, 0x1234);
    await emulated.unplug({ power: 'kept' });
    assert.equal(emulated.device, undefined);
    assert.equal(emulated.read32(PWM_TOP), 0x1234);
    assert.notEqual(emulated.read32(SIE_STATUS) & SUSPENDED, 0);
    assert.equal(emulated.read32(GPIO_IN) & VBUS_SENSE, 0);
    await emulated.plug();
    assert.equal(emulated.read32(PWM_TOP), 0x1234);
    assert.equal(emulated.read32(SIE_STATUS) & SUSPENDED, 0);
  });

  it('loses everything with the cable when that is where its power comes from', async () => {
    const emulated = make();
    const device = await claimed(emulated);
    const { epoch } = await exchange(device, hello(SESSION));
    emulated.write32(PWM_TOP, 0x1234);
    await emulated.unplug();
    assert.equal(emulated.chip.powered, false);
    const again = await claimed(emulated);
    assert.equal(emulated.read32(PWM_TOP), 0xffff);
    assert.notEqual((await exchange(again, hello(SESSION))).epoch, epoch);
    assert.notEqual(emulated.read32(VBUS_OVERRIDE), 0);
  });

  it('can be made with power of its own, and loses that in a power cycle', async () => {
    const emulated = make({ power: 'kept' });
    await emulated.plug();
    emulated.write32(PWM_TOP, 0x1234);
    await emulated.unplug();
    await emulated.plug();
    assert.equal(emulated.read32(PWM_TOP), 0x1234);
    await emulated.powerCycle();
    assert.equal(emulated.read32(PWM_TOP), 0xffff);
  });

  it('keeps its epoch over a bus reset, and its device object, but not what was pending', async () => {
    const emulated = make();
    const device = await claimed(emulated);
    const { epoch } = await exchange(device, hello(SESSION));
    const pending = assert.rejects(device.transferIn(IN, 64), { name: 'NetworkError' });
    await emulated.busReset();
    await pending;
    assert.equal(emulated.device, device);
    assert.equal((await exchange(device, hello(SESSION))).epoch, epoch);
  });

  it('survives suspend and resume', async () => {
    const emulated = make();
    const device = await claimed(emulated);
    await emulated.suspend();
    assert.notEqual(emulated.read32(SIE_STATUS) & SUSPENDED, 0);
    await emulated.resume();
    assert.equal((await exchange(device, hello(SESSION))).status, 0);
  });

  it('comes back by itself after a watchdog reset, as another device with another epoch', async () => {
    const emulated = make();
    const device = await claimed(emulated);
    const { epoch } = await exchange(device, hello(SESSION));
    const causes: string[] = [];
    emulated.onReset((cause) => causes.push(cause));
    const pending = assert.rejects(device.transferIn(IN, 64), { name: 'NetworkError' });
    const connected = new Promise<USBDevice>((resolve) => {
      emulated.addEventListener('connect', (event) => resolve(event.device), { once: true });
    });
    emulated.write32(WATCHDOG_CTRL_SET, 0x80000000);
    await pending;
    const again = await connected;
    assert.notEqual(again, device);
    assert.deepEqual(causes, ['watchdog']);
    assert.notEqual((await exchange(await claimed(emulated), hello(SESSION))).epoch, epoch);
  });

  it('comes back after its RUN pin was pulled', async () => {
    const emulated = make();
    const device = await emulated.plug();
    const again = await emulated.pressReset();
    assert.notEqual(again, device);
    assert.equal(emulated.read32(CHIP_RESET), 1 << 16);
  });

  it('rejects plug() when nothing appears on the bus, with what the chip complained about', async () => {
    const program = new Program().read(0x60000000).forever('wfi').handler(3).forever('wfi');
    const emulated = make({ image: program.image() });
    await assert.rejects(emulated.plug(), (error: Error & { code: string }) => {
      assert.equal(error.code, 'link-failed');
      assert.match(error.message, /No USB device appeared/);
      assert.match(error.message, /bus error: read at 0x60000000/);
      return true;
    });
  });

  it('leaves the host its event loop when the firmware never sleeps', async () => {
    const turns: (() => void)[] = [];
    const environment = { ...seededEnvironment(), turn: (run: () => void) => void turns.push(run) };
    const emulated = make({ image: new Program().forever().image(), environment });
    const plugged = assert.rejects(emulated.plug(), { code: 'link-closed' });
    await Promise.resolve();
    for (let turn = 1; turn <= 5; turn++) {
      assert.equal(turns.length, 1, 'the rest waits for a turn of the event loop');
      const { cycles } = emulated.chip;
      assert.ok(cycles > 0 && cycles <= turn * 100_000, `${cycles} cycles in ${turn} turns`);
      turns.shift()!();
    }
    emulated.dispose();
    await plugged;
  });

  it('goes on by itself when something outside of it wakes the processor', async () => {
    const [INTE0, INTR0, NVIC_ENABLE, IO_IRQ, EDGE_HIGH] = [0x40014100, 0x400140f0, 0xe000e100, 13, 1 << 23];
    const program = new Program()
      .store(0x4000c000, 0)
      .store(RAM, 0)
      .store(INTE0, EDGE_HIGH)
      .store(NVIC_ENABLE, 1 << IO_IRQ)
      .forever('wfi')
      .handler(16 + IO_IRQ)
      .increment(RAM)
      .store(INTR0, EDGE_HIGH)
      .return();
    const emulated = make({ image: program.image() });
    await assert.rejects(emulated.plug(), { code: 'link-failed' });
    for (const level of [true, false, true]) {
      emulated.chip.setPin(5, level);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(emulated.read32(RAM), 2);
  });

  it('runs nothing any more after dispose(), and fails what was pending', async () => {
    const emulated = make();
    const device = await claimed(emulated);
    const pending = assert.rejects(device.transferIn(IN, 64), { name: 'NetworkError' });
    emulated.dispose();
    await pending;
    const { cycles } = emulated.chip;
    emulated.advance(10);
    assert.equal(emulated.chip.cycles, cycles);
  });

  it('shares a process with nineteen others', async () => {
    const all = Array.from({ length: 20 }, (_, index) =>
      make({ environment: seededEnvironment(index + 1), flashId: BigInt(index) }),
    );
    const answers = await Promise.all(all.map(async (emulated) => exchange(await claimed(emulated), hello(SESSION))));
    assert.equal(new Set(all.map(({ device }) => device!.serialNumber)).size, 20);
    assert.ok(answers.every(({ status }) => status === 0));
  });

  it('takes its time with a host that looks once a frame', async () => {
    const emulated = make({ hostFrameMicros: 1000 });
    const device = await claimed(emulated);
    await exchange(device, hello(SESSION));
    const { nanos } = emulated.chip;
    for (let sequence = 1; sequence <= 10; sequence++) await exchange(device, echo(SESSION, sequence, 4));
    const frames = (emulated.chip.nanos - nanos) / 1e6;
    assert.ok(frames >= 10 && frames <= 21, `${frames} frames for 10 round trips`);
  });
});
