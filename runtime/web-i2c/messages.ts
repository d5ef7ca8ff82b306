import { RegisterError } from '../errors.js';
import { Command } from '../registers/command.js';
import type { CompiledRegister } from '../registers/compile.js';
import { allBits } from '../registers/definition.js';
import { hex } from '../hex.js';
import { Register, type RegisterPort } from '../registers/register.js';
import { listed, type Chip, type Located, type LocatedCommand } from './chip.js';

/** The number of registers in one operation is one byte. */
const MOST_REGISTERS = 0xff;

/** Which register comes next, as far as the host knows; undefined before any message has said. */
export interface Pointer {
  address: number | undefined;
}

/** Carries out a message to a chip: a command, or a register address with what to write from there on. */
export function sendMessage(
  port: RegisterPort,
  chip: Chip,
  pointer: Pointer,
  message: readonly number[],
): Promise<void> {
  const [command] = chip.commandsFor(message);
  if (command) return new Command(port, command.peripheral, command.command).sendMessage(Uint8Array.from(message));
  const { addressBytes } = chip;
  const data = message.slice(addressBytes);
  const address = message.slice(0, addressBytes).reduce((high, byte) => high * 256 + byte, 0);
  if (message.length < Math.max(1, addressBytes) || !chip.registers.has(address)) {
    throw undeclaredMessage(chip, message, chip.registers.size === 0 ? undefined : address);
  }
  const runs = runsOf(chip, address, data.length, `the message ${listed(message)}`, 'whole');
  pointer.address = after(chip, address, data.length);
  let at = 0;
  const sent = runs.map(({ owners, count }) => {
    const { bytes } = owners[0]!;
    const values = Array.from({ length: count }, () => valueOf(owners[0]!, data.slice(at, (at += bytes))));
    return Promise.all(owners.map((owner) => writeRun(port, owner, values)));
  });
  return Promise.all(sent).then(() => undefined);
}

/** Reads from the register that the pointer is at, or what the chip gives by itself. */
export function receive(port: RegisterPort, chip: Chip, pointer: Pointer, count: number): Promise<Uint8Array> {
  const answer = ask(port, chip, [], count);
  if (answer) return answer;
  const address = pointer.address ?? (chip.addressBytes === 0 ? 0 : undefined);
  if (address === undefined) {
    const { raw } = chip;
    if (!raw) throw undeclaredMessage(chip, [], undefined);
    return registerOf(port, raw)
      .pull(count)
      .then((values) => Uint8Array.from(values));
  }
  const runs = runsOf(chip, address, count, `${count} bytes from ${hex(address)}`, 'begun');
  pointer.address = after(chip, address, count);
  return Promise.all(runs.map((run) => readRun(port, run))).then((parts) =>
    Uint8Array.from(parts.flat().slice(0, count)),
  );
}

/** Sends a register address and reads, in one transfer: a command that has an answer, or registers. */
export function exchange(
  port: RegisterPort,
  chip: Chip,
  pointer: Pointer,
  message: readonly number[],
  count: number,
): Promise<Uint8Array> {
  const answer = ask(port, chip, message, count);
  if (answer) return answer;
  if (message.length !== chip.addressBytes) throw undeclaredMessage(chip, message, undefined);
  void sendMessage(port, chip, pointer, message);
  return receive(port, chip, pointer, count);
}

/** The answer to a message that is a command; undefined if it is none. */
function ask(
  port: RegisterPort,
  chip: Chip,
  message: readonly number[],
  count: number,
): Promise<Uint8Array> | undefined {
  const commands = chip.commandsFor(message);
  const [first] = commands;
  if (!first) return undefined;
  const replyOf = ({ command: { spec } }: LocatedCommand): number => spec.reply ?? 0;
  const long = commands.filter((each) => replyOf(each) >= count).toSorted((a, b) => replyOf(a) - replyOf(b));
  const [fitting] = long;
  if (!fitting) throw tooMany(`${first.peripheral.name}.${first.command.name}`, count, replyOf(first));
  return new Command(port, fitting.peripheral, fitting.command)
    .askMessage(Uint8Array.from(message))
    .then((answer) => answer.subarray(0, count));
}

/** Registers that one operation can reach. */
interface Run {
  readonly owners: readonly Located[];
  count: number;
}

/** The registers from an address on that so many bytes fill. `whole`: they must fill the last one, too. */
function runsOf(chip: Chip, first: number, length: number, what: string, last: 'whole' | 'begun'): Run[] {
  const runs: Run[] = [];
  let previous: Located | undefined;
  let address = first;
  for (let at = 0; at < length;) {
    const owners = chip.registers.get(address);
    if (!owners) throw undeclared(chip, address, what);
    const [owner] = owners as [Located];
    const { bytes, register } = owner;
    if (last === 'whole' && at + bytes > length) {
      throw new RegisterError(
        'value-out-of-range',
        `${chip.name}: ${what} ends inside ${register.name}, which has ${bytes} bytes. Write all of them.`,
      );
    }
    const run = runs.at(-1);
    if (register.spec.access === 'fifo') {
      // A stream stays at its address, and takes all that follows.
      const count = Math.ceil((length - at) / bytes);
      runs.push({ owners, count });
      at += count * bytes;
    } else {
      if (run && owners.length === 1 && previous && follows(previous, owner) && run.count < MOST_REGISTERS) run.count++;
      else runs.push({ owners, count: 1 });
      at += bytes;
    }
    previous = owners.length === 1 ? owner : undefined;
    address += chip.wholeRegisters ? 1 : bytes;
  }
  return runs;
}

/** Whether one operation can go on from one register to the next. */
function follows(one: Located, next: Located): boolean {
  const [a, b] = [one.register, next.register];
  return (
    one.peripheral === next.peripheral &&
    a.at.block === b.at.block &&
    a.at.offset + one.bytes === b.at.offset &&
    a.spec.access === b.spec.access &&
    BURSTS.has(a.spec.access) &&
    a.spec.busyUs === b.spec.busyUs &&
    isPlain(a) &&
    isPlain(b)
  );
}

const BURSTS: ReadonlySet<string> = new Set(['rw', 'ro', 'wo', 'rc', 'rs', 'write-once', 'permanent']);
const isPlain = ({ owned, spec }: CompiledRegister): boolean => owned === allBits(spec) && !spec.unlock;

const registerOf = (port: RegisterPort, { peripheral, register }: Located): Register =>
  new Register(port, peripheral, register);

/** The bytes are what they are: a driver that writes flags means those that it writes. */
function writeRun(port: RegisterPort, owner: Located, values: readonly number[]): Promise<void> {
  const handle = registerOf(port, owner);
  const { access } = owner.register.spec;
  if (access === 'fifo') return handle.push(values);
  if (values.length > 1) return handle.writeBlock(values);
  const value = values[0]!;
  if (access === 'w1c') return handle.clear(value);
  if (access === 'w1s') return handle.set(value);
  if (access === 'w0c') return handle.clear((allBits(owner.register.spec) & ~value) >>> 0);
  return handle.writeBits(value);
}

async function readRun(port: RegisterPort, { owners, count }: Run): Promise<number[]> {
  const [owner] = owners as [Located];
  const handle = registerOf(port, owner);
  if (owner.register.spec.access === 'fifo') return bytesOf(owner, await handle.pull(count));
  if (count > 1) return bytesOf(owner, await handle.readBlock(count));
  const parts = await Promise.all(owners.map((each) => registerOf(port, each).readBits()));
  return bytesOf(owner, [parts.reduce((value, part) => (value | part) >>> 0, 0)]);
}

function valueOf({ highByteFirst }: Located, bytes: readonly number[]): number {
  const ordered = highByteFirst ? bytes : bytes.toReversed();
  return ordered.reduce((high, byte) => high * 256 + byte, 0);
}

function bytesOf({ bytes, highByteFirst }: Located, values: ArrayLike<number>): number[] {
  return Array.from(values).flatMap((value) => {
    const low = Array.from({ length: bytes }, (_, index) => (value >>> (8 * index)) & 0xff);
    return highByteFirst ? low.toReversed() : low;
  });
}

/** Where the chip is after so many bytes: it counts addresses up, unless an address is a whole register. */
const after = ({ wholeRegisters, addressBytes }: Chip, address: number, length: number): number | undefined =>
  addressBytes === 0 || wholeRegisters ? address : address + length;

const undeclared = (chip: Chip, address: number, what: string): RegisterError =>
  new RegisterError(
    'undeclared-register',
    `${chip.name} has no register at ${hex(address)}, which ${what} would reach. Declare it in the chip's definition.`,
  );

const undeclaredMessage = (chip: Chip, message: readonly number[], address: number | undefined): RegisterError =>
  new RegisterError(
    'undeclared-message',
    message.length === 0
      ? `${chip.name} was read without a register address, and none was written before. Write one first, or declare a command of no bytes with its reply.`
      : `${chip.name}: nothing says what the message ${listed(message)} does${address === undefined ? '' : `, because there is no register at ${hex(address)}`}. Declare it in the chip's definition, as a register or as a command.`,
  );

const tooMany = (command: string, count: number, reply: number): RegisterError =>
  new RegisterError('value-out-of-range', `${command} answers with ${reply} bytes, not ${count}.`);
