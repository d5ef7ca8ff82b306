import type { Silicon } from '../silicon.js';
import type { UsbBus } from '../usb-bus.js';
import { UsbController } from '../usb-controller.js';
import { Adc } from './adc.js';
import { chipReset } from './chip-reset.js';
import { Clocks } from './clocks.js';
import { Dma } from './dma.js';
import type { I2cBus } from './i2c-bus.js';
import { i2cOfPin } from './i2c-pins.js';
import { I2c } from './i2c.js';
import { IoBank0 } from './io-bank0.js';
import { IoQspi } from './io-qspi.js';
import { PadsBank0, padsQspi } from './pads.js';
import { PinLevels } from './pin-levels.js';
import { Pio } from './pio.js';
import { mendSio, mendSystemControl } from './private-blocks.js';
import { Pwm } from './pwm.js';
import { Resets } from './resets.js';
import { Rosc } from './rosc.js';
import { Rtc } from './rtc.js';
import type { SpiBus } from './spi-bus.js';
import { Spi } from './spi.js';
import { Ssi } from './ssi.js';
import { sysinfo } from './sysinfo.js';
import { Tick } from './tick.js';
import { Timer } from './timer.js';
import { Uart } from './uart.js';
import { W25q } from './w25q.js';
import { Watchdog, type WatchdogMemory } from './watchdog.js';
import { xipCtrl } from './xip-ctrl.js';

/** Where each block stands: address >> 12 (RP2040 datasheet 2.2). */
const PAGE = {
  xipCtrl: 0x14000,
  ssi: 0x18000,
  sysinfo: 0x40000,
  clocks: 0x40008,
  resets: 0x4000c,
  ioBank0: 0x40014,
  ioQspi: 0x40018,
  padsBank0: 0x4001c,
  padsQspi: 0x40020,
  uart0: 0x40034,
  uart1: 0x40038,
  spi0: 0x4003c,
  spi1: 0x40040,
  i2c0: 0x40044,
  i2c1: 0x40048,
  adc: 0x4004c,
  pwm: 0x40050,
  timer: 0x40054,
  watchdog: 0x40058,
  rtc: 0x4005c,
  rosc: 0x40060,
  chipReset: 0x40064,
  dma: 0x50000,
  usb: 0x50110,
  pio0: 0x50200,
  pio1: 0x50300,
} as const;

/** Function 9 of every third pin, from GPIO1 on, is VBUS DET (RP2040 datasheet 2.19.2). */
const FUNCTION_USB = 9;

export interface Surroundings {
  readonly bus: UsbBus;
  /** The buses with the chips on them, which outlive this one. */
  readonly i2c: readonly [I2cBus, I2cBus];
  readonly spi: readonly [SpiBus, SpiBus];
  readonly random: () => number;
  readonly flashId: Uint8Array;
  readonly chipResetFlag: number;
  readonly watchdog: WatchdogMemory;
  /** What drives each pin from outside. */
  readonly outside: readonly (boolean | undefined)[];
  readonly pinChanged: (pin: number, level: boolean) => void;
  readonly watchdogFired: () => void;
  readonly restartCore: () => void;
}

/** The mended blocks that the rest of the emulator talks to. */
export interface Blocks {
  readonly usb: UsbController;
  readonly pins: PinLevels;
  readonly resets: Resets;
}

/** Puts every mended block in the place of the package's. */
export function installBlocks(silicon: Silicon, around: Surroundings): Blocks {
  const { peripherals, gpio } = silicon;
  const isVbusPin = (pin: number): boolean => pin % 3 === 1 && gpio[pin]!.functionSelect === FUNCTION_USB;

  const dma = new Dma(silicon);
  Object.assign(silicon, { dma });
  peripherals[PAGE.dma] = dma;
  const adc = new Adc(silicon);
  const pwm = new Pwm(silicon);
  const usb: UsbController = new UsbController(silicon, around.bus, () =>
    gpio.some((_, pin) => isVbusPin(pin) && pins.level(pin)),
  );
  const i2c = [new I2c(silicon, 0, around.i2c[0]), new I2c(silicon, 1, around.i2c[1])] as const;
  const wire = (pin: number, low: boolean): boolean | undefined => {
    const { index, line } = i2cOfPin(pin);
    return i2c[index].bus.join(line, pin, low);
  };
  const pins: PinLevels = new PinLevels(silicon, around.outside, wire, (pin, level) => {
    if (isVbusPin(pin)) usb.vbusChanged();
    for (const { bus } of spi) bus.pinChanged(pin);
    i2c[i2cOfPin(pin).index].look();
    around.pinChanged(pin, level);
  });
  for (const { bus } of i2c) {
    bus.onChange = (changed) => {
      for (const pin of changed) pins.update(pin);
    };
  }
  const level = (pin: number): boolean => pins.level(pin);
  const spi = [new Spi(silicon, 0, level, around.spi[0]), new Spi(silicon, 1, level, around.spi[1])] as const;
  const tick = new Tick(silicon);
  const ssi = new Ssi(silicon, new W25q(silicon.flash, around.flashId));

  Object.assign(silicon, { adc, pwm, usbCtrl: usb });
  peripherals[PAGE.adc] = adc;
  const pio = [new Pio(silicon, 0), new Pio(silicon, 1)] as const;
  Object.assign(silicon, { pio });
  [peripherals[PAGE.pio0], peripherals[PAGE.pio1]] = pio;
  peripherals[PAGE.pwm] = pwm;
  peripherals[PAGE.usb] = usb;
  peripherals[PAGE.ssi] = ssi;
  peripherals[PAGE.sysinfo] = sysinfo(silicon);
  peripherals[PAGE.xipCtrl] = xipCtrl(silicon);
  peripherals[PAGE.ioQspi] = new IoQspi(silicon, (how) => ssi.selectBy(how));
  peripherals[PAGE.ioBank0] = new IoBank0(silicon, peripherals[PAGE.ioBank0]!, (pin) => {
    pwm.routed();
    i2c[i2cOfPin(pin).index].routed(pin);
    pins.update(pin);
  });
  peripherals[PAGE.padsBank0] = new PadsBank0(silicon, (pin) => {
    pins.update(pin);
    i2c[i2cOfPin(pin).index].look();
  });
  peripherals[PAGE.padsQspi] = padsQspi(silicon);
  peripherals[PAGE.watchdog] = new Watchdog(silicon, tick, around.watchdog, around.watchdogFired);
  peripherals[PAGE.timer] = new Timer(silicon, tick);
  peripherals[PAGE.clocks] = new Clocks(silicon);
  peripherals[PAGE.rtc] = new Rtc(silicon);
  peripherals[PAGE.rosc] = new Rosc(silicon, around.random);
  peripherals[PAGE.chipReset] = chipReset(silicon, around.chipResetFlag);
  const uart = [new Uart(silicon, 0), new Uart(silicon, 1)] as const;
  Object.assign(silicon, { uart });
  [peripherals[PAGE.uart0], peripherals[PAGE.uart1]] = uart;
  Object.assign(silicon, { i2c, spi });
  [peripherals[PAGE.spi0], peripherals[PAGE.spi1]] = spi;
  [peripherals[PAGE.i2c0], peripherals[PAGE.i2c1]] = i2c;
  mendSio(silicon);
  mendSystemControl(silicon, around.restartCore);

  const resets = new Resets(silicon);
  peripherals[PAGE.resets] = resets;
  return { usb, pins, resets };
}
