import type { Board, PeripheralSpec } from '../runtime/index.js';
import type { EmulatedBoard } from '../transports/emulator/index.js';
import { ads1015 } from './ads1015/index.js';
import { ads1015Model } from './ads1015/model.js';
import { adxl345 } from './adxl345/index.js';
import { adxl345Model } from './adxl345/model.js';
import { at24c32 } from './at24c32/index.js';
import { at24c32Model } from './at24c32/model.js';
import { bme280 } from './bme280/index.js';
import { bme280Model } from './bme280/model.js';
import { DS3231_ADDRESS, ds3231, ds3231Time } from './ds3231/index.js';
import { ds3231Model } from './ds3231/model.js';
import { mcp23017, mcp23017Port } from './mcp23017/index.js';
import { mcp23017Model } from './mcp23017/model.js';
import { mpu6050 } from './mpu6050/index.js';
import { mpu6050Model } from './mpu6050/model.js';
import { pca9685, PCA9685_CHANNELS, pca9685Channel } from './pca9685/index.js';
import { pca9685Model } from './pca9685/model.js';
import { I2cBus, SpiBus, type pico } from './rp2040/index.js';
import { sht30, sht30Heater, sht30Limit, sht30Mode, SHT30_LIMIT_NAMES } from './sht30/index.js';
import { sht30Model } from './sht30/model.js';
import { ssd1306, ssd1306Page, SSD1306_PAGES } from './ssd1306/index.js';
import { ssd1306Model } from './ssd1306/model.js';

/** A chip that this project knows: its definitions, and its model connected to an emulated board. */
export interface ShelfChip {
  readonly specs: readonly PeripheralSpec[];
  connect(board: EmulatedBoard): void;
}

const on = (target: number) => ({ index: 0, target }) as const;
const EXPANDER = on(0x20);
const DISPLAY = on(0x3c);
const PWM = on(0x41);
const HUMIDITY = on(0x44);
const VOLTAGE = on(0x48);
const EEPROM = on(0x50);
const CLOCK = on(DS3231_ADDRESS);
const MOTION = on(0x69);
const AIR = on(0x76);
const TILT = { index: 0, chipSelect: 17 } as const;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Every chip on the shelf, each at an address of its own on I²C bus 0, or with a chip select of its own on SPI bus 0. */
export const shelf: readonly ShelfChip[] = [
  {
    specs: [ads1015(VOLTAGE)],
    connect: (board) => board.connectI2c(0, VOLTAGE.target, ads1015Model({ clock: board.chip.clock })),
  },
  {
    specs: [adxl345(TILT)],
    connect: (board) => board.connectSpi(0, TILT.chipSelect, adxl345Model({ clock: board.chip.clock })),
  },
  {
    specs: [at24c32(EEPROM)],
    connect: (board) => board.connectI2c(0, EEPROM.target, at24c32Model({ clock: board.chip.clock })),
  },
  {
    specs: [bme280(AIR)],
    connect: (board) => board.connectI2c(0, AIR.target, bme280Model({ clock: board.chip.clock })),
  },
  {
    specs: [ds3231(CLOCK), ds3231Time(CLOCK)],
    connect: (board) => board.connectI2c(0, CLOCK.target, ds3231Model({ clock: board.chip.clock })),
  },
  {
    specs: [mcp23017(EXPANDER), mcp23017Port(EXPANDER, 0), mcp23017Port(EXPANDER, 1)],
    connect: (board) => board.connectI2c(0, EXPANDER.target, mcp23017Model({ address: EXPANDER.target })),
  },
  {
    specs: [mpu6050(MOTION)],
    connect: (board) => board.connectI2c(0, MOTION.target, mpu6050Model({ clock: board.chip.clock })),
  },
  {
    specs: [pca9685(PWM), ...numbers(PCA9685_CHANNELS).map((channel) => pca9685Channel(PWM, channel))],
    connect: (board) => board.connectI2c(0, PWM.target, pca9685Model({ clock: board.chip.clock })),
  },
  {
    specs: [
      sht30(HUMIDITY),
      sht30Mode(HUMIDITY),
      sht30Heater(HUMIDITY),
      ...SHT30_LIMIT_NAMES.map((_, limit) => sht30Limit(HUMIDITY, limit)),
    ],
    connect: (board) => board.connectI2c(0, HUMIDITY.target, sht30Model({ clock: board.chip.clock })),
  },
  {
    specs: [ssd1306(DISPLAY), ...numbers(SSD1306_PAGES).map((page) => ssd1306Page(DISPLAY, page))],
    connect: (board) => board.connectI2c(0, DISPLAY.target, ssd1306Model({ clock: board.chip.clock })),
  },
];

/** Sets up the two buses of a board to which the shelf was connected. */
export async function startBuses(board: Board<(typeof pico)['peripherals']>): Promise<void> {
  await new I2cBus(board, 0).start({ sda: 4, scl: 5, hz: 400_000 });
  const chipSelects = [TILT.chipSelect];
  await new SpiBus(board, 0).start({ sck: 18, mosi: 19, miso: 16, chipSelects, hz: 1_000_000, mode: 3 });
}
