export {
  ssd1306,
  ssd1306Page,
  SSD1306_HEIGHT,
  SSD1306_PAGES,
  SSD1306_WIDTH,
  type Ssd1306Page,
  type Ssd1306Settings,
} from './definition.js';
export { Ssd1306, type Ssd1306Options } from './driver.js';
export { type Image } from './frame.js';
