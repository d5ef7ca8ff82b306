import assert from 'node:assert/strict';
import { bareChip, readyChip, type BareChip } from '../bare-chip.js';
import { Program } from '../program.js';

const SSI = {
  ctrlr0: 0x18000000,
  ssienr: 0x18000008,
  ser: 0x18000010,
  rxflr: 0x18000024,
  sr: 0x18000028,
  dr0: 0x18000060,
} as const;
const QSPI_SS_CTRL = 0x4001800c;
const [LOW, HIGH] = [2 << 8, 3 << 8];
const EIGHT_BITS = 7 << 16;
const RX_NOT_EMPTY = 1 << 3;

/** Exchanges bytes with the flash as the SDK's flash_do_cmd does, the chip select forced low. */
function command({ chip }: BareChip, bytes: readonly number[]): number[] {
  chip.write32(SSI.ssienr, 0);
  chip.write32(SSI.ctrlr0, EIGHT_BITS);
  chip.write32(SSI.ser, 1);
  chip.write32(SSI.ssienr, 1);
  chip.write32(QSPI_SS_CTRL, LOW);
  const answer = bytes.map((byte) => {
    chip.write32(SSI.dr0, byte);
    assert.notEqual(chip.read32(SSI.sr) & RX_NOT_EMPTY, 0);
    return chip.read32(SSI.dr0);
  });
  chip.write32(QSPI_SS_CTRL, HIGH);
  chip.write32(QSPI_SS_CTRL, 0);
  return answer;
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

describe('The flash chip', () => {
  it('tells manufacturer, type and size', () => {
    assert.deepEqual(command(readyChip(), [0x9f, 0, 0, 0]).slice(1), [0xef, 0x40, 0x15]);
  });

  it('tells its unique number after four dummy bytes', () => {
    const answer = command(readyChip(), [0x4b, ...zeros(12)]);
    assert.deepEqual(answer.slice(5), [0xe6, 0x61, 0x41, 0x03, 0xe7, 0x45, 0x2a, 0x2f]);
  });

  it('reads its contents', () => {
    const bare = readyChip();
    const word = bare.chip.read32(0x10000100);
    const answer = command(bare, [0x03, 0x00, 0x01, 0x00, ...zeros(4)]).slice(4);
    assert.equal(new DataView(Uint8Array.from(answer).buffer).getUint32(0, true), word);
  });

  it('has a status that is ready, and quad mode enabled', () => {
    const bare = readyChip();
    assert.equal(command(bare, [0x05, 0])[1], 0);
    assert.equal(command(bare, [0x35, 0])[1], 2);
  });

  it('takes the byte after a new falling edge of the chip select for an instruction', () => {
    const bare = readyChip();
    command(bare, [0x03, 0, 0]);
    assert.equal(command(bare, [0x9f, 0])[1], 0xef);
  });

  it('is not spoken to while the chip select is high', () => {
    const bare = readyChip();
    const { chip } = bare;
    command(bare, [0x05]);
    chip.write32(QSPI_SS_CTRL, HIGH);
    chip.write32(SSI.dr0, 0x9f);
    chip.write32(SSI.dr0, 0);
    assert.equal(chip.read32(SSI.rxflr), 2);
    assert.equal(chip.read32(SSI.dr0), 0xff);
    assert.equal(chip.read32(SSI.dr0), 0xff);
  });

  it('is selected by the interface itself for as long as the transmit FIFO is fed', () => {
    const { chip } = readyChip();
    chip.write32(SSI.ctrlr0, EIGHT_BITS);
    chip.write32(SSI.ser, 1);
    chip.write32(SSI.ssienr, 1);
    chip.write32(SSI.dr0, 0x35);
    chip.write32(SSI.dr0, 0);
    chip.read32(SSI.sr);
    chip.write32(SSI.dr0, 0);
    const received = [0, 0, 0].map(() => chip.read32(SSI.dr0));
    assert.deepEqual(received, [0xff, 2, 0xff], 'the third byte was an instruction of its own');
  });

  it('is not to be commanded by code that runs from it: that is reported', () => {
    const { chip, step } = bareChip(
      new Program()
        .store(SSI.ctrlr0, EIGHT_BITS)
        .store(SSI.ser, 1)
        .store(SSI.ssienr, 1)
        .store(SSI.dr0, 0x9f)
        .forever('wfi'),
    );
    step(50);
    assert.match(chip.warnings[0]!.message, /runs from flash/);
  });
});
