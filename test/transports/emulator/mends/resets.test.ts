import assert from 'node:assert/strict';
import { bareChip, clear, readyChip, RESET_DONE, RESETS, set } from '../bare-chip.js';

const ALL = 0x01ffffff;
const QSPI = (1 << 6) | (1 << 9);
const BIT = {
  i2c0: 1 << 3,
  io: 1 << 5,
  pads: 1 << 8,
  pwm: 1 << 14,
  spi0: 1 << 16,
  timer: 1 << 21,
  uart0: 1 << 22,
  usb: 1 << 24,
} as const;

/** A register of each block that can be written, with its value out of reset and another one. */
const REGISTERS = [
  { name: 'PWM', bit: BIT.pwm, address: 0x40050010, reset: 0xffff, other: 0x1234 },
  { name: 'IO_BANK0', bit: BIT.io, address: 0x4001402c, reset: 0x1f, other: 5 },
  { name: 'PADS_BANK0', bit: BIT.pads, address: 0x4001c018, reset: 0x56, other: 0xda },
  { name: 'TIMER', bit: BIT.timer, address: 0x40054038, reset: 0, other: 5 },
  { name: 'USBCTRL', bit: BIT.usb, address: 0x5011004c, reset: 0, other: 1 << 29 },
  { name: 'I2C0', bit: BIT.i2c0, address: 0x40044004, reset: 0x55, other: 0x3c },
  { name: 'SPI0', bit: BIT.spi0, address: 0x4003c010, reset: 0, other: 0x10 },
  { name: 'UART0', bit: BIT.uart0, address: 0x40034024, reset: 0, other: 0x43 },
] as const;

describe('The reset controller', () => {
  it('holds every block in reset at power-on, but for those that the boot ROM needs to read the flash', () => {
    const { chip } = bareChip();
    assert.equal(chip.read32(RESETS), ALL & ~QSPI);
    assert.equal(chip.read32(RESET_DONE), QSPI);
  });

  for (const { name, bit, address, reset, other } of REGISTERS) {
    it(`puts ${name} back to its reset values`, () => {
      const { chip } = readyChip();
      assert.equal(chip.read32(address), reset, 'out of reset');
      chip.write32(address, other);
      assert.equal(chip.read32(address), other);
      chip.write32(set(RESETS), bit);
      chip.write32(clear(RESETS), bit);
      assert.equal(chip.read32(address), reset);
    });
  }

  it('keeps one block in reset without touching the others', () => {
    const { chip } = readyChip();
    chip.write32(0x40050010, 77);
    chip.write32(set(RESETS), BIT.timer);
    assert.equal(chip.read32(0x40050010), 77);
  });

  it('lets nothing into a block that it holds in reset, and reports the attempt', () => {
    const { chip } = bareChip();
    chip.write32(0x40050010, 0x1234);
    assert.equal(chip.read32(0x40050010), 0);
    assert.deepEqual(
      chip.warnings.map(({ message }) => message),
      ['write of PWM while it is held in reset', 'read of PWM while it is held in reset'],
    );
    chip.write32(clear(RESETS), BIT.pwm);
    assert.equal(chip.read32(0x40050010), 0xffff);
  });

  it('says that a block is done only when its own clock runs as well', () => {
    const { chip } = bareChip();
    chip.write32(RESETS, 0);
    const waiting = BIT.usb | BIT.uart0 | (1 << 23) | BIT.spi0 | (1 << 17) | (1 << 15) | (1 << 0);
    assert.equal(chip.read32(RESET_DONE), ALL & ~waiting);
    chip.write32(0x40008054, 1 << 11);
    assert.equal(chip.read32(RESET_DONE) & BIT.usb, BIT.usb);
  });

  it('reads a register through its atomic aliases as through its own address', () => {
    const { chip } = readyChip();
    chip.write32(0x40050010, 0x4321);
    assert.equal(chip.read32(0x40052010), 0x4321);
  });
});
