import type { BoardSession } from '../../runtime/board.js';
import { attach, Driver, entryPoint, peripheral, state, type Handle, type I2cAddress } from '../../runtime/index.js';
import { ssd1306, ssd1306Page, SSD1306_PAGES, type Ssd1306Page, type Ssd1306Settings } from './definition.js';
import { dirtyPages, emptyFrame, pageOf, setImage, setPixel, type Image } from './frame.js';

export interface Ssd1306Options {
  /** The panel is built in upside down, as on many modules. */
  readonly rotated?: boolean;
}

/**
 * An OLED display of 128 × 64 pixels with its supply from the charge pump, as on the usual modules.
 *
 * Drawing changes a picture on the host; `show` sends the pages that differ from what the display shows. Coordinates count from the
 * upper left corner; what lies outside of the display is left out.
 */
export class Ssd1306 extends Driver {
  @peripheral accessor panel: Handle<Ssd1306Settings>;
  @peripheral accessor pages: readonly Handle<Ssd1306Page>[];
  /** The picture that `show` will show. */
  @state accessor frame = emptyFrame();
  /** What the display RAM holds; undefined while nobody knows. */
  @state accessor shown: Uint8Array | undefined = undefined;
  readonly rotated: boolean;

  constructor(board: BoardSession, at: I2cAddress, { rotated = false }: Ssd1306Options = {}) {
    super(board);
    this.rotated = rotated;
    this.panel = attach(ssd1306(at), board);
    this.pages = Array.from({ length: SSD1306_PAGES }, (_, page) => attach(ssd1306Page(at, page), board));
  }

  /** Sets everything up as the datasheet does, and shows a dark picture. */
  @entryPoint
  async init(): Promise<void> {
    const { panel } = this;
    // Display RAM comes up with anything in it: nothing is shown before it has been written.
    await panel.POWER.send(0);
    await panel.SCROLL_OFF.send();
    await panel.MULTIPLEX.send(0x3f);
    await panel.OFFSET.send(0);
    await panel.START_LINE.send(0);
    await panel.COM_SCAN.send(this.rotated ? 8 : 0);
    await panel.COM_PINS.send(0x10);
    await panel.CLOCK.send(0x80);
    await panel.PRECHARGE.send(0x22);
    await panel.VCOMH.send(0x20);
    await panel.CONTRAST.send(0x7f);
    await panel.ALL_ON.send(0);
    await panel.INVERSE.send(0);
    await panel.CHARGE_PUMP.send(4);
    this.frame = emptyFrame();
    this.shown = undefined;
    await this.show();
    await panel.POWER.send(1);
  }

  /** Sends the pages that differ from what the display shows. */
  @entryPoint
  async show(): Promise<void> {
    const { frame, pages } = this;
    for (const page of dirtyPages(frame, this.shown))
      await pages[page]!.DRAW.send(this.rotated ? 1 : 0, ...pageOf(frame, page));
    this.shown = frame.slice();
  }

  /** Makes the picture dark. */
  @entryPoint
  async clear(): Promise<void> {
    this.frame = emptyFrame();
  }

  @entryPoint
  async pixel(x: number, y: number, lit = true): Promise<void> {
    setPixel(this.frame, x, y, lit);
  }

  /** Draws a picture with its upper left corner at (x, y); its dark pixels, too. */
  @entryPoint
  async draw(x: number, y: number, image: Image): Promise<void> {
    setImage(this.frame, x, y, image);
  }

  /** 0 to 255. */
  @entryPoint
  async contrast(level: number): Promise<void> {
    await this.panel.CONTRAST.send(level);
  }

  /** Shows dark pixels lit and lit ones dark, from now on. */
  @entryPoint
  async invert(inverse = true): Promise<void> {
    await this.panel.INVERSE.send(inverse ? 1 : 0);
  }

  /** The picture stays in the display while it is off. */
  @entryPoint
  async off(): Promise<void> {
    await this.panel.POWER.send(0);
  }

  @entryPoint
  async on(): Promise<void> {
    await this.panel.POWER.send(1);
  }
}
