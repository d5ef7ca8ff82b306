import assert from 'node:assert/strict';
import { PERIPHERAL, ref, STATUS, u16, u32 } from './frame.js';
import { plugged, type Link, type Session } from './link.js';

const SESSION = 0x2222;
const ALL = 0xffffffff;
const READ = 1;
const BOTH = 3;
const WIDTH = { byte: 0 << 4, half: 1 << 4, word: 2 << 4 } as const;

interface Block {
  readonly address: number;
  readonly size?: number;
  readonly mask?: number;
  readonly flags?: number;
  readonly width?: number;
}

describe('firmware/rp2040: what the host may reach', () => {
  let link: Link;
  let session: Session;
  before(async () => {
    link = await plugged();
    session = await link.open(SESSION);
  });
  after(() => link.dispose());

  async function define({ address, size = 4, mask = ALL, flags = BOTH, width = WIDTH.word }: Block): Promise<number> {
    const block = [0, flags | width, ...u16(size), ...u32(address), ...u32(mask)];
    return (await session.send([[0x04, PERIPHERAL, 1, 0, 0, ...block]])).status;
  }

  it('are the blocks that drivers use', async () => {
    const blocks: [name: string, address: number, size: number][] = [
      ['GPIO0_STATUS to GPIO29_CTRL', 0x40014000, 0xf0],
      ['INTR and PROC0_INTE', 0x400140f0, 0x20],
      ['pads of GPIO0 to GPIO29', 0x4001c004, 0x78],
      ['UART0', 0x40034000, 0x4c],
      ['UART1', 0x40038000, 0x4c],
      ['SPI0', 0x4003c000, 0x28],
      ['SPI1', 0x40040000, 0x28],
      ['I2C0', 0x40044000, 0x100],
      ['I2C1', 0x40048000, 0x100],
      ['ADC', 0x4004c000, 0x24],
      ['PWM', 0x40050000, 0xb4],
      ['alarms 0 to 2', 0x40054010, 0x0c],
      ['RTC', 0x4005c000, 0x30],
      ['DMA channels', 0x50000000, 0x300],
      ['PIO0', 0x50200000, 0x144],
      ['PIO1', 0x50300000, 0x144],
    ];
    for (const [name, address, size] of blocks) assert.equal(await define({ address, size }), STATUS.ok, name);
  });

  it('are parts of registers that others share', async () => {
    const resettable = 0x00c3cc1d;
    const parts: [name: string, address: number, mask: number][] = [
      ['GPIO_OUT', 0xd0000010, 0x3fffffff],
      ['GPIO_OE', 0xd0000020, 0x3fffffff],
      ['RESETS', 0x4000c000, resettable],
      ['TIMER ARMED', 0x40054020, 7],
      ['TIMER INTR', 0x40054034, 7],
      ['TIMER INTE', 0x40054038, 7],
    ];
    for (const [name, address, mask] of parts) {
      assert.equal(await define({ address, mask }), STATUS.ok, name);
      for (let bit = 0; bit < 32; bit++) {
        const more = (mask | (1 << bit)) >>> 0;
        if (more !== mask)
          assert.equal(await define({ address, mask: more }), STATUS['not-allowed'], `${name} bit ${bit}`);
      }
    }
  });

  it('are clocks and time to look at, not to change', async () => {
    for (const [address, size] of [
      [0x40008000, 0xc8],
      [0x40054008, 8],
      [0x40054024, 8],
      [0x40054040, 4],
      [0x4000c008, 4],
      [0x4005801c, 16], // WATCHDOG SCRATCH4-7
    ] as const) {
      assert.equal(await define({ address, size, flags: READ, mask: 0 }), STATUS.ok, address.toString(16));
      assert.equal(await define({ address, size, mask: 1 }), STATUS['not-allowed'], address.toString(16));
    }
  });

  it('are none of those that the firmware lives on', async () => {
    const forbidden = {
      'boot ROM': 0x00000000,
      flash: 0x10000000,
      'XIP control': 0x14000000,
      SSI: 0x18000000,
      RAM: 0x20000000,
      stack: 0x2003fff0,
      SYSINFO: 0x40000000,
      SYSCFG: 0x40004000,
      'RESETS.WDSEL': 0x4000c004,
      PSM: 0x40010000,
      'QSPI pins': 0x40018000,
      'pad voltage': 0x4001c000,
      'SWD pads': 0x4001c07c,
      'QSPI pads': 0x40020000,
      XOSC: 0x40024000,
      PLL_SYS: 0x40028000,
      PLL_USB: 0x4002c000,
      BUSCTRL: 0x40030000,
      TIMEHW: 0x40054000,
      ALARM3: 0x4005401c,
      'TIMER PAUSE': 0x40054030,
      WATCHDOG: 0x40058000,
      'WATCHDOG.REASON': 0x40058008,
      'WATCHDOG.TICK': 0x4005802c,
      ROSC: 0x40060000,
      'voltage regulator': 0x40064000,
      TBMAN: 0x4006c000,
      'DMA pacing timers': 0x50000420,
      'USB DPRAM': 0x50100000,
      USB: 0x50110000,
      GPIO_HI_OUT: 0xd0000030,
      'inter-core FIFO': 0xd0000050,
      spinlocks: 0xd0000100,
      SysTick: 0xe000e010,
      NVIC: 0xe000e100,
      VTOR: 0xe000ed08,
      'an alias of PWM': 0x40051000,
      'an alias of PIO0': 0x50202000,
    };
    for (const [name, address] of Object.entries(forbidden)) {
      for (const flags of [READ, BOTH])
        assert.equal(await define({ address, flags, mask: 1 }), STATUS['not-allowed'], name);
    }
  });

  it('do not go on behind the end of a block', async () => {
    assert.equal(await define({ address: 0x40054010, size: 0x10 }), STATUS['not-allowed']); // into ALARM3
    assert.equal(await define({ address: 0x4005800c, size: 0x14 }), STATUS['not-allowed']); // into SCRATCH4
    assert.equal(await define({ address: 0x40050000, size: 0x1004 }), STATUS['not-allowed']);
    assert.equal(await define({ address: 0xd0000020, size: 0x14, mask: 1 }), STATUS['not-allowed']); // into GPIO_HI_OUT
  });

  it('are whole words: a narrow store would be copied to all lanes', async () => {
    for (const width of [WIDTH.byte, WIDTH.half]) {
      assert.equal(await define({ address: 0x40050000, mask: 0xff, width }), STATUS['not-allowed']);
    }
  });

  it('change bit by bit through the XOR alias, in APB, AHB-Lite and SIO registers', async () => {
    for (const [address, mask] of [
      [0x4005000c, 0x0000ff00], // PWM CH0_CC
      [0x50000000, 0x0000ff00], // DMA CH0_READ_ADDR
      [0xd0000010, 0x00000010], // GPIO_OUT
    ] as const) {
      link.board.write32(address, 0x12345678);
      const before = link.board.read32(address);
      assert.equal(await define({ address, mask }), STATUS.ok);
      const masked = [0x92, ...ref(0, 0), ...u32(mask), ...u32(~before >>> 0)];
      await session.run([masked]);
      assert.equal(link.board.read32(address), (before ^ mask) >>> 0);
    }
    assert.deepEqual(link.board.warnings, []);
  });
});
