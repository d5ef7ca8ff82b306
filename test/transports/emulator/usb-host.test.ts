import assert from 'node:assert/strict';
import { BC, bytes, PACKET, usbBench, type UsbBench } from './usb-bench.js';

const MICROS = 1000;
const A_WHILE = 200 * MICROS;
const BYTE_NANOS = 8e9 / 12e6;

/** Arms an endpoint again and again as soon as it is done, as firmware does. */
function keepArmed(bench: UsbBench, endpoint: number, out: boolean, packets: readonly number[]): void {
  let toggle = 0;
  for (const length of packets) {
    while (bench.control(endpoint, out) & BC.available) bench.pass(5 * MICROS);
    bench.arm(endpoint, out, BC.available | (toggle ? BC.data1 : 0) | (out ? PACKET : BC.full | length));
    toggle ^= 1;
  }
}

describe('The USB host', () => {
  it('cuts a transfer into packets with alternating toggles', () => {
    const bench = usbBench();
    bench.enable(1, true);
    const transfer = bench.out(1, bytes(150));
    keepArmed(bench, 1, true, [PACKET, PACKET, PACKET]);
    bench.pass(A_WHILE);
    assert.equal(transfer.result!.bytes, 150);
    assert.equal(bench.host.counters.packets, 3);
    assert.equal(bench.host.counters.bytes, 150);
    assert.equal(bench.host.counters.transfers, 1);
  });

  it('ends a transfer from the device with a short packet, an empty one too, or when it is full', () => {
    for (const { packets, asked, got } of [
      { packets: [PACKET, 10], asked: 256, got: PACKET + 10 },
      { packets: [PACKET, 0], asked: 256, got: PACKET },
      { packets: [PACKET, PACKET], asked: 2 * PACKET, got: 2 * PACKET },
    ]) {
      const bench = usbBench();
      bench.enable(2, false);
      const transfer = bench.in(2, asked);
      keepArmed(bench, 2, false, packets);
      bench.pass(A_WHILE);
      assert.equal(transfer.result!.status, 'ok');
      assert.equal(transfer.result!.bytes, got);
    }
  });

  it('calls it babble when a packet is longer than what is left of the buffer, and does not acknowledge it', () => {
    const bench = usbBench();
    bench.enable(2, false);
    bench.put(2, false, [...bytes(8)]);
    bench.arm(2, false, BC.full | BC.available | 8);
    const transfer = bench.in(2, 5);
    bench.pass(A_WHILE);
    assert.equal(transfer.result!.status, 'babble');
    assert.deepEqual([...transfer.result!.data], [0, 1, 2, 3, 4]);
    assert.notEqual(bench.control(2, false) & BC.available, 0);
  });

  it('calls it babble when a packet is longer than the endpoint allows', () => {
    const bench = usbBench();
    bench.enable(2, false);
    bench.arm(2, false, BC.full | BC.available | 100);
    const transfer = bench.in(2, 512);
    bench.pass(A_WHILE);
    assert.equal(transfer.result!.status, 'babble');
  });

  it('serves transfers of one endpoint in the order of the calls', () => {
    const bench = usbBench();
    bench.enable(1, true);
    const order: number[] = [];
    for (const length of [1, 2, 3]) bench.host.out(1, PACKET, bytes(length), () => order.push(length));
    keepArmed(bench, 1, true, [PACKET, PACKET, PACKET]);
    bench.pass(A_WHILE);
    assert.deepEqual(order, [1, 2, 3]);
  });

  it('lets endpoints take turns', () => {
    const bench = usbBench();
    for (const endpoint of [1, 3]) bench.enable(endpoint, true);
    const order: number[] = [];
    for (const endpoint of [1, 3, 1, 3]) bench.host.out(endpoint, PACKET, bytes(1), () => order.push(endpoint));
    for (const endpoint of [1, 3]) bench.arm(endpoint, true, BC.available | PACKET);
    bench.pass(A_WHILE);
    assert.deepEqual(order, [1, 3]);
  });

  it('does not let an endpoint that answers NAK hold up the others', () => {
    const bench = usbBench();
    for (const endpoint of [1, 3]) bench.enable(endpoint, true);
    const [stuck, free] = [bench.out(1, bytes(1)), bench.out(3, bytes(1))];
    bench.arm(3, true, BC.available | PACKET);
    bench.pass(A_WHILE);
    assert.equal(stuck.result, undefined);
    assert.equal(free.result!.status, 'ok');
  });

  it('takes 77 byte times for a full packet and one transaction at a time (USB 2.0, table 5-9)', () => {
    const bench = usbBench();
    bench.enable(1, true);
    bench.enable(3, true);
    for (const endpoint of [1, 3]) bench.arm(endpoint, true, BC.available | PACKET);
    const [first, second] = [bench.out(1, bytes(PACKET)), bench.out(3, bytes(PACKET))];
    bench.pass(77 * BYTE_NANOS - 100);
    assert.equal(first.result, undefined);
    bench.pass(200);
    assert.equal(first.result!.status, 'ok');
    assert.equal(second.result, undefined);
    bench.pass(77 * BYTE_NANOS);
    assert.equal(second.result!.status, 'ok');
    assert.ok(Math.abs(bench.bus.busyNanos - 2 * 77 * BYTE_NANOS) < 1);
  });

  it('takes 8 byte times for an IN that is refused', () => {
    const bench = usbBench();
    bench.enable(2, false);
    bench.in(2, PACKET);
    bench.pass(A_WHILE);
    assert.ok(Math.abs(bench.bus.busyNanos - 8 * BYTE_NANOS) < 1);
  });

  it('asks again at once when the device becomes ready while its NAK is on the way', () => {
    const bench = usbBench();
    bench.enable(1, true);
    const transfer = bench.out(1, bytes(PACKET));
    bench.pass(20 * MICROS);
    bench.arm(1, true, BC.available | PACKET);
    bench.pass(A_WHILE);
    assert.equal(transfer.result!.status, 'ok');
  });

  it('gives up after three tokens without an answer', () => {
    const bench = usbBench();
    const transfer = bench.out(1, bytes(1));
    bench.pass(A_WHILE);
    assert.equal(transfer.result!.status, 'failed');
    assert.ok(Math.abs(bench.bus.busyNanos - 3 * 14 * BYTE_NANOS) < 1);
  });

  it('takes back what is asked of one endpoint, and the toggles stay in step', () => {
    const bench = usbBench();
    bench.enable(1, true);
    bench.arm(1, true, BC.available | PACKET);
    const taken = bench.out(1, bytes(1));
    bench.pass(5 * MICROS);
    bench.host.cancel('cancelled', 1, true);
    assert.equal(taken.result!.status, 'cancelled');
    bench.pass(A_WHILE);
    bench.arm(1, true, BC.available | BC.data1 | PACKET);
    const next = bench.out(1, bytes(2, 7));
    bench.pass(A_WHILE);
    assert.equal(next.result!.status, 'ok');
    assert.deepEqual(bench.get(1, true, 2), [7, 8]);
  });

  it('fails everything that is pending when the device goes away', () => {
    const bench = usbBench();
    bench.enable(2, false);
    const [waiting, moving] = [bench.in(2, PACKET), bench.out(1, bytes(PACKET))];
    bench.bus.plug(false);
    assert.equal(waiting.result!.status, 'gone');
    assert.equal(moving.result!.status, 'gone');
    const late = bench.out(1, bytes(1));
    assert.equal(late.result!.status, 'gone');
  });

  it('is busy while a token is on the wires, and not while a transfer waits for a device that refuses it', () => {
    for (const submit of ['in', 'out'] as const) {
      const bench = usbBench();
      bench.enable(1, true);
      bench.enable(2, false);
      assert.equal(bench.host.busy, false);
      if (submit === 'in') bench.in(2, PACKET);
      else bench.out(1, bytes(1));
      assert.equal(bench.host.busy, true);
      bench.pass(A_WHILE);
      assert.equal(bench.host.busy, false);
    }
  });

  it('has something to offer as long as an OUT or control transfer is pending, not for an IN that waits for data', () => {
    const bench = usbBench();
    bench.enable(1, true);
    bench.enable(2, false);
    bench.in(2, PACKET);
    assert.equal(bench.host.offering, false);
    bench.out(1, bytes(1));
    assert.equal(bench.host.offering, true);
    bench.host.cancel('cancelled');
    assert.equal(bench.host.offering, false);
    bench.request([0x80, 6, 0, 1, 0, 0, 18, 0]);
    assert.equal(bench.host.offering, true);
  });

  it('with frames, starts a transfer at the next one and reports it at the end of one', () => {
    const bench = usbBench(1_000_000);
    bench.enable(1, true);
    bench.arm(1, true, BC.available | PACKET);
    const { nanos } = bench.chip;
    const frame = (Math.floor(nanos / 1e6) + 1) * 1e6;
    bench.pass(1);
    const transfer = bench.out(1, bytes(1));
    bench.pass(frame - bench.chip.nanos - 10);
    assert.equal(bench.bus.busyNanos, 0);
    bench.pass(100 * MICROS);
    assert.ok(bench.bus.busyNanos > 0);
    assert.equal(transfer.result, undefined);
    bench.pass(1e6);
    assert.equal(transfer.result!.status, 'ok');
  });

  it('puts an empty packet behind data that fill their last one, where that is asked for', () => {
    for (const { count, packets } of [
      { count: 2 * PACKET, packets: 3 },
      { count: PACKET + 1, packets: 2 },
      { count: 0, packets: 1 },
    ]) {
      const bench = usbBench();
      bench.enable(1, true);
      let status: string | undefined;
      bench.host.out(1, PACKET, bytes(count), (result) => (status = result.status), true);
      keepArmed(
        bench,
        1,
        true,
        Array.from({ length: packets }, () => PACKET),
      );
      assert.equal(bench.host.counters.packets, packets - 1, `${count} bytes`);
      bench.pass(A_WHILE);
      assert.deepEqual([status, bench.host.counters.packets], ['ok', packets], `${count} bytes`);
    }
  });

  it('takes back one transfer of several, and goes on with the next', () => {
    const bench = usbBench();
    bench.enable(2, false);
    const ended: string[] = [];
    const [first, second] = ['first', 'second', 'third'].map((name) =>
      bench.host.in(2, PACKET, PACKET, ({ status }) => ended.push(`${name} ${status}`)),
    );
    bench.pass(A_WHILE);
    second!();
    first!();
    first!();
    assert.deepEqual(ended, ['second cancelled', 'first cancelled']);
    bench.arm(2, false, BC.available | BC.full | 10);
    bench.pass(A_WHILE);
    assert.deepEqual(ended.slice(2), ['third ok']);
  });
});
