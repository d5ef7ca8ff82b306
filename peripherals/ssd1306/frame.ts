import { SSD1306_HEIGHT, SSD1306_PAGES, SSD1306_WIDTH } from './definition.js';

/**
 * A picture of one bit a pixel: row after row from the top, each in whole bytes, the leftmost pixel in the highest bit. These are
 * the bits of a binary PBM file.
 */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly bits: ArrayLike<number>;
}

/** A dark picture as the display RAM has it (SSD1306 8.7): byte `page * 128 + column`, bit 0 is the upper row of the page. */
export const emptyFrame = (): Uint8Array => new Uint8Array(SSD1306_PAGES * SSD1306_WIDTH);

/** Sets a pixel; those outside of the display are left out. */
export function setPixel(frame: Uint8Array, x: number, y: number, lit: boolean): void {
  if (!(x >= 0 && x < SSD1306_WIDTH && y >= 0 && y < SSD1306_HEIGHT)) return;
  const at = (y >> 3) * SSD1306_WIDTH + x;
  const bit = 1 << (y & 7);
  frame[at] = lit ? frame[at]! | bit : frame[at]! & ~bit;
}

/** Puts a picture with its upper left corner at (x, y), dark pixels too; what is outside of the display is left out. */
export function setImage(frame: Uint8Array, x: number, y: number, { width, height, bits }: Image): void {
  const rowBytes = Math.ceil(width / 8);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const byte = bits[row * rowBytes + (column >> 3)] ?? 0;
      setPixel(frame, x + column, y + row, ((byte >> (7 - (column & 7))) & 1) === 1);
    }
}

/** The 128 bytes of a page. */
export const pageOf = (frame: Uint8Array, page: number): Uint8Array =>
  frame.subarray(page * SSD1306_WIDTH, (page + 1) * SSD1306_WIDTH);

/** The pages in which two pictures differ. */
export function dirtyPages(frame: Uint8Array, shown: Uint8Array | undefined): number[] {
  const pages = Array.from({ length: SSD1306_PAGES }, (_, page) => page);
  if (!shown) return pages;
  return pages.filter((page) => {
    const old = pageOf(shown, page);
    return pageOf(frame, page).some((byte, column) => byte !== old[column]);
  });
}
