import { chipName, defineChip, type I2cAddress } from '../../runtime/registers/chip.js';
import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';

/** LED0 to LED15. */
export const PCA9685_CHANNELS = 16;
/** 7.3.5. */
const INTERNAL_HERTZ = 25_000_000;
/** 7.3.3: counts in a cycle. */
export const CYCLE = 4096;
/** 7.3.1, table 5, note 2: from SLEEP = 0 until the oscillator runs. */
export const OSCILLATOR_US = 500;

/** 7.3.5: cycles of the outputs in a second. */
export const hertzOf = (prescale: number): number => INTERNAL_HERTZ / CYCLE / (prescale + 1);

/** How long a cycle takes, in µs, with a margin of a tenth for the oscillator, of which the datasheet says no more. */
export const cycleUs = (prescale: number): number => Math.ceil(1.1e6 / hertzOf(prescale));

/** SLEEP alone: the chip answers to no address but its own while others are written (7.3.1). */
const ASLEEP = 0x10;
const LONGEST_PRESCALE = 0xff;
/** LEDn_OFF_H[4] (7.3.3). */
const FULL_OFF = 0x10;

const byte = { access: 'rw', width: 8 } as const;
const address = { ...byte, fields: { ADDRESS: field(1, 7) } } as const;
const touched = { ...byte, owned: 0 } as const;

/**
 * What all channels of a PCA9685 share: modes, addresses, and the frequency. Sections are those of the datasheet, NXP,
 * revision 4. Each channel is a peripheral of its own, because its four registers are nobody else's: a call that sets
 * a pulse and fails does not stop the other fifteen, as a restore of this one does, for PRE_SCALE takes writes only
 * while the oscillator is off (7.3.5).
 *
 * Nobody could take EXTCLK back, which stays until the chip loses its power (7.3.1), so it cannot be written by name.
 * ALL_LED is not here: it changes the registers of all channels behind the back of those that own them (7.3.4).
 *
 * The restore is the procedure of 7.3.1.1 up to its end: asleep, the outputs run to the end of their cycle, and RESTART
 * is set. It is then cleared as the same section says, by a write to all four registers of a channel; they get the
 * values that they have. So the outputs start with the oscillator if they ran before, and whoever wakes the chip later
 * does not find them held by something that the failed call did.
 */
export const pca9685 = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('pca9685', { bus: 'i2c', index, target }),
    source: 'NXP PCA9685 revision 4, table 4',
    space: { bus: 'i2c', index, target },
    registers: {
      /** Table 5. AI: several registers can be written in one transfer. */
      MODE1: {
        ...byte,
        address: 0x00,
        reset: 0x11,
        fields: {
          RESTART: flag(7, { access: 'self-clearing' }),
          EXTCLK: flag(6, { access: 'ro' }),
          AI: flag(5),
          SLEEP: flag(4),
          SUB1: flag(3),
          SUB2: flag(2),
          SUB3: flag(1),
          ALLCALL: flag(0),
        },
      },
      /** Table 6. */
      MODE2: {
        ...byte,
        address: 0x01,
        reset: 0x04,
        fields: {
          INVRT: flag(4),
          OCH: field(3, 1, { values: { stop: 0, acknowledge: 1 } }),
          OUTDRV: field(2, 1, { values: { 'open-drain': 0, 'totem-pole': 1 } }),
          /** What the outputs are while the OE pin is high; `high` is high impedance in open-drain mode, too. */
          OUTNE: field(0, 2, { values: { low: 0, high: 1, 'high-impedance': 2 } }),
        },
      },
      /** Tables 8 and 9. */
      SUBADR1: { ...address, address: 0x02, reset: 0xe2 },
      SUBADR2: { ...address, address: 0x03, reset: 0xe4 },
      SUBADR3: { ...address, address: 0x04, reset: 0xe8 },
      ALLCALLADR: { ...address, address: 0x05, reset: 0xe0 },
      /** Of channel 0: not this peripheral's to change. */
      LED0_ON_L: { ...touched, address: 0x06 },
      LED0_ON_H: { ...touched, address: 0x07 },
      LED0_OFF_L: { ...touched, address: 0x08 },
      LED0_OFF_H: { ...touched, address: 0x09 },
      /** Table 10: 3 and above. */
      PRE_SCALE: { ...byte, address: 0xfe, reset: 0x1e },
    },
    save: [
      { register: 'MODE2', mask: 0xff },
      { register: 'SUBADR1', mask: 0xff },
      { register: 'SUBADR2', mask: 0xff },
      { register: 'SUBADR3', mask: 0xff },
      { register: 'ALLCALLADR', mask: 0xff },
      'PRE_SCALE',
      // Last: it answers to the addresses again, and it wakes up.
      'MODE1',
    ],
    restore: [
      { step: 'write', register: 'MODE1', mask: 0xff, value: ASLEEP },
      // 7.3.1.1: RESTART is set at the end of the cycle.
      { step: 'delay', us: cycleUs(LONGEST_PRESCALE) },
      // 7.3.1.1, 3 and 4: after any of these RESTART is clear if MODE2.OCH is 0, after all of them if it is 1.
      { step: 'write', register: 'LED0_ON_L', mask: 0, value: 0 },
      { step: 'write', register: 'LED0_ON_H', mask: 0, value: 0 },
      { step: 'write', register: 'LED0_OFF_L', mask: 0, value: 0 },
      { step: 'write', register: 'LED0_OFF_H', mask: 0, value: 0 },
      { step: 'saved' },
      { step: 'delay', us: OSCILLATOR_US },
    ],
    irrevocable: [
      'pulses: the outputs stand still for 50 ms while the frequency is restored',
      'a RESTART that waits: after a rollback the outputs start with the oscillator',
    ],
  }),
);

/**
 * One channel of a PCA9685, 0 to 15: LEDn_ON_L, LEDn_ON_H, LEDn_OFF_L, LEDn_OFF_H (7.3.3).
 *
 * A restore writes one register at a time, so the channel is always OFF first: it gives no pulse that nobody wanted.
 * All of it is written twice because of MODE2.OCH = 1: there the output changes when each of the four has been written
 * since it changed last (7.3.2, table 6), and a failed call may have written some of them.
 */
export const pca9685Channel = defineChip(({ index, target }: I2cAddress, channel: number) => {
  const first = 0x06 + 4 * channel;
  return definePeripheral({
    name: `${chipName('pca9685', { bus: 'i2c', index, target })}.led${channel}`,
    source: 'NXP PCA9685 revision 4, table 7',
    space: { bus: 'i2c', index, target },
    registers: {
      /** The four of them; in one transfer if MODE1.AI is set, and then the output changes at once. */
      COUNTS: { ...byte, address: first, count: 4 },
      OFF_H: { ...byte, address: first + 3, reset: FULL_OFF, fields: { COUNT: field(0, 4), FULL: flag(4) } },
    },
    save: ['COUNTS'],
    restore: [{ step: 'write', register: 'OFF_H', mask: 0xff, value: FULL_OFF }, { step: 'saved' }, { step: 'saved' }],
    irrevocable: ['pulses', 'a RESTART that waits: a write to a channel ends that'],
  });
});

export type Pca9685Registers = ReturnType<typeof pca9685>;
export type Pca9685ChannelRegisters = ReturnType<typeof pca9685Channel>;
