import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';

/** RP2040 datasheet 2.2.2: PIO0_BASE and PIO1_BASE. */
const PIO_BASE = [0x50200000, 0x50300000] as const;
const MACHINES = 4;
const INSTRUCTIONS = 32;
/** RP2040 datasheet 3.7: each state machine has six registers, from SM0_CLKDIV on. */
const SM0_CLKDIV = 0x0c8;
const MACHINE_BYTES = 0x18;

/**
 * One PIO state machine (RP2040 datasheet 3), with its bits in the registers that the four machines of a block share:
 * control, FIFO status, and its interrupts, among which `IRQ` is the flag with the machine's number.
 *
 * Stopped while its configuration is written back, and enabled last. It is not restarted: a machine that ran goes on
 * where it is, with the program that it had.
 */
export const pioMachine = (pio: 0 | 1, index: number) => {
  const base = PIO_BASE[pio];
  const own = base + SM0_CLKDIV + index * MACHINE_BYTES;
  const enable = 1 << index;
  /** The machine's bit in each byte, the layout of FSTAT and FDEBUG. */
  const everyByte = 0x01010101 * enable;
  const interrupts = {
    owned: 0x111 << index,
    fields: { RXNEMPTY: flag(index), TXNFULL: flag(index + 4), IRQ: flag(index + 8) },
  };
  return definePeripheral({
    name: `pio${pio}.sm${index}`,
    source: 'RP2040 datasheet 3.7',
    registers: {
      CTRL: {
        address: base,
        access: 'rw',
        owned: 0x111 << index,
        fields: {
          SM_ENABLE: flag(index),
          SM_RESTART: flag(index + 4, { access: 'self-clearing' }),
          CLKDIV_RESTART: flag(index + 8, { access: 'self-clearing' }),
        },
      },
      FSTAT: {
        address: base + 0x004,
        access: 'ro',
        owned: everyByte,
        reset: 0x0f000f00 & everyByte,
        fields: { RXFULL: flag(index), RXEMPTY: flag(index + 8), TXFULL: flag(index + 16), TXEMPTY: flag(index + 24) },
      },
      FDEBUG: {
        address: base + 0x008,
        access: 'w1c',
        owned: everyByte,
        fields: { RXSTALL: flag(index), RXUNDER: flag(index + 8), TXOVER: flag(index + 16), TXSTALL: flag(index + 24) },
      },
      FLEVEL: {
        address: base + 0x00c,
        access: 'ro',
        owned: 0xff * 2 ** (8 * index),
        fields: { TX: field(8 * index, 4), RX: field(8 * index + 4, 4) },
      },
      TXF: { address: base + 0x010 + 4 * index, access: 'fifo' },
      RXF: { address: base + 0x020 + 4 * index, access: 'fifo' },
      CLKDIV: {
        address: own,
        access: 'rw',
        reset: 0x00010000,
        fields: { FRAC: field(8, 8), INT: field(16, 16) },
      },
      EXECCTRL: {
        address: own + 0x04,
        access: 'rw',
        reset: 0x0001f000,
        fields: {
          STATUS_N: field(0, 4),
          STATUS_SEL: field(4, 1, { values: { 'tx-level': 0, 'rx-level': 1 } }),
          WRAP_BOTTOM: field(7, 5),
          WRAP_TOP: field(12, 5),
          OUT_STICKY: flag(17),
          INLINE_OUT_EN: flag(18),
          OUT_EN_SEL: field(19, 5),
          JMP_PIN: field(24, 5),
          SIDE_PINDIR: flag(29),
          SIDE_EN: flag(30),
          EXEC_STALLED: flag(31, { access: 'ro' }),
        },
      },
      SHIFTCTRL: {
        address: own + 0x08,
        access: 'rw',
        reset: 0x000c0000,
        fields: {
          AUTOPUSH: flag(16),
          AUTOPULL: flag(17),
          IN_SHIFTDIR: field(18, 1, { values: { left: 0, right: 1 } }),
          OUT_SHIFTDIR: field(19, 1, { values: { left: 0, right: 1 } }),
          PUSH_THRESH: field(20, 5),
          PULL_THRESH: field(25, 5),
          FJOIN_TX: flag(30),
          FJOIN_RX: flag(31),
        },
      },
      /** Where the program counter stands. */
      ADDR: { address: own + 0x0c, access: 'ro' },
      /** Executes at once what is written to it, so a checkpoint has nothing to write back. */
      INSTR: { address: own + 0x10, access: 'wo' },
      PINCTRL: {
        address: own + 0x14,
        access: 'rw',
        reset: 0x14000000,
        fields: {
          OUT_BASE: field(0, 5),
          SET_BASE: field(5, 5),
          SIDESET_BASE: field(10, 5),
          IN_BASE: field(15, 5),
          OUT_COUNT: field(20, 6),
          SET_COUNT: field(26, 3),
          SIDESET_COUNT: field(29, 3),
        },
      },
      INTR: { address: base + 0x128, access: 'ro', ...interrupts },
      IRQ0_INTE: { address: base + 0x12c, access: 'rw', ...interrupts },
      IRQ0_INTF: { address: base + 0x130, access: 'rw', ...interrupts },
      IRQ0_INTS: { address: base + 0x134, access: 'ro', ...interrupts },
      IRQ1_INTE: { address: base + 0x138, access: 'rw', ...interrupts },
      IRQ1_INTF: { address: base + 0x13c, access: 'rw', ...interrupts },
      IRQ1_INTS: { address: base + 0x140, access: 'ro', ...interrupts },
    },
    save: [
      'CLKDIV',
      'EXECCTRL',
      'SHIFTCTRL',
      'PINCTRL',
      'IRQ0_INTF',
      'IRQ0_INTE',
      'IRQ1_INTF',
      'IRQ1_INTE',
      'CTRL', // 3.7: SM_ENABLE, when everything that the machine runs with is in place
    ],
    restore: [{ step: 'write', register: 'CTRL', mask: enable, value: 0 }, { step: 'saved' }],
    irrevocable: [
      'What the machine has executed: its program counter, X, Y, shift registers, IRQ flags, and what it did to pins.',
      'An instruction that was written to INSTR has been executed.',
      'Where the call changed FJOIN_TX or FJOIN_RX, what stood in the FIFOs is lost (3.7, SHIFTCTRL).',
      'A machine that was running stands still for the few microseconds of the restore.',
    ],
  });
};

/**
 * What the four state machines of a PIO block share: instruction memory, IRQ flags, input synchronisers.
 *
 * The memory cannot be read, so a checkpoint keeps what was last written to it in this session. A rollback leaves alone what
 * this session has not written; an instruction that the failed call is the first to write becomes 0 (`jmp 0`).
 */
export const pioMemory = (pio: 0 | 1) => {
  const base = PIO_BASE[pio];
  return definePeripheral({
    name: `pio${pio}`,
    source: 'RP2040 datasheet 3.7',
    registers: {
      IRQ: { address: base + 0x030, access: 'w1c', owned: 0xff },
      /** Raises IRQ flags; reads as 0. */
      IRQ_FORCE: { address: base + 0x034, access: 'w1s', owned: 0xff },
      INPUT_SYNC_BYPASS: { address: base + 0x038, access: 'rw' },
      DBG_PADOUT: { address: base + 0x03c, access: 'ro' },
      DBG_PADOE: { address: base + 0x040, access: 'ro' },
      INSTR_MEM: { address: base + 0x048, access: 'wo', count: INSTRUCTIONS },
    },
    save: ['INPUT_SYNC_BYPASS', 'INSTR_MEM'],
    irrevocable: [
      'IRQ flags that were raised or cleared.',
      'Instructions that an earlier session wrote, where the failed call is the first of this session to write: they become 0.',
      'What machines executed that ran while the call changed their program.',
    ],
  });
};

export type PioMachine = ReturnType<typeof pioMachine>;
export type PioMemory = ReturnType<typeof pioMemory>;

export const pios = ([0, 1] as const).map((pio) => ({
  /** Its state machines 0 to 3. */
  sm: Array.from({ length: MACHINES }, (_, index) => pioMachine(pio, index)),
  /** What they share. */
  memory: pioMemory(pio),
}));
