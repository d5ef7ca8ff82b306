import assert from 'node:assert/strict';
import { CAUSE, op, PWM_CH0_CC, STATUS } from './frame.js';
import { linkTo, plugged, type Link } from './link.js';

const SESSION = 0x4321;
const NVIC = { enable: 0xe000e100, pend: 0xe000e200 } as const;
/** Memory that the firmware does not use, for code that it should not run. */
const SPARE_RAM = 0x2003e000;
const NOWHERE = 0x60000000;
/** Thumb instructions: a branch to itself; a load through r0. */
const CODE = { hang: 0xe7fe, load: 0x6800 } as const;
const STACK_POINTER = 13;
const USB_MEMORY = 0x50100f00;
const HARD_FAULT = 3;
/** Where a boot leaves word for the next: magic, boots, exception, pc, lr, CRC (docs/firmware-rp2040.md). */
const KEPT = { boots: 0x20040004, exception: 0x20040008 } as const;
const SCRATCH = 0x4005800c;
const SCRATCHES = 4;
const FIRST_IRQ = 16;

describe('firmware/rp2040: after a reset', () => {
  let link: Link;
  beforeEach(async () => (link = await plugged()));
  afterEach(() => link.dispose());

  /** Waits for the board to come back by itself, and says hello. */
  async function comesBack() {
    link = await linkTo(link.board, await link.board.plug());
    return link.hello(SESSION);
  }

  /** Makes the processor go on somewhere else. */
  function jump(code: number, r0 = 0): void {
    const { silicon } = link.board.chip;
    silicon.writeUint16(SPARE_RAM, code);
    silicon.core.registers[0] = r0;
    silicon.core.PC = SPARE_RAM;
    silicon.core.waiting = false;
  }

  it('the board says that it was switched on, or that its reset pin was pulled', async () => {
    assert.equal((await link.hello(SESSION)).cause, CAUSE['power-on']);
    link = await linkTo(link.board, await link.board.pressReset());
    assert.equal((await link.hello(SESSION)).cause, CAUSE.pin);
    link = await linkTo(link.board, await link.board.powerCycle());
    assert.equal((await link.hello(SESSION)).cause, CAUSE['power-on']);
  });

  it('every boot has an epoch of its own, never 0, and every answer tells it', async () => {
    const epochs = new Set<number>();
    for (let i = 0; i < 4; i++) {
      const { epoch } = await link.hello(SESSION);
      assert.equal((await link.resync()).epoch, epoch);
      assert.notEqual(epoch, 0);
      epochs.add(epoch);
      link = await linkTo(link.board, i % 2 ? await link.board.pressReset() : await link.board.powerCycle());
    }
    assert.equal(epochs.size, 4);
  });

  it('an interrupt that nobody expected is told with its number, once', async () => {
    // XIP, the QSPI pins, the processor's SIO, one that no block raises: what no driver can watch (2.3.2).
    for (const irq of [6, 14, 15, 31]) {
      const { epoch } = await link.hello(SESSION);
      link.board.write32(NVIC.enable, 1 << irq);
      link.board.write32(NVIC.pend, 1 << irq);
      link.board.advance(1);
      const hello = await comesBack();
      assert.notEqual(hello.epoch, epoch);
      assert.deepEqual([hello.cause, hello.exception], [CAUSE.fault, FIRST_IRQ + irq]);
      assert.ok(hello.pc >= 0x10000100 && hello.pc < 0x10004000, `pc ${hello.pc.toString(16)}`);
    }
    link = await linkTo(link.board, await link.board.pressReset());
    const { cause, exception, pc, lr } = await link.hello(SESSION);
    assert.deepEqual({ cause, exception, pc, lr }, { cause: CAUSE.pin, exception: 0, pc: 0, lr: 0 });
  });

  it('a fault is told with the instruction that did it', async () => {
    jump(CODE.load, NOWHERE);
    link.board.advance(1);
    const hello = await comesBack();
    assert.deepEqual([hello.cause, hello.exception, hello.pc], [CAUSE.fault, HARD_FAULT, SPARE_RAM]);
  });

  it('a fault with a stack outside of RAM is told without what that stack would say', async () => {
    jump(CODE.load, NOWHERE);
    link.board.chip.silicon.core.registers[STACK_POINTER] = USB_MEMORY;
    link.board.advance(1);
    const { cause, exception, pc, lr } = await comesBack();
    assert.deepEqual({ cause, exception, pc, lr }, { cause: CAUSE.fault, exception: HARD_FAULT, pc: 0, lr: 0 });
  });

  it('what it left in memory is believed only if its CRC is right', async () => {
    link.board.write32(KEPT.exception, HARD_FAULT);
    link = await linkTo(link.board, await link.board.pressReset());
    const { cause, exception } = await link.hello(SESSION);
    assert.deepEqual({ cause, exception }, { cause: CAUSE.pin, exception: 0 });
    assert.equal(link.board.read32(KEPT.boots), 1);
  });

  it('its boots are counted over every reset, from 1 when it was switched on', async () => {
    const boots = () => link.board.read32(KEPT.boots);
    assert.equal(boots(), 1);
    link = await linkTo(link.board, await link.board.pressReset());
    assert.equal(boots(), 2);
    jump(CODE.load, NOWHERE);
    link.board.advance(1);
    await comesBack();
    assert.equal(boots(), 3);
    link = await linkTo(link.board, await link.board.powerCycle());
    assert.equal(boots(), 1);
  });

  it('by the watchdog the scratch registers hold what the host has left in them', async () => {
    const addresses = Array.from({ length: SCRATCHES }, (_, i) => SCRATCH + 4 * i);
    for (const address of addresses) link.board.write32(address, ~address);
    jump(CODE.load, NOWHERE);
    link.board.advance(1);
    await comesBack();
    for (const address of addresses) assert.equal(link.board.read32(address), ~address >>> 0);
  });

  it('a processor that has locked up is started again by the watchdog', async () => {
    jump(CODE.load, NOWHERE);
    link.board.chip.silicon.core.registers[STACK_POINTER] = NOWHERE;
    link.board.advance(1);
    assert.ok(link.board.chip.lockedUp);
    link.board.advance(1600);
    assert.equal((await comesBack()).cause, CAUSE.watchdog);
  });

  it('a main loop that hangs is ended by the watchdog within two seconds', async () => {
    await link.hello(SESSION);
    let starts = 0;
    link.board.onReset(() => starts++);
    jump(CODE.hang);
    link.board.advance(1400);
    assert.equal(starts, 0);
    link.board.advance(200);
    assert.equal(starts, 1);
    const { cause, exception } = await comesBack();
    assert.deepEqual([cause, exception], [CAUSE.watchdog, 0]);
  });

  it('the watchdog leaves a board alone that waits for its host, or on its behalf', async function () {
    // A delay keeps the processor busy, and the emulator needs some 3 ms for each millisecond of that.
    this.timeout(60_000);
    await link.hello(SESSION);
    let starts = 0;
    link.board.onReset(() => starts++);
    link.board.advance(10_000);
    const ops = [op.delay(900_000), op.delay(800_000)];
    const { status } = await link.exchange({ session: SESSION, sequence: 1, ops });
    assert.deepEqual([status, starts], [STATUS.ok, 0]);
  });

  it('registers are as after power-on, not as they were left', async () => {
    const fresh = link.board.read32(PWM_CH0_CC);
    link.board.write32(PWM_CH0_CC, 0x12345678);
    jump(CODE.load, NOWHERE);
    link.board.advance(1);
    await comesBack();
    assert.equal(link.board.read32(PWM_CH0_CC), fresh);
  });
});
