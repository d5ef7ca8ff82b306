/**
 * What a worker may ask of the registers. Its own copy of the definitions has been asked already, but a driver that has
 * gone astray may have changed that, so only what the definitions allow here goes on; each op is made anew.
 */
import { RegisterError } from '../errors.js';
import type { Op, Place, TransferOp } from '../link/ops.js';
import { WAIT_MAX_US } from '../link/protocol.js';
import { accessClass } from '../registers/access.js';
import { matchesCommand, sendingOf } from '../registers/command-spec.js';
import type { CompiledCommand, CompiledPeripheral, CompiledRegister } from '../registers/compile.js';
import { allBits, fieldMask, type RegisterSpec } from '../registers/definition.js';
import { checkRange } from '../registers/values.js';

/** An op that is allowed, and how. */
export interface Admitted {
  readonly op: Op;
  /** It cannot be undone, so it waits for the commit, or is refused where an answer is wanted. */
  readonly irrevocable: boolean;
  readonly answers: boolean;
}

const MOST_IN_A_BLOCK = 0xff;
const MOST = 0xffff_ffff;
const WRITTEN_WHOLE: readonly string[] = ['rw', 'wo', 'write-once', 'permanent'];
const WRITTEN_BY_ONES: readonly string[] = ['w1c', 'w1s'];

/** Returns the op as it may be sent, or throws RegisterError. `numberOf` gives the peripheral's number on the board. */
export function admit(
  asked: Op,
  peripherals: readonly CompiledPeripheral[],
  numberOf: (peripheral: CompiledPeripheral) => number,
): Admitted {
  if (asked.op === 'delay') {
    return { op: { op: 'delay', us: checkRange('A delay', asked.us, MOST) }, irrevocable: false, answers: false };
  }
  if (!('at' in asked)) throw refused(`the op ${asked.op}`);
  const peripheral = peripherals[asked.at.peripheral];
  if (!peripheral) throw refused(`peripheral ${String(asked.at.peripheral)}`);
  const { block, offset, width } = asked.at;
  const same = (at: Omit<Place, 'peripheral'>) => at.block === block && at.offset === offset && at.width === width;
  const at = (place: Omit<Place, 'peripheral'>): Place => ({ peripheral: numberOf(peripheral), ...place });
  if (isTransfer(asked)) {
    const command = [...peripheral.commands.values()].find((each) => same(each.at) && isMessage(each, asked));
    if (!command) throw refused(`a message that ${peripheral.name} does not declare`);
    const { op: name, irrevocable } = sendingOf(command.spec);
    const bytes = Uint8Array.from(asked.bytes);
    const op: Op = { op: name, at: at(command.at), bytes, count: asked.count };
    return { op, irrevocable, answers: asked.count > 0 };
  }
  for (const registers of peripheral.registers.values()) {
    const index = registers.findIndex((each) => same(each.at));
    if (index < 0) continue;
    const register = registers[index]!;
    const op = onRegister(asked, register, `${peripheral.name}.${register.name}`, registers.length - index, at);
    const answers = ['read', 'poll', 'readBlock', 'readFifo'].includes(op.op);
    const { irrevocable = false } = accessClass(register.spec.access);
    return { op, irrevocable: irrevocable && (!answers || op.op === 'readFifo'), answers };
  }
  throw refused(`a register that ${peripheral.name} does not declare`);
}

const isTransfer = (asked: Op): asked is TransferOp => asked.op === 'transfer' || asked.op === 'query';

function isMessage({ spec }: CompiledCommand, { op, bytes, count }: TransferOp): boolean {
  return op === sendingOf(spec).op && count === (spec.reply ?? 0) && matchesCommand(spec, bytes);
}

/** `left`: how many registers of an array there are from this one on. */
function onRegister(
  asked: Exclude<Op, TransferOp> & { at: Place },
  { spec, owned, at: place }: CompiledRegister,
  name: string,
  left: number,
  placed: (place: Omit<Place, 'peripheral'>) => Place,
): Op {
  const { access } = spec;
  const all = allBits(spec);
  const at = placed(place);
  const need = (allowed: boolean): void => {
    if (!allowed) throw refused(`${asked.op} of ${name}, which is declared '${access}'`);
  };
  const reads = accessClass(access).reads && access !== 'fifo';
  switch (asked.op) {
    case 'read':
      need(reads);
      return { op: 'read', at };
    case 'poll': {
      need(reads);
      const { mask, value } = bitsOf(asked, name, all);
      return {
        op: 'poll',
        at,
        mask,
        value,
        timeoutUs: checkRange(`The time-out of ${name}`, asked.timeoutUs, WAIT_MAX_US),
      };
    }
    case 'write': {
      const value = checkRange(name, asked.value, all);
      const acting = access === 'w0c' ? ~value & all : value;
      const byFlags = WRITTEN_BY_ONES.includes(access) || access === 'w0c';
      need(byFlags ? (acting & ~owned) === 0 : WRITTEN_WHOLE.includes(access) && owned === all);
      return { op: 'write', at, value };
    }
    case 'masked': {
      const { mask, value } = bitsOf(asked, name, owned);
      need(mask === owned ? WRITTEN_WHOLE.includes(access) : access === 'rw' && (mask & actingBits(spec)) === 0);
      return { op: 'masked', at, mask, value };
    }
    case 'readBlock':
      need(reads);
      return {
        op: 'readBlock',
        at,
        count: checkRange(`How many of ${name}`, asked.count, Math.min(left, MOST_IN_A_BLOCK)),
      };
    case 'writeBlock':
      need(WRITTEN_WHOLE.includes(access) && asked.values.length <= left);
      return { op: 'writeBlock', at, values: valuesOf(asked.values, name, all) };
    case 'readFifo':
      need(access === 'fifo');
      return { op: 'readFifo', at, count: checkRange(`How many values of ${name}`, asked.count, MOST_IN_A_BLOCK) };
    case 'writeFifo':
      need(access === 'fifo');
      return { op: 'writeFifo', at, values: valuesOf(asked.values, name, all) };
    default:
      throw refused(`the op ${String((asked as { op: unknown }).op)}`);
  }
}

/** Flags of which a written 1 or 0 acts: nothing but a whole write may name them. */
function actingBits({ fields = {} }: RegisterSpec): number {
  const acting = Object.values(fields).filter(({ access }) => access === 'w1c' || access === 'w1s' || access === 'w0c');
  return acting.reduce((bits, each) => bits | fieldMask(each), 0) >>> 0;
}

function bitsOf({ mask, value }: { mask: number; value: number }, name: string, owned: number) {
  checkRange(`The mask of ${name}`, mask, MOST);
  checkRange(name, value, MOST);
  if ((mask & ~owned) !== 0 || (value & ~mask) !== 0) throw refused(`bits of ${name} that are not its own`);
  return { mask, value };
}

function valuesOf(values: ArrayLike<number>, name: string, largest: number): number[] {
  if (!(values.length <= MOST_IN_A_BLOCK)) throw refused(`more values of ${name} than one operation holds`);
  return Array.from(values, (value) => checkRange(name, value, largest));
}

const refused = (what: string): RegisterError =>
  new RegisterError('undeclared-register', `The worker asked for ${what}: it was refused. No definition allows it.`);
