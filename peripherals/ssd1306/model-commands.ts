/*
 * SSD1306 command set (datasheet SSD1306 rev 1.5, table 9-1), as tables: how many bytes follow a command, and what the
 * whole command does to the registers. Commands that move pointers, write display
 * RAM or scroll it are left to the model.
 */

export type AddressingMode = 'horizontal' | 'vertical' | 'page';

/** What commands set, with what reset sets (SSD1306 8.5 and table 9-1). All of it is lost with the supply. */
export interface Ssd1306Registers {
  displayOn: boolean;
  allOn: boolean;
  inverse: boolean;
  contrast: number;
  chargePump: boolean;
  /** RAM row that the first row of the scan shows, 0-63. */
  startLine: number;
  /** Lines scanned, 16-64: the register holds one less. */
  multiplex: number;
  displayOffset: number;
  segmentRemap: boolean;
  comScanReversed: boolean;
  /** Bits 5:4 of command DA: left/right remap, alternative configuration. */
  comPins: number;
  clockDivide: number;
  preCharge: number;
  vcomhDeselect: number;
  addressing: AddressingMode;
  columnStart: number;
  columnEnd: number;
  pageStart: number;
  pageEnd: number;
}

export const RESET: Readonly<Ssd1306Registers> = {
  displayOn: false,
  allOn: false,
  inverse: false,
  contrast: 0x7f,
  chargePump: false,
  startLine: 0,
  multiplex: 64,
  displayOffset: 0,
  segmentRemap: false,
  comScanReversed: false,
  comPins: 0x12,
  clockDivide: 0x80,
  preCharge: 0x22,
  vcomhDeselect: 0x20,
  addressing: 'page',
  columnStart: 0,
  columnEnd: 127,
  pageStart: 0,
  pageEnd: 7,
};

/** SSD1306 10.1.3: A[1:0] of command 20; 11b is invalid. */
const ADDRESSING: readonly (AddressingMode | undefined)[] = ['horizontal', 'vertical', 'page', undefined];

/** Where the next data byte goes. */
export interface Pointer {
  column: number;
  page: number;
}

/** Parameters behind the commands that have some; a command that is not here is one byte long. */
const PARAMETERS: Readonly<Record<number, number>> = {
  0x20: 1, // 10.1.3 memory addressing mode
  0x21: 2, // 10.1.4 column address
  0x22: 2, // 10.1.5 page address
  0x23: 1, // table 9-1 (6) fade out and blinking
  0x26: 6, // 10.2.1 scroll right
  0x27: 6, // 10.2.1 scroll left
  0x29: 5, // 10.2.2 scroll vertically and right
  0x2a: 5, // 10.2.2 scroll vertically and left
  0x81: 1, // 10.1.7 contrast
  0x8d: 1, // 10.1.22 charge pump
  0xa3: 2, // 10.2.5 vertical scroll area
  0xa8: 1, // 10.1.11 multiplex ratio
  0xd3: 1, // 10.1.15 display offset
  0xd5: 1, // 10.1.16 clock divide ratio and oscillator frequency
  0xd6: 1, // table 9-1 (6) zoom in
  0xd9: 1, // 10.1.17 pre-charge period
  0xda: 1, // 10.1.18 COM pins
  0xdb: 1, // 10.1.19 VCOMH deselect level
};

export const parametersOf = (command: number): number => PARAMETERS[command] ?? 0;

/** What the commands do whose code holds no parameter. */
const COMMANDS: Readonly<
  Record<number, (registers: Ssd1306Registers, a: number, b: number, pointer: Pointer) => void>
> = {
  0x20: (registers, a) => {
    registers.addressing = ADDRESSING[a & 0x03] ?? registers.addressing;
  },
  0x21: (registers, a, b, pointer) => {
    // Table 9-1: "only for horizontal or vertical addressing mode"; the end is not before the start.
    if (registers.addressing === 'page' || (b & 0x7f) < (a & 0x7f)) return;
    registers.columnStart = pointer.column = a & 0x7f;
    registers.columnEnd = b & 0x7f;
  },
  0x22: (registers, a, b, pointer) => {
    if (registers.addressing === 'page' || (b & 0x07) < (a & 0x07)) return;
    registers.pageStart = pointer.page = a & 0x07;
    registers.pageEnd = b & 0x07;
  },
  0x81: (registers, a) => {
    registers.contrast = a;
  },
  0x8d: (registers, a) => {
    registers.chargePump = (a & 0x04) !== 0;
  },
  0xa0: (registers) => {
    registers.segmentRemap = false;
  },
  0xa1: (registers) => {
    registers.segmentRemap = true;
  },
  0xa4: (registers) => {
    registers.allOn = false;
  },
  0xa5: (registers) => {
    registers.allOn = true;
  },
  0xa6: (registers) => {
    registers.inverse = false;
  },
  0xa7: (registers) => {
    registers.inverse = true;
  },
  0xa8: (registers, a) => {
    // 10.1.11: 0 to 14 are invalid.
    if ((a & 0x3f) >= 15) registers.multiplex = (a & 0x3f) + 1;
  },
  0xae: (registers) => {
    registers.displayOn = false;
  },
  0xaf: (registers) => {
    registers.displayOn = true;
  },
  0xd3: (registers, a) => {
    registers.displayOffset = a & 0x3f;
  },
  0xd5: (registers, a) => {
    registers.clockDivide = a;
  },
  0xd9: (registers, a) => {
    // Table 9-1: neither phase can be 0.
    if ((a & 0x0f) !== 0 && (a & 0xf0) !== 0) registers.preCharge = a;
  },
  0xda: (registers, a) => {
    // Table 9-1: 00A5A40010b.
    registers.comPins = (a & 0x30) | 0x02;
  },
  0xdb: (registers, a) => {
    registers.vcomhDeselect = a & 0x70;
  },
};

/** Carries out a complete command on registers and pointer. Invalid commands and parameters change nothing. */
export function execute(registers: Ssd1306Registers, pointer: Pointer, command: number, a = 0, b = 0): void {
  const pageMode = registers.addressing === 'page';
  if (command < 0x20) {
    // 10.1.1 and 10.1.2: the two halves of the column, "only for page addressing mode".
    if (!pageMode) return;
    pointer.column =
      command < 0x10 ? (pointer.column & 0x70) | command : (pointer.column & 0x0f) | ((command & 0x07) << 4);
  } else if (command >= 0x40 && command < 0x80) {
    registers.startLine = command & 0x3f;
  } else if (command >= 0xb0 && command < 0xb8) {
    // 10.1.13: "only for page addressing mode".
    if (pageMode) pointer.page = command & 0x07;
  } else if (command >= 0xc0 && command < 0xd0) {
    // 10.1.14: 1100X3000b, X3 the direction; other low bits are not commands.
    if ((command & 0x07) === 0) registers.comScanReversed = (command & 0x08) !== 0;
  } else COMMANDS[command]?.(registers, a, b, pointer);
}
