import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';
import { blockReset } from './block-reset.js';

/** RP2040 datasheet 2.2.2: SPI0_BASE, SPI1_BASE. */
const SPI_BASE = [0x4003c000, 0x40040000] as const;
/** RP2040 datasheet 2.14.3: the bit of each SPI block in RESETS. */
const RESET_BIT = [16, 17] as const;

/** SSPCR1.SSE. */
const ENABLE = 1 << 1;

/**
 * One SPI block (RP2040 datasheet 4.4, an Arm PL022), with its own bit of the reset controller.
 *
 * The restore goes through a reset of the block (2.14), which is where a power-down leaves it, too. Nothing less ends
 * every state: the receive FIFO is emptied only by reads of SSPDR, which a restore must not make, and SSPSR.BSY stays
 * set for as long as anything is in the transmit FIFO (4.4.4, SSPSR), so it cannot be waited for. SCK is low during the
 * reset; a chip that is not selected does not look at it.
 *
 * Frame format and clock are set while the block is disabled, and SSPCR1 enables it last (4.4.3).
 */
export const spi = (index: 0 | 1) => {
  const base = SPI_BASE[index];
  const reset = blockReset('SPI', RESET_BIT[index]);
  return definePeripheral({
    name: `spi${index}`,
    source: 'RP2040 datasheet 4.4.4, 2.14.3',
    registers: {
      SSPCR0: {
        address: base,
        access: 'rw',
        fields: {
          /** Bits in a frame, less one: 3 to 15. */
          DSS: field(0, 4),
          FRF: field(4, 2, { values: { motorola: 0, ti: 1, microwire: 2 } }),
          SPO: flag(6),
          SPH: flag(7),
          SCR: field(8, 8),
        },
      },
      SSPCR1: {
        address: base + 0x04,
        access: 'rw',
        fields: { LBM: flag(0), SSE: flag(1), MS: flag(2), SOD: flag(3) },
      },
      SSPDR: { address: base + 0x08, access: 'fifo' },
      SSPSR: {
        address: base + 0x0c,
        access: 'ro',
        reset: 0x03,
        fields: { TFE: flag(0), TNF: flag(1), RNE: flag(2), RFF: flag(3), BSY: flag(4) },
      },
      /** Even; bit 0 reads as 0 whatever is written. */
      SSPCPSR: { address: base + 0x10, access: 'rw', fields: { CPSDVSR: field(0, 8) } },
      SSPIMSC: {
        address: base + 0x14,
        access: 'rw',
        fields: { RORIM: flag(0), RTIM: flag(1), RXIM: flag(2), TXIM: flag(3) },
      },
      SSPRIS: {
        address: base + 0x18,
        access: 'ro',
        reset: 0x08,
        fields: { RORRIS: flag(0), RTRIS: flag(1), RXRIS: flag(2), TXRIS: flag(3) },
      },
      SSPMIS: {
        address: base + 0x1c,
        access: 'ro',
        fields: { RORMIS: flag(0), RTMIS: flag(1), RXMIS: flag(2), TXMIS: flag(3) },
      },
      SSPICR: { address: base + 0x20, access: 'w1c', fields: { RORIC: flag(0), RTIC: flag(1) } },
      SSPDMACR: { address: base + 0x24, access: 'rw', fields: { RXDMAE: flag(0), TXDMAE: flag(1) } },
      ...reset.registers,
    },
    save: [
      'SSPCR0',
      'SSPCPSR',
      'SSPIMSC',
      'SSPDMACR',
      'SSPCR1',
      // Last: a block that is held in reset takes no writes.
      'RESET',
    ],
    restore: [{ step: 'write', register: 'SSPCR1', mask: ENABLE, value: 0 }, ...reset.steps, { step: 'saved' }],
    irrevocable: [
      'frames that were sent or received, and what they did in the chip that was selected',
      'frames still in the FIFOs: a rollback drops them',
      'the flags of an overrun and of a receive time-out: a rollback clears them',
    ],
  });
};

export type Spi = ReturnType<typeof spi>;

export const spis = [spi(0), spi(1)] as const;
