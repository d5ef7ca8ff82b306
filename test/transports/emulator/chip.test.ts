import assert from 'node:assert/strict';
import { bareChip, readyChip } from './bare-chip.js';
import { Program } from './program.js';

const RAM = 0x20000100;
const HARD_FAULT = 3;
const TIMER_IRQ = 0;
const NVIC_ENABLE = 0xe000e100;
const TIMER = { alarm: 0x40054010, intr: 0x40054034, inte: 0x40054038 } as const;
const SYSTICK = { csr: 0xe000e010, rvr: 0xe000e014, cvr: 0xe000e018 } as const;

describe('The emulated chip', () => {
  it('has no power before it gets some, and says so', () => {
    const { chip } = bareChip();
    chip.powerOff();
    assert.equal(chip.powered, false);
    assert.throws(() => chip.read32(RAM), /no power/);
  });

  it('starts an image at the vectors behind its boot loader, without a boot ROM', () => {
    const { chip, step } = bareChip(new Program().store(RAM, 0xcafe).forever('wfi'));
    step(100);
    assert.equal(chip.read32(RAM), 0xcafe);
    assert.deepEqual(chip.warnings, []);
  });

  it('complains about an image that a real boot ROM would not start', () => {
    const image = new Program().forever('wfi').image();
    image[252]! ^= 1;
    const { chip } = bareChip({ image: () => image } as Program);
    assert.match(chip.warnings[0]!.message, /checksum of boot2/);
  });

  it('takes 8 ns for a cycle at 125 MHz and counts the cycles', () => {
    const { chip, step } = bareChip(new Program().op('nop', 'nop', 'nop').forever('wfi'));
    step(3);
    assert.equal(chip.cycles, 3);
    assert.equal(chip.nanos, 24);
  });

  it('stands still while the processor sleeps, though a timer is running', () => {
    const { chip, step } = readyChip();
    chip.write32(TIMER.alarm, 10);
    step(100);
    const { nanos } = chip;
    step(100);
    assert.equal(chip.nanos, nanos);
  });

  it('lets time pass when it is made to, and runs what falls due', () => {
    const { chip, pass } = readyChip();
    chip.write32(TIMER.alarm, 10);
    pass(11_000);
    assert.equal(chip.read32(TIMER.intr), 1);
  });

  it('refuses a look at an address where nothing is', () => {
    const { chip } = bareChip();
    assert.throws(() => chip.read32(0x60000000), RangeError);
    assert.throws(() => chip.write32(0x40070000, 1), RangeError);
    assert.throws(() => chip.read32(RAM + 1), RangeError);
  });

  it('runs no more steps than it is given', () => {
    const { chip, step } = bareChip(new Program().forever());
    step(1000);
    assert.equal(chip.cycles, 2 * 1000);
  });

  it('keeps a pin listener over resets, and tells of pins that fall with the power', () => {
    const { chip } = readyChip();
    const seen: string[] = [];
    const stop = chip.onPin((pin, level) => seen.push(`${pin}:${Number(level)}`));
    chip.setPin(7, true);
    chip.powerOff();
    chip.powerOn();
    stop();
    chip.setPin(7, false);
    assert.deepEqual(seen, ['7:1', '7:0', '7:1']);
  });
});

describe('The processor', () => {
  const faulty = (cause: (program: Program) => Program): Program =>
    cause(new Program()).forever('wfi').handler(HARD_FAULT).store(RAM, 0xdead).forever('wfi');

  for (const [name, cause] of [
    ['a read where nothing is', (program: Program) => program.read(0x60000000)],
    ['a store where nothing is', (program: Program) => program.store(0x60000000, 1)],
    ['a word read at an odd address', (program: Program) => program.read(RAM + 2)],
    ['an unassigned peripheral', (program: Program) => program.read(0x40070000)],
    ['a store into flash through an uncached view', (program: Program) => program.store(0x12000000, 1)],
    ['a breakpoint without a debugger', (program: Program) => program.op('bkpt')],
    ['an undefined instruction', (program: Program) => program.raw(0xde00)],
  ] as const) {
    it(`takes a HardFault on ${name}`, () => {
      const { chip, step } = bareChip(faulty(cause));
      step(30);
      assert.equal(chip.read32(RAM), 0xdead);
      assert.match(chip.warnings[0]!.message, /bus error/);
    });
  }

  it('stacks the address of the faulting instruction', () => {
    const { chip, step } = bareChip(new Program().read(0x60000000).forever('wfi').handler(HARD_FAULT).forever('wfi'));
    step(3);
    const { core } = chip.silicon;
    assert.equal(chip.read32(core.SP + 0x18), 0x100001c2, 'the second instruction of the program');
  });

  it('locks up on a fault within a fault, and says so', () => {
    const { chip, step } = bareChip(new Program().read(0x60000000).handler(HARD_FAULT).read(0x60000000));
    step(100);
    assert.equal(chip.lockedUp, true);
    assert.match(chip.warnings.at(-1)!.message, /locked up/);
  });

  it('does nothing on a store into ROM or the cached view of flash, and reports it', () => {
    const { chip, step } = bareChip(new Program().store(0x10001000, 0).store(0x10, 0).store(RAM, 1).forever('wfi'));
    step(30);
    assert.equal(chip.read32(RAM), 1);
    assert.equal(chip.read32(0x10001000), 0xffffffff);
    assert.equal(chip.warnings.length, 2);
  });

  it('wakes with interrupts masked, and takes the interrupt only when they no longer are', () => {
    const { chip, pass } = readyChip(
      new Program()
        .store(TIMER.inte, 1)
        .store(NVIC_ENABLE, 1)
        .store(TIMER.alarm, 50)
        .op('maskOn', 'wfi')
        .copy(RAM + 4, RAM + 8)
        .op('maskOff', 'nop')
        .copy(RAM + 4, RAM + 12)
        .forever('wfi')
        .handler(16 + TIMER_IRQ)
        .increment(RAM + 4)
        .store(TIMER.intr, 1)
        .return(),
    );
    chip.write32(RAM + 4, 0);
    pass(100_000);
    assert.equal(chip.read32(RAM + 8), 0, 'not while they are masked');
    assert.equal(chip.read32(RAM + 12), 1, 'at once after that');
  });

  it('does not fall asleep when an interrupt is pending already, masked or not', () => {
    const { chip, pass } = readyChip(
      new Program()
        .op('maskOn')
        .store(TIMER.inte, 1)
        .store(NVIC_ENABLE, 1)
        .store(0x4005403c, 1)
        .op('wfi')
        .store(RAM, 0xa11ce)
        .forever(),
    );
    pass(10_000);
    assert.equal(chip.read32(RAM), 0xa11ce);
  });

  it('is woken by SysTick', () => {
    const { chip, pass } = readyChip(
      new Program()
        .store(SYSTICK.rvr, 999)
        .store(SYSTICK.cvr, 0)
        .store(SYSTICK.csr, 7)
        .forever('wfi')
        .handler(15)
        .increment(RAM)
        .return(),
    );
    chip.write32(RAM, 0);
    pass(100_000);
    assert.ok(chip.read32(RAM) >= 10, `${chip.read32(RAM)} ticks of 8 µs in 100 µs`);
  });

  it('does not wait for an event that SEV has sent', () => {
    const { chip, step } = bareChip(new Program().op('sev', 'wfe').store(RAM, 0x5e7).forever('wfi'));
    step(30);
    assert.equal(chip.read32(RAM), 0x5e7);
  });
});
