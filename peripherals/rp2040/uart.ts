import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';
import { blockReset } from './block-reset.js';

/** RP2040 datasheet 2.2.2: UART0_BASE, UART1_BASE. */
const UART_BASE = [0x40034000, 0x40038000] as const;
/** RP2040 datasheet 2.14.3: the bit of each UART in RESETS. */
const RESET_BIT = [22, 23] as const;

const FIFO_LEVEL = { '1/8': 0, '1/4': 1, '1/2': 2, '3/4': 3, '7/8': 4 } as const;
/** A character of at most 12 bits at 115200 baud takes 104 µs. */
const CHARACTER_US = 125;

/**
 * One UART (RP2040 datasheet 4.2, an Arm PL011), with its own bit of the reset controller.
 *
 * The restore goes through a reset of the block (2.14), which is where a power-down leaves it, too. Nothing less ends
 * every state: FR.BUSY never clears while the transmitter is stopped with bytes in its FIFO (4.2.8, UARTFR), or while
 * the divisor is 0 (4.2.3.2.1), so it cannot be waited for. A character that is being sent may end first: a UART that is
 * disabled completes it and sends no other (4.2.8, UARTCR); at less than 115200 baud it may be cut off.
 *
 * The registers are written in the order in which they take effect: a write to UARTLCR_H latches the divisors
 * (4.2.8, PL011 TRM 3.3.7), so UARTIBRD and UARTFBRD come before it; the FIFO levels, DMA requests and interrupts are set while
 * nothing can happen yet; UARTCR enables the UART last (4.2.7).
 */
export const uart = (index: 0 | 1) => {
  const base = UART_BASE[index];
  const reset = blockReset('UART', RESET_BIT[index]);
  return definePeripheral({
    name: `uart${index}`,
    source: 'RP2040 datasheet 4.2.8, 2.14.3',
    registers: {
      UARTDR: { address: base, access: 'fifo' },
      UARTRSR: {
        address: base + 0x04,
        access: 'w1c',
        fields: { FE: flag(0), PE: flag(1), BE: flag(2), OE: flag(3) },
      },
      UARTFR: {
        address: base + 0x18,
        access: 'ro',
        reset: 0x90,
        fields: {
          CTS: flag(0),
          DSR: flag(1),
          DCD: flag(2),
          BUSY: flag(3),
          RXFE: flag(4),
          TXFF: flag(5),
          RXFF: flag(6),
          TXFE: flag(7),
          RI: flag(8),
        },
      },
      UARTILPR: { address: base + 0x20, access: 'rw', fields: { ILPDVSR: field(0, 8) } },
      UARTIBRD: { address: base + 0x24, access: 'rw', fields: { BAUD_DIVINT: field(0, 16) } },
      UARTFBRD: { address: base + 0x28, access: 'rw', fields: { BAUD_DIVFRAC: field(0, 6) } },
      UARTLCR_H: {
        address: base + 0x2c,
        access: 'rw',
        fields: {
          BRK: flag(0),
          PEN: flag(1),
          EPS: flag(2),
          STP2: flag(3),
          FEN: flag(4),
          WLEN: field(5, 2, { values: { '5-bit': 0, '6-bit': 1, '7-bit': 2, '8-bit': 3 } }),
          SPS: flag(7),
        },
      },
      UARTCR: {
        address: base + 0x30,
        access: 'rw',
        reset: 0x300,
        fields: {
          UARTEN: flag(0),
          SIREN: flag(1),
          SIRLP: flag(2),
          LBE: flag(7),
          TXE: flag(8),
          RXE: flag(9),
          DTR: flag(10),
          RTS: flag(11),
          OUT1: flag(12),
          OUT2: flag(13),
          RTSEN: flag(14),
          CTSEN: flag(15),
        },
      },
      UARTIFLS: {
        address: base + 0x34,
        access: 'rw',
        reset: 0x12,
        fields: {
          TXIFLSEL: field(0, 3, { values: FIFO_LEVEL }),
          RXIFLSEL: field(3, 3, { values: FIFO_LEVEL }),
        },
      },
      UARTIMSC: {
        address: base + 0x38,
        access: 'rw',
        fields: {
          RIMIM: flag(0),
          CTSMIM: flag(1),
          DCDMIM: flag(2),
          DSRMIM: flag(3),
          RXIM: flag(4),
          TXIM: flag(5),
          RTIM: flag(6),
          FEIM: flag(7),
          PEIM: flag(8),
          BEIM: flag(9),
          OEIM: flag(10),
        },
      },
      UARTRIS: {
        address: base + 0x3c,
        access: 'ro',
        fields: {
          RIRMIS: flag(0),
          CTSRMIS: flag(1),
          DCDRMIS: flag(2),
          DSRRMIS: flag(3),
          RXRIS: flag(4),
          TXRIS: flag(5),
          RTRIS: flag(6),
          FERIS: flag(7),
          PERIS: flag(8),
          BERIS: flag(9),
          OERIS: flag(10),
        },
      },
      UARTMIS: {
        address: base + 0x40,
        access: 'ro',
        fields: {
          RIMMIS: flag(0),
          CTSMMIS: flag(1),
          DCDMMIS: flag(2),
          DSRMMIS: flag(3),
          RXMIS: flag(4),
          TXMIS: flag(5),
          RTMIS: flag(6),
          FEMIS: flag(7),
          PEMIS: flag(8),
          BEMIS: flag(9),
          OEMIS: flag(10),
        },
      },
      UARTICR: {
        address: base + 0x44,
        access: 'w1c',
        fields: {
          RIMIC: flag(0),
          CTSMIC: flag(1),
          DCDMIC: flag(2),
          DSRMIC: flag(3),
          RXIC: flag(4),
          TXIC: flag(5),
          RTIC: flag(6),
          FEIC: flag(7),
          PEIC: flag(8),
          BEIC: flag(9),
          OEIC: flag(10),
        },
      },
      UARTDMACR: {
        address: base + 0x48,
        access: 'rw',
        fields: { RXDMAE: flag(0), TXDMAE: flag(1), DMAONERR: flag(2) },
      },
      ...reset.registers,
    },
    save: [
      'UARTIBRD',
      'UARTFBRD',
      'UARTLCR_H',
      'UARTILPR',
      'UARTIFLS',
      'UARTDMACR',
      'UARTIMSC',
      'UARTCR',
      // Last: a block that is held in reset takes no writes.
      'RESET',
    ],
    restore: [
      { step: 'write', register: 'UARTCR', mask: 1, value: 0 },
      { step: 'delay', us: CHARACTER_US },
      ...reset.steps,
      { step: 'saved' },
    ],
    irrevocable: [
      'bytes that were sent or received',
      'bytes still in the FIFOs: a rollback drops them',
      'interrupt and error flags: a rollback clears them',
    ],
  });
};

export type Uart = ReturnType<typeof uart>;

export const uarts = [uart(0), uart(1)] as const;
