import assert from 'node:assert/strict';
import { board, claimed, hello, IN, OUT, parseAnswer } from '../real-board.js';

const SESSION = 0x1111;
const HARD_FAULT = 3;
const WATCHDOG_CAUSES = { watchdog: 2, fault: 5 } as const;
const SEND_AFTER_RESET = { once: true } as const;

async function greet(device: USBDevice) {
  const sent = device.transferOut(OUT, hello(SESSION));
  const { data } = await device.transferIn(IN, 1088);
  await sent;
  const { results, epoch } = parseAnswer(data);
  const record = new DataView(results.buffer, results.byteOffset, results.byteLength);
  return { epoch, resetCause: record.getUint8(3), exception: record.getUint8(20), pc: record.getUint32(24, true) };
}

describe('The firmware on the emulated chip', () => {
  it('does nothing that silicon would not like', async () => {
    using emulated = board();
    await greet(await claimed(emulated));
    emulated.advance(1000);
    await emulated.busReset();
    await emulated.unplug({ power: 'kept' });
    await emulated.plug();
    await emulated.suspend();
    await emulated.resume();
    assert.deepEqual(emulated.warnings, []);
  });

  it('goes through a HardFault into a reset, and tells of it', async () => {
    using emulated = board();
    const before = await greet(await claimed(emulated));
    assert.equal(before.exception, 0);
    const connected = new Promise((resolve) => emulated.addEventListener('connect', resolve, SEND_AFTER_RESET));
    const { core } = emulated.chip.silicon;
    core.PC = 0x60000000;
    core.waiting = false;
    emulated.advance(20);
    await connected;
    const after = await greet(await claimed(emulated));
    assert.equal(after.exception, HARD_FAULT);
    assert.equal(after.pc, 0x60000000);
    assert.equal(after.resetCause, WATCHDOG_CAUSES.fault);
    assert.notEqual(after.epoch, before.epoch);
  });

  it('is reset by the watchdog when it hangs', async () => {
    using emulated = board();
    await greet(await claimed(emulated));
    const connected = new Promise((resolve) => emulated.addEventListener('connect', resolve, SEND_AFTER_RESET));
    const { core } = emulated.chip.silicon;
    // Asleep with interrupts masked and none enabled: nothing wakes it.
    core.enabledInterrupts = 0;
    core.PM = true;
    core.waiting = true;
    emulated.advance(2000);
    await connected;
    assert.equal((await greet(await claimed(emulated))).resetCause, WATCHDOG_CAUSES.watchdog);
  });
});
