import { PioPins, type BlockPins } from './pio-pins.js';
import { PioShift } from './pio-shift.js';

/** What a state machine shares with its block. */
export interface PioBlock extends BlockPins {
  readonly instructions: Uint16Array;
  /** The eight IRQ flags. */
  flags: number;
  input(pin: number): boolean;
  /** An event of the FIFO debug register: its lowest bit, for machine 0. */
  note(machine: number, bit: number): void;
}

const ADDRESSES = 0x1f;
function reversed(value: number): number {
  let result = 0;
  for (let bit = 0; bit < 32; bit++) result |= ((value >>> bit) & 1) << (31 - bit);
  return result >>> 0;
}

/**
 * One PIO state machine, cycle by cycle (RP2040 datasheet 3.2 to 3.5). Not modelled: the two cycles that the input
 * synchronisers take, and OUT_STICKY.
 */
export class PioMachine {
  readonly shift: PioShift;
  readonly pins: PioPins;
  pc = 0;
  /** An instruction from INSTR, OUT EXEC or MOV EXEC that is still to be executed, or stalled. */
  latched: number | undefined;
  /** The last cycle could do nothing, and the next one cannot either unless something changes. */
  parked = false;
  #x = 0;
  #y = 0;
  #delay = 0;
  #raisedAndWaits = false;
  /** Set by an instruction that gave PC a value. */
  #jumped = false;
  readonly #block: PioBlock;
  readonly #index: number;

  constructor(block: PioBlock, index: number) {
    this.#block = block;
    this.#index = index;
    this.shift = new PioShift((bit) => block.note(index, bit));
    this.pins = new PioPins(block);
  }

  reset(): void {
    this.restart();
    this.shift.flush();
    this.pc = this.#x = this.#y = this.shift.osr = 0;
  }

  /** 3.7, CTRL.SM_RESTART: PC, OSR, X and Y stay. */
  restart(): void {
    this.shift.restart();
    this.#delay = 0;
    this.#raisedAndWaits = false;
    this.latched = undefined;
  }

  /** What a write to INSTR does: the instruction takes the place of the one at PC (3.5.7). */
  inject(instruction: number): void {
    this.latched = instruction;
    this.#raisedAndWaits = false;
    this.#delay = 0;
    this.#execute(instruction, false);
  }

  /** One cycle of the machine's clock. */
  cycle(): void {
    this.parked = false;
    if (this.#delay > 0) this.#delay--;
    else if (this.latched !== undefined) this.#execute(this.latched, false);
    else this.#execute(this.#block.instructions[this.pc]!, true);
    this.shift.endCycle();
  }

  #execute(instruction: number, fromMemory: boolean): void {
    const before = this.latched;
    this.#jumped = false;
    this.pins.sideSet((instruction >> 8) & 0x1f);
    if (!this.#perform(instruction)) return;
    const follows = this.latched !== before;
    if (!fromMemory && !follows) this.latched = undefined;
    if (fromMemory && !this.#jumped) this.pc = this.#next;
    // 3.4.5.2 and 3.4.8.2: EXEC ignores the delay of the instruction that carries it.
    if (!follows) this.#delay = this.pins.delay((instruction >> 8) & 0x1f);
  }

  get #next(): number {
    const { execctrl } = this.pins;
    const [top, bottom] = [(execctrl >> 12) & ADDRESSES, (execctrl >> 7) & ADDRESSES];
    return this.pc === top ? bottom : (this.pc + 1) & ADDRESSES;
  }

  /** Returns whether the instruction is over; if not, it is tried again in the next cycle. */
  #perform(instruction: number): boolean {
    const operand = instruction & 0xff;
    switch (instruction >> 13) {
      case 0:
        if (this.#condition(operand >> 5)) this.#jump(operand);
        return true;
      case 1:
        return this.#wait(operand);
      case 2:
        return this.shift.shiftIn(this.#source(operand >> 5), operand & 0x1f || 32) || this.#stall();
      case 3:
        return this.#out(operand >> 5, operand & 0x1f || 32);
      case 4:
        return this.#pushOrPull(operand) || this.#stall();
      case 5:
        this.#move(operand);
        return true;
      case 6:
        return this.#irq(operand);
      default:
        this.#set(operand >> 5, operand & 0x1f);
        return true;
    }
  }

  #stall(): boolean {
    this.parked = true;
    return false;
  }

  #jump(address: number): void {
    this.pc = address & ADDRESSES;
    this.#jumped = true;
  }

  /** 3.4.2. */
  #condition(condition: number): boolean {
    switch (condition) {
      case 1:
        return this.#x === 0;
      case 2:
        this.#x = (this.#x - 1) >>> 0;
        return this.#x !== 0xffffffff;
      case 3:
        return this.#y === 0;
      case 4:
        this.#y = (this.#y - 1) >>> 0;
        return this.#y !== 0xffffffff;
      case 5:
        return this.#x !== this.#y;
      case 6:
        return this.#block.input((this.pins.execctrl >> 24) & 0x1f);
      case 7:
        return !this.shift.osrUsedUp;
      default:
        return true;
    }
  }

  /** 3.4.3. */
  #wait(operand: number): boolean {
    const wanted = operand >> 7 === 1;
    const index = operand & 0x1f;
    switch ((operand >> 5) & 3) {
      case 0:
        return this.#block.input(index) === wanted || this.#stall();
      case 1:
        return this.#block.input((index + this.pins.inBase) & 0x1f) === wanted || this.#stall();
      case 2: {
        const flag = 1 << this.#flag(index);
        if (((this.#block.flags & flag) !== 0) !== wanted) return this.#stall();
        if (wanted) this.#block.flags &= ~flag;
        return true;
      }
      default:
        return true;
    }
  }

  /** 3.4.9.2: bit 4 adds the number of the machine to the lowest two bits. */
  #flag(index: number): number {
    return index & 0x10 ? (index & 4) | ((index + this.#index) & 3) : index & 7;
  }

  /** 3.4.5. */
  #out(destination: number, bits: number): boolean {
    const data = this.shift.shiftOut(bits);
    if (data === 'refilled') return false;
    if (data === 'empty') return this.#stall();
    this.#deliver(destination, data, bits);
    return true;
  }

  #deliver(destination: number, data: number, bits: number): void {
    switch (destination) {
      case 0:
        this.pins.out('setLevels', data);
        break;
      case 1:
        this.#x = data;
        break;
      case 2:
        this.#y = data;
        break;
      case 4:
        this.pins.out('setDirections', data);
        break;
      case 5:
        this.#jump(data);
        break;
      case 6:
        this.shift.isr = data;
        this.shift.isrCount = bits;
        break;
      case 7:
        this.latched = data & 0xffff;
        break;
    }
  }

  /** 3.4.6 and 3.4.7. */
  #pushOrPull(operand: number): boolean {
    const [conditional, blocks] = [(operand & 0x40) !== 0, (operand & 0x20) !== 0];
    return operand & 0x80 ? this.shift.pull(conditional, blocks, this.#x) : this.shift.push(conditional, blocks);
  }

  /** 3.4.8. */
  #move(operand: number): void {
    let data = this.#source(operand & 7);
    const operation = (operand >> 3) & 3;
    if (operation === 1) data = ~data >>> 0;
    else if (operation === 2) data = reversed(data);
    const destination = operand >> 5;
    if (destination === 4) this.latched = data & 0xffff;
    else if (destination === 7) {
      this.shift.osr = data;
      this.shift.osrCount = 0;
    } else if (destination !== 3) this.#deliver(destination, data, 0);
  }

  #source(source: number): number {
    switch (source) {
      case 0:
        return this.pins.read();
      case 1:
        return this.#x;
      case 2:
        return this.#y;
      case 5:
        return this.#status;
      case 6:
        return this.shift.isr;
      case 7:
        return this.shift.osr;
      default:
        return 0;
    }
  }

  /** 3.7, EXECCTRL.STATUS_SEL. */
  get #status(): number {
    const { execctrl } = this.pins;
    const { length } = execctrl & 0x10 ? this.shift.rx : this.shift.tx;
    return length < (execctrl & 0xf) ? 0xffffffff : 0;
  }

  /** 3.4.9. */
  #irq(operand: number): boolean {
    const flag = 1 << this.#flag(operand & 0x1f);
    if (operand & 0x40) this.#block.flags &= ~flag;
    else if (!this.#raisedAndWaits) {
      this.#block.flags |= flag;
      if (operand & 0x20) {
        this.#raisedAndWaits = true;
        return this.#stall();
      }
    } else if (this.#block.flags & flag) return this.#stall();
    this.#raisedAndWaits = false;
    return true;
  }

  /** 3.4.10. */
  #set(destination: number, data: number): void {
    if (destination === 0) this.pins.set('setLevels', data);
    else if (destination === 1) this.#x = data;
    else if (destination === 2) this.#y = data;
    else if (destination === 4) this.pins.set('setDirections', data);
  }
}
