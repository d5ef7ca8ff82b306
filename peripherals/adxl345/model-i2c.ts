import type { I2cTarget } from '../../transports/emulator/bus-targets.js';
import { ADDRESSES } from './model-registers.js';

/** What an ADXL345 is to its I²C interface. */
export interface Registers {
  powered(): boolean;
  /** Whatever was read before is over: a START or a STOP. */
  begin(): void;
  read(register: number): number;
  write(register: number, byte: number): void;
}

/** ADXL345 figure 41: a register address, then bytes for it and the ones behind it. The address stays for a read. */
export function makeI2c(chip: Registers): I2cTarget & { reset(): void } {
  let pointer = 0;
  let pointerComes = false;
  const step = (): void => {
    pointer = (pointer + 1) % ADDRESSES;
  };

  return {
    start(direction) {
      if (!chip.powered()) return false;
      chip.begin();
      pointerComes = direction === 'write';
      return true;
    },
    write(byte) {
      if (!chip.powered()) return false;
      if (pointerComes) {
        pointer = byte & (ADDRESSES - 1);
        pointerComes = false;
      } else {
        chip.write(pointer, byte & 0xff);
        step();
      }
      return true;
    },
    read() {
      if (!chip.powered()) return 0xff;
      const value = chip.read(pointer);
      step();
      return value;
    },
    stop: () => chip.begin(),
    reset() {
      pointer = 0;
      pointerComes = false;
    },
  };
}
