import { chipName, defineChip, type I2cAddress } from '../../runtime/registers/chip.js';
import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';

/** Port A has the even addresses, port B the odd ones (3.2.1, table 3-1, IOCON.BANK = 0). */
export const PORTS = { a: 0, b: 1 } as const;
/** IOCON, all but BANK and bit 0, which is not there (3.5.6). */
const IOCON_BITS = 0x7e;

/** A bit for each pin of a port. */
const pins = {
  P0: flag(0),
  P1: flag(1),
  P2: flag(2),
  P3: flag(3),
  P4: flag(4),
  P5: flag(5),
  P6: flag(6),
  P7: flag(7),
} as const;
export type PinName = keyof typeof pins;

const byte = { access: 'rw', width: 8 } as const;
const pinByte = { ...byte, fields: pins } as const;

/**
 * What both ports of an MCP23017 share: how the interrupt pins behave. Sections are those of DS20001952D. The ports have
 * registers, latches and interrupts of their own, so each of them is a peripheral (`mcp23017Port`), and a call on one
 * that fails leaves the other alone.
 *
 * IOCON.BANK moves all registers to other addresses, so no definition owns it and nothing can set it here. Who finds
 * a chip with BANK = 1, because another program has left it so, clears it through IOCON_OF_BANK_1.
 */
export const mcp23017 = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('mcp23017', { bus: 'i2c', index, target }),
    source: 'Microchip DS20001952D, 3.5.6',
    space: { bus: 'i2c', index, target },
    registers: {
      /** Where IOCON is if BANK = 1. If it is 0, this is GPINTENB. */
      IOCON_OF_BANK_1: { address: 0x05, access: 'permanent', width: 8 },
      IOCON: {
        ...byte,
        address: 0x0a,
        owned: IOCON_BITS,
        fields: {
          MIRROR: flag(6),
          SEQOP: flag(5),
          DISSLW: flag(4),
          /** Of the MCP23S17 only. */
          HAEN: flag(3),
          ODR: flag(2),
          INTPOL: field(1, 1, { values: { 'active-low': 0, 'active-high': 1 } }),
        },
      },
    },
    save: [{ register: 'IOCON', mask: IOCON_BITS }],
    irrevocable: ['leaving BANK = 1'],
  }),
);

/**
 * One port of an MCP23017: 0 is A, 1 is B. Reading GPIO or INTCAP ends the port's interrupt (3.6.4), and GPIO reads the
 * pins, so the latches are saved, from OLAT, and the only way to write them is OLAT, too.
 *
 * Interrupts are off while the port is restored: what moves meanwhile is no event. Levels come before directions, so
 * that a pin which stays an output goes from one level to the other with nothing between.
 */
export const mcp23017Port = defineChip(({ index, target }: I2cAddress, port: number) =>
  definePeripheral({
    name: `${chipName('mcp23017', { bus: 'i2c', index, target })}.${port === PORTS.a ? 'a' : 'b'}`,
    source: 'Microchip DS20001952D, table 3-1 and 3.5',
    space: { bus: 'i2c', index, target },
    registers: {
      /** 1: input. */
      IODIR: { ...pinByte, address: 0x00 + port, reset: 0xff },
      /** 1: GPIO reads as the opposite of the pin. */
      IPOL: { ...pinByte, address: 0x02 + port },
      GPINTEN: { ...pinByte, address: 0x04 + port },
      DEFVAL: { ...pinByte, address: 0x06 + port },
      /** 1: compared with DEFVAL; 0: with what it was before. */
      INTCON: { ...pinByte, address: 0x08 + port },
      GPPU: { ...pinByte, address: 0x0c + port },
      INTF: { address: 0x0e + port, access: 'ro', width: 8, fields: pins },
      INTCAP: { address: 0x10 + port, access: 'rc', width: 8, fields: pins },
      GPIO: { address: 0x12 + port, access: 'rc', width: 8, fields: pins },
      OLAT: { ...pinByte, address: 0x14 + port },
    },
    save: ['OLAT', 'GPPU', 'IODIR', 'IPOL', 'DEFVAL', 'INTCON', 'GPINTEN'],
    restore: [{ step: 'write', register: 'GPINTEN', mask: 0xff, value: 0 }, { step: 'saved' }],
    irrevocable: [
      'levels that pins have had',
      'an interrupt that was given, and INTF and INTCAP with it; one that was ended by reading GPIO or INTCAP',
    ],
  }),
);

export type Mcp23017Registers = ReturnType<typeof mcp23017>;
export type Mcp23017PortRegisters = ReturnType<typeof mcp23017Port>;
