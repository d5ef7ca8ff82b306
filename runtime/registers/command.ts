import type { Op, Place } from '../link/ops.js';
import { encodeCommand, sendingOf, type CommandSpec } from './command-spec.js';
import type { CompiledCommand, CompiledPeripheral } from './compile.js';
import type { RegisterPort } from './register.js';

/** What a caller can do with a command: with an answer, or without. */
export type CommandHandle<C extends CommandSpec> = C extends { readonly reply: number }
  ? {
      /** Sends the message with the caller's bytes; resolves with the answer. */ ask(
        ...values: readonly number[]
      ): Promise<Uint8Array>;
    }
  : { /** Sends the message with the caller's bytes. */ send(...values: readonly number[]): Promise<void> };

/** A command at work; which of its methods a caller sees is decided by `CommandHandle`. */
export class Command {
  readonly #port: RegisterPort;
  readonly #peripheral: CompiledPeripheral;
  readonly #command: CompiledCommand;

  constructor(port: RegisterPort, peripheral: CompiledPeripheral, command: CompiledCommand) {
    this.#port = port;
    this.#peripheral = peripheral;
    this.#command = command;
  }

  send(...values: readonly number[]): Promise<void> {
    return this.#encoded(values, (bytes) => this.sendMessage(bytes));
  }

  ask(...values: readonly number[]): Promise<Uint8Array> {
    return this.#encoded(values, (bytes) => this.askMessage(bytes));
  }

  /** Sends a message that is this command, and asks for no answer. */
  sendMessage(bytes: Uint8Array): Promise<void> {
    const { irrevocable } = sendingOf(this.#command.spec);
    const op = this.#op(bytes, 0);
    return irrevocable ? this.#port.defer(op) : this.#port.post(op);
  }

  /** Sends a message that is this command; resolves with the answer. */
  async askMessage(bytes: Uint8Array): Promise<Uint8Array> {
    const { spec } = this.#command;
    const op = this.#op(bytes, spec.reply ?? 0);
    return (await (sendingOf(spec).irrevocable ? this.#port.take(op) : this.#port.ask(op))) as Uint8Array;
  }

  #encoded<T>(values: readonly number[], run: (bytes: Uint8Array) => Promise<T>): Promise<T> {
    let bytes: Uint8Array;
    try {
      bytes = encodeCommand(`${this.#peripheral.name}.${this.#command.name}`, this.#command.spec, values);
    } catch (error) {
      return this.#port.refuse(error as Error);
    }
    return run(bytes);
  }

  #op(bytes: Uint8Array, count: number): Op {
    return { op: sendingOf(this.#command.spec).op, at: this.#place(), bytes, count };
  }

  #place(): Place {
    return { peripheral: this.#port.numberOf(this.#peripheral), ...this.#command.at };
  }
}
