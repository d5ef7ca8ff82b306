/** The register map of an emulated PCA9685. Sections are those of the PCA9685 datasheet, NXP, revision 4. */

/** Register addresses (7.3, table 4). */
export const MODE1 = 0x00;
export const MODE2 = 0x01;
export const SUBADR1 = 0x02;
export const ALLCALLADR = 0x05;
export const LED_FIRST = 0x06;
export const LED_LAST = 0x45;
export const ALL_LED_FIRST = 0xfa;
export const ALL_LED_LAST = 0xfd;
export const PRE_SCALE = 0xfe;
export const TEST_MODE = 0xff;

/** MODE1 (7.3.1, table 5). */
export const RESTART = 1 << 7;
export const EXTCLK = 1 << 6;
export const AI = 1 << 5;
export const SLEEP = 1 << 4;
export const ALLCALL = 1 << 0;
/** SUB1, SUB2 and SUB3 are bits 3, 2 and 1. */
export const SUB = [1 << 3, 1 << 2, 1 << 1];
/** MODE2: outputs change on STOP, or on the ACK of the fourth register of a channel (7.3.2, table 6). */
export const OCH = 1 << 3;

/** Reset values that are not 0 (tables 5 to 10); every LEDn_OFF_H is 0x10, full OFF (7.3.3, table 7). */
const RESET: readonly (readonly [register: number, value: number])[] = [
  [MODE1, SLEEP | ALLCALL],
  [MODE2, 0x04],
  [SUBADR1, 0xe2],
  [SUBADR1 + 1, 0xe4],
  [SUBADR1 + 2, 0xe8],
  [ALLCALLADR, 0xe0],
  [PRE_SCALE, 0x1e],
];
const LED_OFF_H_RESET = 0x10;

/** Table 4: reserved addresses are not acknowledged. */
export function isRegister(register: number): boolean {
  return register <= LED_LAST || (register >= ALL_LED_FIRST && register <= TEST_MODE);
}

export function resetRegisters(): Uint8Array {
  const registers = new Uint8Array(256);
  for (const [register, value] of RESET) registers[register] = value;
  for (let register = LED_FIRST + 3; register <= LED_LAST; register += 4) registers[register] = LED_OFF_H_RESET;
  return registers;
}
