import assert from 'node:assert/strict';
import type { Subscription } from 'rxjs';
import type { PeripheralSpec } from '../../../runtime/registers/definition.js';
import type { Handle } from '../../../runtime/index.js';
import type { AnyHandle } from '../../../runtime/registers/handles.js';
import { picoBoard, type Bench, type PicoBoard } from '../../emulated.js';
import { quiet, turns } from '../../runtime/events/blinker.js';

/** How an interrupt is brought about that stays, and how it goes away. */
interface Interrupt {
  readonly of: (board: PicoBoard) => AnyHandle;
  readonly shownBy: string;
  readonly flag: string;
  readonly raise: (board: PicoBoard) => Promise<void>;
  readonly calm: (board: PicoBoard) => Promise<void>;
}

const BOTH = [0, 1] as const;

/** Every line that a driver's block has (RP2040 datasheet 2.3.2), but for DMA, whose INTS is out of reach. */
const INTERRUPTS: Record<string, Interrupt> = {
  ...Object.fromEntries(
    [0, 1, 2].map((index): [string, Interrupt] => [
      `alarm ${index}`,
      {
        of: (board) => board.alarm[index]!,
        shownBy: 'INTS',
        flag: 'ALARM',
        raise: (board) => board.alarm[index]!.INTF.write({ ALARM: true }),
        calm: (board) => board.alarm[index]!.INTF.write({ ALARM: false }),
      },
    ]),
  ),
  'a PWM slice': {
    of: (board) => board.pwm.ch[3]!,
    shownBy: 'INTS',
    flag: 'WRAPPED',
    raise: (board) => board.pwm.ch[3]!.INTF.write({ WRAPPED: true }),
    calm: (board) => board.pwm.ch[3]!.INTF.write({ WRAPPED: false }),
  },
  'the ADC': {
    of: (board) => board.adc,
    shownBy: 'INTS',
    flag: 'FIFO',
    raise: (board) => board.adc.INTF.write({ FIFO: true }),
    calm: (board) => board.adc.INTF.write({ FIFO: false }),
  },
  'the RTC': {
    of: (board) => board.rtc,
    shownBy: 'INTS',
    flag: 'RTC',
    raise: (board) => board.rtc.INTF.write({ RTC: true }),
    calm: (board) => board.rtc.INTF.write({ RTC: false }),
  },
  ...Object.fromEntries(
    BOTH.flatMap((index): [string, Interrupt][] => [
      [
        `SPI ${index}`,
        {
          of: (board) => board.spi[index]!,
          shownBy: 'SSPMIS',
          flag: 'TXMIS',
          // The transmit FIFO is half empty, or less full, as long as nothing is sent (4.4.3.5).
          raise: (board) => board.spi[index]!.SSPIMSC.write({ TXIM: true }),
          calm: (board) => board.spi[index]!.SSPIMSC.write({ TXIM: false }),
        },
      ],
      [
        `I²C ${index}`,
        {
          of: (board) => board.i2c[index]!,
          shownBy: 'IC_INTR_STAT',
          flag: 'R_TX_EMPTY',
          // Raised while the block is enabled and has nothing to send (4.3.17, IC_RAW_INTR_STAT).
          raise: (board) => board.i2c[index]!.IC_ENABLE.write({ ENABLE: true }),
          calm: (board) => board.i2c[index]!.IC_ENABLE.write({ ENABLE: false }),
        },
      ],
      [
        `UART ${index}`,
        {
          of: (board) => board.uart[index]!,
          shownBy: 'UARTMIS',
          flag: 'RXMIS',
          // A character that comes back to its sender (4.2.8, UARTCR.LBE).
          async raise(board) {
            const uart = board.uart[index]!;
            await uart.UARTIBRD.write({ BAUD_DIVINT: 1 });
            await uart.UARTLCR_H.write({ WLEN: '8-bit' });
            await uart.UARTCR.write({ UARTEN: true, LBE: true, TXE: true, RXE: true });
            await uart.UARTIMSC.write({ RXIM: true });
            await uart.UARTDR.push([0x55]);
          },
          calm: async (board) => void (await board.uart[index]!.UARTDR.pull(1)),
        },
      ],
    ]),
  ),
};

for (const pio of BOTH)
  for (const line of BOTH)
    INTERRUPTS[`PIO ${pio}, line ${line}`] = {
      of: (board) => board.pio[pio]!.sm[2]!,
      shownBy: `IRQ${line}_INTS`,
      flag: 'IRQ',
      raise: (board) => board.pio[pio]!.sm[2]![`IRQ${line}_INTF`].write({ IRQ: true }),
      calm: (board) => board.pio[pio]!.sm[2]![`IRQ${line}_INTF`].write({ IRQ: false }),
    };

describe('An interrupt of', () => {
  let bench: Bench;
  let subscription: Subscription | undefined;

  beforeEach(async () => {
    bench = await picoBoard();
  });
  afterEach(() => {
    subscription?.unsubscribe();
    return bench.dispose();
  });

  for (const [name, { of, shownBy, flag, raise, calm }] of Object.entries(INTERRUPTS))
    it(`${name} is told, again while it stays, and no longer when somebody has seen to it`, async () => {
      const { board } = bench;
      let [told, watching] = [0, false];
      subscription = board
        .interrupts(of(board) as Handle<PeripheralSpec>, shownBy, { flags: [flag] as never })
        .subscribe((each) => {
          if (each.type === 'watching') watching = true;
          else if (each.type === 'lost') assert.fail(each.reason);
          else if ((each.flags as unknown as Record<string, boolean>)[flag]) told++;
        });
      await turns(() => watching);
      await raise(board);
      bench.emulated.advance(1);
      await quiet();
      const times = [told];
      // The main loop looks up from its sleep twice a second.
      for (let i = 0; i < 2; i++) {
        bench.emulated.advance(500);
        await quiet();
        times.push(told);
      }
      assert.ok(times[0]! >= 1, 'told');
      assert.ok(times[2]! > times[1]! && times[1]! > times[0]! && times[2]! < 10, `told ${times.join(', ')} times`);
      await calm(board);
      await quiet();
      const before = told;
      bench.emulated.advance(1000);
      await quiet();
      assert.equal(told, before);
      await raise(board);
      bench.emulated.advance(1);
      await turns(() => told > before);
      assert.ok(told > before);
    });
});
