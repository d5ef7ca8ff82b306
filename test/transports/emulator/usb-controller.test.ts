import assert from 'node:assert/strict';
import { clear, readyChip, RESETS, set } from './bare-chip.js';
import {
  BC,
  bufferBit,
  bytes,
  connect,
  EP_DOUBLE,
  EP_EACH_PAIR,
  EP_NAK_STATUS,
  PACKET,
  USB,
  usbBench,
} from './usb-bench.js';

const MICROS = 1000;
const MILLIS = 1_000_000;
/** Long enough for any single transaction. */
const A_WHILE = 200 * MICROS;
const EACH_BUFFER = 1 << 29;
const STATUS = {
  busReset: 1 << 19,
  setup: 1 << 17,
  complete: 1 << 18,
  sequence: 0x80000000,
  suspended: 1 << 4,
  connected: 1 << 16,
  resume: 1 << 11,
};
const INT = {
  buffStatus: 1 << 4,
  busReset: 1 << 12,
  connection: 1 << 13,
  suspend: 1 << 14,
  resume: 1 << 15,
  setup: 1 << 16,
  sof: 1 << 17,
  abortDone: 1 << 18,
  stallNak: 1 << 19,
};

describe('The USB controller', () => {
  describe('on an IN token', () => {
    it('answers NAK until a buffer is armed, and leaves the data where it is until the host takes it', () => {
      const bench = usbBench();
      bench.enable(2, false);
      const transfer = bench.in(2, PACKET);
      bench.pass(A_WHILE);
      assert.equal(transfer.result, undefined);
      assert.equal(bench.host.counters.naks, 1);
      bench.put(2, false, [1, 2, 3]);
      bench.arm(2, false, BC.full | BC.available | 3);
      bench.put(2, false, [7, 8, 9]);
      bench.pass(A_WHILE);
      assert.deepEqual([...transfer.result!.data], [1, 2, 3], 'read when the token came, not later');
    });

    it('gives the buffer back: neither available nor full, done in BUFF_STATUS', () => {
      const bench = usbBench();
      bench.enable(2, false);
      bench.arm(2, false, BC.full | BC.available | 3);
      bench.in(2, PACKET);
      assert.notEqual(bench.control(2, false) & BC.available, 0, 'not before the packet has gone over');
      bench.pass(A_WHILE);
      assert.equal(bench.control(2, false) & (BC.full | BC.available), 0);
      assert.equal(bench.chip.read32(USB.buffStatus), bufferBit(2, false));
      bench.chip.write32(clear(USB.buffStatus), bufferBit(2, false));
      assert.equal(bench.chip.read32(USB.buffStatus), 0);
    });

    it('answers NAK when a buffer is available but not full', () => {
      const bench = usbBench();
      bench.enable(2, false);
      bench.arm(2, false, BC.available | 3);
      const transfer = bench.in(2, PACKET);
      bench.pass(A_WHILE);
      assert.equal(transfer.result, undefined);
    });

    it('sends the toggle that firmware has chosen, and the host drops a repetition', () => {
      const bench = usbBench();
      bench.enable(2, false);
      bench.put(2, false, [1]);
      bench.arm(2, false, BC.full | BC.available | BC.data1 | 1);
      const transfer = bench.in(2, PACKET);
      bench.pass(A_WHILE);
      assert.equal(transfer.result, undefined, 'DATA1 where DATA0 was due');
      assert.equal(bench.chip.read32(USB.buffStatus), bufferBit(2, false), 'but acknowledged');
      bench.put(2, false, [2]);
      bench.arm(2, false, BC.full | BC.available | 1);
      bench.pass(A_WHILE);
      assert.deepEqual([...transfer.result!.data], [2]);
    });

    it('stays silent on an endpoint that is not enabled', () => {
      const bench = usbBench();
      bench.arm(2, false, BC.full | BC.available | 3);
      const transfer = bench.in(2, PACKET);
      bench.pass(A_WHILE);
      assert.equal(transfer.result!.status, 'failed');
    });

    it('sets TRANS_COMPLETE after the last buffer', () => {
      const bench = usbBench();
      bench.enable(2, false);
      bench.arm(2, false, BC.full | BC.available | BC.last);
      bench.in(2, PACKET);
      bench.pass(A_WHILE);
      assert.notEqual(bench.chip.read32(USB.sieStatus) & STATUS.complete, 0);
    });
  });

  describe('on an OUT token', () => {
    it('answers NAK until a buffer is armed, and then fills it and says how much there is', () => {
      const bench = usbBench();
      bench.enable(1, true);
      const transfer = bench.out(1, bytes(5));
      bench.pass(A_WHILE);
      assert.equal(transfer.result, undefined);
      bench.arm(1, true, BC.available | PACKET);
      bench.pass(A_WHILE);
      assert.equal(transfer.result!.status, 'ok');
      assert.deepEqual(bench.get(1, true, 5), [0, 1, 2, 3, 4]);
      assert.equal(bench.control(1, true) & 0xffff, BC.full | 5);
      assert.equal(bench.chip.read32(USB.buffStatus), bufferBit(1, true));
    });

    it('acknowledges a packet with the wrong toggle and drops it, and says so', () => {
      const bench = usbBench();
      bench.enable(1, true);
      bench.arm(1, true, BC.available | BC.data1 | PACKET);
      const transfer = bench.out(1, bytes(5));
      bench.pass(A_WHILE);
      assert.equal(transfer.result!.status, 'ok');
      assert.notEqual(bench.chip.read32(USB.sieStatus) & STATUS.sequence, 0);
      assert.equal(bench.chip.read32(USB.buffStatus), 0);
      assert.notEqual(bench.control(1, true) & BC.available, 0, 'the buffer is still there for the next one');
    });

    it('answers NAK while the buffer is full', () => {
      const bench = usbBench();
      bench.enable(1, true);
      bench.arm(1, true, BC.available | BC.full | PACKET);
      const transfer = bench.out(1, bytes(5));
      bench.pass(A_WHILE);
      assert.equal(transfer.result, undefined);
    });

    it('takes an empty packet', () => {
      const bench = usbBench();
      bench.enable(1, true);
      bench.arm(1, true, BC.available | PACKET);
      const transfer = bench.out(1, new Uint8Array(0));
      bench.pass(A_WHILE);
      assert.equal(transfer.result!.status, 'ok');
      assert.equal(bench.control(1, true) & 0xffff, BC.full);
    });

    it('keeps what fits of a packet that is too long for its buffer, and reports it', () => {
      const bench = usbBench();
      bench.enable(1, true);
      bench.arm(1, true, BC.available | 4);
      bench.out(1, bytes(8));
      bench.pass(A_WHILE);
      assert.equal(bench.control(1, true) & 0x3ff, 4);
      assert.match(bench.chip.warnings[0]!.message, /8 bytes for a buffer of 4/);
    });
  });

  describe('with a stalled endpoint', () => {
    it('answers STALL every time until firmware takes the bit away', () => {
      const bench = usbBench();
      bench.enable(2, false);
      bench.arm(2, false, BC.stall);
      const [first, second] = [bench.in(2, PACKET), bench.in(2, PACKET)];
      bench.pass(A_WHILE);
      assert.equal(first.result!.status, 'stall');
      assert.equal(second.result!.status, 'stall');
      bench.arm(2, false, BC.full | BC.available);
      const third = bench.in(2, PACKET);
      bench.pass(A_WHILE);
      assert.equal(third.result!.status, 'ok');
    });

    it('answers STALL to a token that it had answered with NAK before', () => {
      const bench = usbBench();
      bench.enable(1, true);
      const transfer = bench.out(1, bytes(3));
      bench.pass(A_WHILE);
      bench.arm(1, true, BC.stall);
      bench.pass(A_WHILE);
      assert.equal(transfer.result!.status, 'stall');
    });

    it('stalls endpoint 0 only while EP_STALL_ARM says so, and a SETUP packet clears that', () => {
      const bench = usbBench();
      bench.arm(0, false, BC.stall);
      const transfer = bench.request([0x80, 6, 0, 1, 0, 0, 18, 0]);
      bench.pass(A_WHILE);
      assert.equal(transfer.result, undefined, 'not armed');
      bench.chip.write32(set(USB.stallArm), 1);
      bench.pass(A_WHILE);
      assert.equal(transfer.result!.status, 'stall');
      assert.equal(bench.chip.read32(USB.stallArm), 1);
      bench.request([0x80, 6, 0, 1, 0, 0, 18, 0]);
      bench.pass(A_WHILE);
      assert.equal(bench.chip.read32(USB.stallArm), 0);
    });
  });

  describe('with two buffers', () => {
    it('sends them in turn', () => {
      const bench = usbBench();
      bench.enable(2, false, EP_DOUBLE | EACH_BUFFER);
      bench.put(2, false, [...bytes(PACKET)]);
      bench.put(2, false, [0xb1], 1);
      bench.arm(2, false, BC.full | BC.available | PACKET | ((BC.full | BC.available | BC.data1 | 1) << 16));
      const transfer = bench.in(2, 2 * PACKET);
      bench.pass(A_WHILE);
      assert.equal(transfer.result!.bytes, PACKET + 1);
      assert.equal(transfer.result!.data[PACKET], 0xb1);
    });

    it('tells of both when both are done, one after the other', () => {
      const bench = usbBench();
      bench.enable(1, true, EP_DOUBLE | EACH_BUFFER);
      bench.arm(1, true, BC.available | PACKET | ((BC.available | BC.data1 | PACKET) << 16));
      bench.out(1, bytes(PACKET + 1));
      bench.pass(A_WHILE);
      const bit = bufferBit(1, true);
      assert.equal(bench.chip.read32(USB.buffStatus), bit);
      assert.equal(bench.chip.read32(USB.shouldHandle), 0, 'the first one first');
      bench.chip.write32(clear(USB.buffStatus), bit);
      assert.equal(bench.chip.read32(USB.buffStatus), bit, 'set again at once');
      assert.equal(bench.chip.read32(USB.shouldHandle), bit);
      bench.chip.write32(clear(USB.buffStatus), bit);
      assert.equal(bench.chip.read32(USB.buffStatus), 0);
    });

    it('tells of a pair when it is asked to', () => {
      const bench = usbBench();
      bench.enable(1, true, EP_DOUBLE | EP_EACH_PAIR);
      bench.arm(1, true, BC.available | PACKET | ((BC.available | BC.data1 | PACKET) << 16));
      bench.out(1, bytes(PACKET));
      bench.pass(A_WHILE);
      assert.equal(bench.chip.read32(USB.buffStatus), 0);
      bench.out(1, bytes(1));
      bench.pass(A_WHILE);
      assert.equal(bench.chip.read32(USB.buffStatus), bufferBit(1, true));
    });

    it('does not lose a buffer that is armed while the other one is on the wires', () => {
      const bench = usbBench();
      bench.enable(1, true, EP_DOUBLE | EACH_BUFFER);
      bench.arm(1, true, BC.available | PACKET);
      const transfer = bench.out(1, bytes(PACKET + 1));
      bench.pass(10 * MICROS);
      const armed = bench.control(1, true);
      bench.arm(1, true, armed | ((BC.available | BC.data1 | PACKET) << 16));
      bench.pass(A_WHILE);
      assert.equal(transfer.result!.status, 'ok');
      assert.deepEqual(bench.get(1, true, 1, 1), [PACKET]);
    });

    it('starts again with the first one after RESET in the buffer control word', () => {
      const bench = usbBench();
      bench.enable(2, false, EP_DOUBLE | EACH_BUFFER);
      bench.arm(2, false, BC.full | BC.available);
      bench.in(2, PACKET);
      bench.pass(A_WHILE);
      bench.arm(2, false, BC.reset | BC.full | BC.available | BC.data1);
      const transfer = bench.in(2, PACKET);
      bench.pass(A_WHILE);
      assert.equal(transfer.result!.status, 'ok');
      assert.equal(bench.control(2, false) & BC.reset, 0, 'cleared at the end of the transfer');
    });
  });

  describe('with EP_ABORT', () => {
    it('answers NAK although a buffer is armed, until that is taken back', () => {
      const bench = usbBench();
      bench.enable(2, false);
      bench.arm(2, false, BC.full | BC.available);
      bench.chip.write32(set(USB.epAbort), bufferBit(2, false));
      const transfer = bench.in(2, PACKET);
      bench.pass(A_WHILE);
      assert.equal(transfer.result, undefined);
      bench.chip.write32(clear(USB.epAbort), bufferBit(2, false));
      bench.pass(A_WHILE);
      assert.equal(transfer.result!.status, 'ok');
    });

    it('says at once that an idle endpoint is safe to touch', () => {
      const bench = usbBench();
      bench.enable(2, false);
      bench.chip.write32(USB.epAbort, bufferBit(2, false));
      assert.equal(bench.chip.read32(USB.epAbortDone), bufferBit(2, false));
      assert.notEqual(bench.chip.read32(USB.intr) & INT.abortDone, 0);
    });

    it('says so after the transaction that is under way', () => {
      const bench = usbBench();
      bench.enable(1, true);
      bench.arm(1, true, BC.available | PACKET);
      bench.out(1, bytes(PACKET));
      bench.pass(10 * MICROS);
      bench.chip.write32(USB.epAbort, bufferBit(1, true));
      assert.equal(bench.chip.read32(USB.epAbortDone), 0);
      bench.pass(A_WHILE);
      assert.equal(bench.chip.read32(USB.epAbortDone), bufferBit(1, true));
      assert.equal(bench.chip.read32(USB.buffStatus), bufferBit(1, true), 'that one went through');
    });
  });

  describe('on endpoint 0', () => {
    it('takes a SETUP packet at any time, into its own buffer', () => {
      const bench = usbBench();
      bench.chip.write32(USB.inte, INT.setup);
      bench.request([0x80, 6, 0, 1, 0, 0, 18, 0]);
      bench.pass(50 * MICROS);
      assert.equal(bench.chip.read32(0x50100000), 0x01000680);
      assert.equal(bench.chip.read32(0x50100004), 0x00120000);
      assert.notEqual(bench.chip.read32(USB.sieStatus) & STATUS.setup, 0);
      assert.equal(bench.chip.read32(USB.ints), INT.setup);
      assert.notEqual(bench.chip.silicon.core.pendingInterrupts & (1 << 5), 0);
      bench.chip.write32(clear(USB.sieStatus), STATUS.setup);
      assert.equal(bench.chip.read32(USB.ints), 0);
    });

    it('carries a request to the host: data with DATA1, then an empty packet back', () => {
      const bench = usbBench();
      const transfer = bench.request([0x80, 6, 0, 1, 0, 0, 18, 0]);
      bench.pass(A_WHILE);
      bench.put(0, false, [...bytes(18)]);
      bench.arm(0, false, BC.full | BC.available | BC.data1 | 18);
      bench.pass(A_WHILE);
      assert.equal(transfer.result, undefined, 'the status stage is missing');
      bench.arm(0, true, BC.available | BC.data1 | PACKET);
      bench.pass(A_WHILE);
      assert.deepEqual(transfer.result!.data, bytes(18));
    });

    it('carries a request with data to the device', () => {
      const bench = usbBench();
      const transfer = bench.request([0x40, 2, 0, 0, 0, 0, 4, 0], bytes(4, 10));
      bench.arm(0, true, BC.available | BC.data1 | PACKET);
      bench.pass(A_WHILE);
      assert.deepEqual(bench.get(0, true, 4), [10, 11, 12, 13]);
      assert.equal(transfer.result, undefined);
      bench.arm(0, false, BC.full | BC.available | BC.data1);
      bench.pass(A_WHILE);
      assert.equal(transfer.result!.status, 'ok');
      assert.equal(transfer.result!.bytes, 4);
    });

    it('tells of a NAK on an endpoint that asks for it', () => {
      const bench = usbBench();
      bench.enable(2, false, EACH_BUFFER | EP_NAK_STATUS);
      bench.in(2, PACKET);
      bench.pass(A_WHILE);
      assert.equal(bench.chip.read32(USB.stallNak), bufferBit(2, false));
      assert.notEqual(bench.chip.read32(USB.intr) & INT.stallNak, 0);
      bench.chip.write32(USB.stallNak, bufferBit(2, false));
      assert.equal(bench.chip.read32(USB.intr) & INT.stallNak, 0);
    });
  });

  describe('on the bus', () => {
    it('answers to its own address and to no other', () => {
      const bench = usbBench();
      bench.enable(2, false);
      bench.arm(2, false, BC.full | BC.available);
      bench.chip.write32(USB.addrEndp, 5);
      const lost = bench.in(2, PACKET);
      bench.pass(A_WHILE);
      assert.equal(lost.result!.status, 'failed');
      bench.host.address = 5;
      const transfer = bench.in(2, PACKET);
      bench.pass(A_WHILE);
      assert.equal(transfer.result!.status, 'ok');
    });

    it('keeps its address over a bus reset: that is for firmware to change', () => {
      const bench = usbBench();
      bench.chip.write32(USB.addrEndp, 5);
      bench.host.reset(() => {});
      bench.pass(30 * MILLIS);
      assert.equal(bench.chip.read32(USB.addrEndp), 5);
    });

    it('sees a bus reset early on, and keeps the flag until it is cleared', () => {
      const bench = usbBench();
      bench.host.reset(() => {});
      bench.pass(10 * MICROS);
      assert.notEqual(bench.chip.read32(USB.sieStatus) & STATUS.busReset, 0);
      assert.notEqual(bench.chip.read32(USB.intr) & INT.busReset, 0);
      bench.chip.write32(clear(USB.sieStatus), STATUS.busReset);
      assert.equal(bench.chip.read32(USB.intr) & INT.busReset, 0);
    });

    for (const [name, address, value] of [
      ['the pull-up', USB.sieCtrl, 1 << 16],
      ['the block', USB.mainCtrl, 1],
      ['the PHY', USB.muxing, 1],
      ['VBUS detection', USB.pwr, 4],
    ] as const) {
      it(`is there only with ${name} on`, () => {
        const bare = readyChip();
        bare.bus.plug(true);
        connect(bare);
        assert.notEqual(bare.bus.device, undefined);
        bare.chip.write32(clear(address), value);
        assert.equal(bare.bus.device, undefined);
      });
    }

    it('can take VBUS from the pin with that function instead', () => {
      const bare = readyChip();
      bare.bus.plug(true);
      connect(bare);
      bare.chip.write32(USB.pwr, 0);
      assert.equal(bare.bus.device, undefined);
      bare.chip.write32(0x40014004 + 8 * 7, 9);
      bare.chip.setPin(7, true);
      assert.notEqual(bare.bus.device, undefined);
      bare.chip.write32(USB.intr, 0);
      bare.chip.write32(USB.sieStatus, STATUS.connected);
      bare.chip.setPin(7, false);
      assert.equal(bare.bus.device, undefined);
      assert.notEqual(bare.chip.read32(USB.intr) & INT.connection, 0);
    });

    it('suspends when the bus has been idle for 3 ms, and says so once until it is acknowledged', () => {
      const bench = usbBench();
      bench.chip.write32(USB.sieStatus, STATUS.suspended);
      bench.host.suspend();
      bench.pass(2.9 * MILLIS);
      assert.equal(bench.chip.read32(USB.sieStatus) & STATUS.suspended, 0);
      bench.pass(0.2 * MILLIS);
      assert.notEqual(bench.chip.read32(USB.sieStatus) & STATUS.suspended, 0);
      assert.notEqual(bench.chip.read32(USB.intr) & INT.suspend, 0);
      bench.chip.write32(clear(USB.sieStatus), STATUS.suspended);
      assert.equal(bench.chip.read32(USB.intr) & INT.suspend, 0);
    });

    it('wakes up when the host resumes, and transfers go on', () => {
      const bench = usbBench();
      bench.host.suspend();
      bench.pass(5 * MILLIS);
      bench.enable(2, false);
      bench.arm(2, false, BC.full | BC.available);
      const transfer = bench.in(2, PACKET);
      bench.pass(MILLIS);
      assert.equal(transfer.result, undefined);
      bench.host.resume(() => {});
      bench.pass(MICROS);
      assert.notEqual(bench.chip.read32(USB.sieStatus) & STATUS.resume, 0);
      bench.pass(25 * MILLIS);
      assert.equal(transfer.result!.status, 'ok');
    });

    it('suspends also when the cable is pulled while the board has power', () => {
      const bench = usbBench();
      bench.bus.plug(false);
      bench.pass(4 * MILLIS);
      assert.notEqual(bench.chip.read32(USB.sieStatus) & STATUS.suspended, 0);
    });

    it('counts frames, and can tell of each', () => {
      const bench = usbBench();
      const first = bench.chip.read32(USB.sofRd);
      bench.pass(5 * MILLIS);
      assert.equal((bench.chip.read32(USB.sofRd) - first) & 0x7ff, 5);
      bench.chip.write32(USB.inte, INT.sof);
      assert.equal(bench.chip.read32(USB.ints), 0);
      bench.pass(MILLIS);
      assert.equal(bench.chip.read32(USB.ints), INT.sof);
      bench.chip.read32(USB.sofRd);
      assert.equal(bench.chip.read32(USB.ints), 0);
    });

    it('tells of frames from the first one on when it was asked to before they began', () => {
      const bench = usbBench();
      bench.chip.write32(USB.inte, INT.sof);
      bench.host.reset(() => {});
      bench.pass(20.5 * MILLIS);
      bench.chip.read32(USB.sofRd);
      bench.pass(MILLIS);
      assert.equal(bench.chip.read32(USB.ints), INT.sof);
    });

    it('loses its pull-up with a reset of the block', () => {
      const bench = usbBench();
      bench.chip.write32(set(RESETS), 1 << 24);
      assert.equal(bench.bus.device, undefined);
    });
  });

  it('reports firmware that sets AVAILABLE in the write that changes the rest', () => {
    const bench = usbBench();
    bench.chip.write32(0x50100094, BC.available | PACKET);
    assert.match(bench.chip.warnings[0]!.message, /EP2 OUT: AVAILABLE was set in the write that changed the rest/);
  });
});
