import { ANY, chipName, defineChip, definePeripheral, type BytePattern, type I2cAddress } from '../../runtime/index.js';

/** The display: 128 columns, and 8 pages of 8 rows each (SSD1306 8.7). */
export const SSD1306_WIDTH = 128;
export const SSD1306_HEIGHT = 64;
export const SSD1306_PAGES = SSD1306_HEIGHT / 8;

/*
 * SSD1306 8.1.5.2: each message is control bytes and what they announce. Co = 0: the rest of the message is commands (D/C# = 0)
 * or display data (D/C# = 1). Co = 1: one byte, then comes another control byte, so one message can hold both.
 */
const COMMANDS_FOLLOW = 0x00;
const ONE_COMMAND = 0x80;
const DATA_FOLLOWS = 0x40;

/**
 * SSD1306 table 9-1: E3 is a NOP, and no command has more than six parameters (26h). A message that was cut off, when a cable
 * came loose or the controller was reset, leaves the chip waiting for parameters; these it may have.
 */
const NOPS: readonly number[] = Array.from({ length: 6 }, () => 0xe3);

type Message = readonly (number | BytePattern)[];
const commands = (...bytes: Message): Message => [COMMANDS_FOLLOW, ...NOPS, ...bytes];
const oneByOne = (...bytes: Message): Message => bytes.flatMap((byte) => [ONE_COMMAND, byte]);

/** A choice between two commands that differ in one bit. */
const either = (fixed: number, free: number): BytePattern => ({ fixed, free });
const bits = (free: number): BytePattern => ({ fixed: 0, free });

/**
 * What an SSD1306 does with its display RAM (sections and tables of SSD1306 rev 1.1). It takes commands and tells nothing, so the
 * controller keeps the last one of each kind. A message has the value that reset sets as `initial` (8.5).
 *
 * Not here: the segment remap and the addressing mode, which decide where data goes and so belong to the data
 * (`ssd1306Page`); and scrolling (26h to 2Ah, 2Fh, A3h). The chip scrolls by moving the contents of its RAM, which
 * cannot be read over I²C, and has to be rewritten afterwards (10.2.3), so nobody could bring the picture back. To scroll, draw.
 */
export const ssd1306 = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('ssd1306', { bus: 'i2c', index, target }),
    source: 'SSD1306 rev 1.1, table 9-1',
    space: { bus: 'i2c', index, target },
    registers: {},
    save: [],
    // Geometry, timing, picture, supply, and on.
    commands: {
      /** Ends the scrolling that an earlier session may have left. */
      SCROLL_OFF: { bytes: commands(0x2e), sets: 'scroll', initial: [] },
      /** 10.1.11: rows - 1, 15 to 63. */
      MULTIPLEX: { bytes: commands(0xa8, bits(0x3f)), sets: 'multiplex', initial: [0x3f] },
      /** 10.1.15: which row of the panel is the first. */
      OFFSET: { bytes: commands(0xd3, bits(0x3f)), sets: 'offset', initial: [0] },
      /** 10.1.6: which row of RAM the first row of the panel shows. */
      START_LINE: { bytes: commands(either(0x40, 0x3f)), sets: 'start line', initial: [0] },
      /** 10.1.14: 0, or 8 for upside down. */
      COM_SCAN: { bytes: commands(either(0xc0, 0x08)), sets: 'scan direction', initial: [0] },
      /** 10.1.18: 0x10 alternates, 0x20 swaps left and right. */
      COM_PINS: { bytes: commands(0xda, either(0x02, 0x30)), sets: 'COM pins', initial: [0x10] },
      /** 10.1.16: oscillator frequency in the upper half, divide ratio - 1 in the lower. */
      CLOCK: { bytes: commands(0xd5, ANY), sets: 'clock', initial: [0x80] },
      /** 10.1.17: clocks of phase 2 in the upper half, of phase 1 in the lower; not 0. */
      PRECHARGE: { bytes: commands(0xd9, ANY), sets: 'pre-charge', initial: [0x22] },
      /** 10.1.19: 0x00, 0x20 or 0x30. */
      VCOMH: { bytes: commands(0xdb, bits(0x70)), sets: 'VCOMH', initial: [0x20] },
      /** 10.1.7. */
      CONTRAST: { bytes: commands(0x81, ANY), sets: 'contrast', initial: [0x7f] },
      /** 10.1.9: 1 lights every pixel, whatever RAM holds. */
      ALL_ON: { bytes: commands(either(0xa4, 0x01)), sets: 'all on', initial: [0] },
      /** 10.1.10: 1 lights the pixels that RAM has as 0. */
      INVERSE: { bytes: commands(either(0xa6, 0x01)), sets: 'inverse', initial: [0] },
      /** Charge pump, appendix: 4 is on. It has to be on before the display is. */
      CHARGE_PUMP: { bytes: commands(0x8d, either(0x10, 0x04)), sets: 'charge pump', initial: [0] },
      /** 10.1.12: 1 is on. */
      POWER: { bytes: commands(either(0xae, 0x01)), sets: 'power', initial: [0] },
    },
    irrevocable: [
      'What the panel has shown.',
      'What an earlier session had set, where the failed call is the first of this session to send that setting: the chip does not tell, so a rollback sets what reset sets.',
      'A scrolling that an earlier session had started, and that was stopped.',
    ],
  }),
);

/** SSD1306 10.1.3: page addressing mode. */
const PAGE_ADDRESSING = [0x20, 0x02] as const;
const DARK: readonly number[] = Array.from({ length: SSD1306_WIDTH }, () => 0);

/**
 * One of the eight pages of the display RAM, each for itself, so that a rollback draws what its call has drawn and no more.
 *
 * DRAW says in one message how data is taken, where it goes, and the data: `send(remap, ...128 bytes)`. So it draws the same
 * whatever was sent before. `remap` is 1 to mirror left and right (10.1.8): it counts for data that is written from
 * then on, so it is part of the picture rather than a setting. Bit 0 of a byte is the upper row of its page (8.7).
 */
export const ssd1306Page = defineChip(({ index, target }: I2cAddress, page: number) =>
  definePeripheral({
    name: chipName(`ssd1306.page${page}`, { bus: 'i2c', index, target }),
    source: 'SSD1306 rev 1.1, 8.1.5.2, 8.7, 10.1.1 to 10.1.3, 10.1.8, 10.1.13',
    space: { bus: 'i2c', index, target },
    registers: {},
    save: [],
    commands: {
      DRAW: {
        bytes: [
          // Page, and both halves of the column, 0.
          ...oneByOne(...NOPS, ...PAGE_ADDRESSING, either(0xa0, 0x01), 0xb0 | page, 0x00, 0x10),
          DATA_FOLLOWS,
          ...DARK.map(() => ANY),
        ],
        sets: 'page',
        initial: [0, ...DARK],
      },
    },
    irrevocable: [
      'What the panel has shown.',
      'What the page held before this session first drew it: it cannot be read over I²C (9.1), so a rollback makes it dark.',
    ],
  }),
);

export type Ssd1306Settings = ReturnType<typeof ssd1306>;
export type Ssd1306Page = ReturnType<typeof ssd1306Page>;
