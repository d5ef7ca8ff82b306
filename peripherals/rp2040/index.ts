import { defineBoard } from '../../runtime/open.js';
import { adc } from './adc.js';
import { clocks } from './clocks.js';
import { dmaChannels } from './dma.js';
import { gpioPins } from './gpio.js';
import { i2cs } from './i2c.js';
import { pios } from './pio.js';
import { pwmSlices } from './pwm.js';
import { spis } from './spi.js';
import { rtc } from './rtc.js';
import { timerAlarms } from './timer.js';
import { uarts } from './uart.js';
import { watchdog } from './watchdog.js';

export { type Adc } from './adc.js';
export { BusError, I2cBus, SpiBus, type SpiSetup } from './buses.js';
export { type Clocks } from './clocks.js';
export { type DmaChannel } from './dma.js';
export { edges, type Edge } from './edges.js';
export { gpioPin, type GpioPin } from './gpio.js';
export { type I2c } from './i2c.js';
export { type PioMachine, type PioMemory } from './pio.js';
export { pwmOf, pwmSlice, type PwmSlice } from './pwm.js';
export { type Spi } from './spi.js';
export { type Rtc } from './rtc.js';
export { type TimerAlarm } from './timer.js';
export { type Uart } from './uart.js';
export { type Watchdog } from './watchdog.js';
export { GPIOAccess, GPIOError, GPIOPort, requestGPIOAccess, type GPIODirection, type GPIOValue } from './web-gpio.js';

/** A Raspberry Pi Pico, or another board with an RP2040, running the fgft firmware. */
export const pico = defineBoard({
  board: 'rp2040',
  name: 'Raspberry Pi Pico',
  peripherals: {
    /** GPIO 0 to 29: multiplexer, pad and SIO bits of each pin. */
    pin: gpioPins,
    /** PWM slices 0 to 7; `pwmOf` tells which one drives a pin. */
    pwm: { ch: pwmSlices },
    /** UART 0 and 1. */
    uart: uarts,
    /** I²C 0 and 1. */
    i2c: i2cs,
    /** SPI 0 and 1. */
    spi: spis,
    /** DMA channels 0 to 11. */
    dma: { ch: dmaChannels },
    /** The analogue to digital converter. */
    adc,
    /** Alarms 0 to 2 of the microsecond timer. */
    alarm: timerAlarms,
    /** PIO 0 and 1: state machines, and the memory that they share. */
    pio: pios,
    /** The real-time clock. */
    rtc,
    /** Scratch registers of the watchdog, which hold their values over its resets. */
    watchdog,
    /** The clock generators, to look at. */
    clocks,
  },
});
