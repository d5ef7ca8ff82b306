import type { BoardSession } from '../board.js';
import { runAsTransaction } from '../call.js';
import { hasFeature } from '../link/hello.js';
import { missingFeature } from '../link/link-errors.js';
import type { CompiledPeripheral, CompiledRegister } from '../registers/compile.js';
import type { Notice } from './event.js';

/** Who wants to hear of a register. */
export interface Listener {
  /** The bits that it wants to hear of. */
  readonly mask: number;
  readonly raised: (what: number, us: number) => void;
  readonly notice: (notice: Notice) => void;
  readonly failed: (error: unknown) => void;
  readonly closed: () => void;
}

/** A register that is watched, or is about to be, or no longer. */
interface Watch {
  readonly peripheral: CompiledPeripheral;
  readonly register: CompiledRegister;
  /** The register whose bits, at the same places, let the interrupts through. */
  readonly enable: CompiledRegister | undefined;
  readonly listeners: Set<Listener>;
  /** The mask under which the controller watches it now. */
  active: number;
  /** Who has been told `watching`. */
  readonly told: Set<Listener>;
  changing: boolean;
}

/**
 * Which registers somebody listens to, and which the controller watches: made equal by transactions, which wait for the
 * peripheral as any call does.
 */
export class Watches {
  readonly #board: BoardSession;
  readonly #watches = new Map<CompiledRegister, Watch>();

  constructor(board: BoardSession) {
    this.#board = board;
  }

  /** Every listener that hears of a peripheral, with the bits of an event that concern it. */
  listenersOf(peripheral: CompiledPeripheral | undefined): readonly Listener[] {
    return [...this.#watches.values()]
      .filter((watch) => watch.peripheral === peripheral)
      .flatMap(({ listeners }) => [...listeners]);
  }

  get listeners(): readonly Listener[] {
    return [...this.#watches.values()].flatMap(({ listeners }) => [...listeners]);
  }

  /** Returns what ends it. */
  listen(
    peripheral: CompiledPeripheral,
    register: CompiledRegister,
    enable: CompiledRegister | undefined,
    listener: Listener,
  ): () => void {
    let watch = this.#watches.get(register);
    if (!watch) {
      const listeners = new Set<Listener>();
      const told = new Set<Listener>();
      watch = { peripheral, register, enable, listeners, active: 0, told, changing: false };
      this.#watches.set(register, watch);
    }
    const { listeners } = watch;
    listeners.add(listener);
    void this.#adjust(watch);
    return () => {
      listeners.delete(listener);
      void this.#adjust(watch);
    };
  }

  /** The controller has forgotten all: what is listened to must be watched anew. */
  forget(): void {
    for (const watch of this.#watches.values()) {
      watch.active = 0;
      watch.told.clear();
    }
  }

  watchAgain(): void {
    for (const watch of this.#watches.values()) void this.#adjust(watch);
  }

  /** Until what the controller watches is what is listened to: that may change meanwhile. */
  async #adjust(watch: Watch): Promise<void> {
    if (watch.changing) return;
    watch.changing = true;
    while (watch.changing) await this.#step(watch);
  }

  async #step(watch: Watch): Promise<void> {
    const wanted = maskOf(watch);
    const { link } = this.#board;
    if (wanted === watch.active) return this.#settle(watch);
    try {
      await this.#change(watch, wanted);
      if (link === this.#board.link) watch.active = wanted;
    } catch (error) {
      // Over another link it is tried again. What a lost one means is the recovery's to say: it ends in `watchAgain`, or
      // in the end of all listeners.
      if (link !== this.#board.link) return;
      watch.changing = false;
      if (!link.failure) for (const listener of watch.listeners) listener.failed(error);
    }
  }

  #settle(watch: Watch): void {
    const untold = [...watch.listeners].filter((listener) => !watch.told.has(listener));
    for (const listener of untold) {
      watch.told.add(listener);
      listener.notice({ type: 'watching' });
    }
    if (untold.length > 0) return;
    watch.changing = false;
    if (watch.listeners.size === 0) this.#watches.delete(watch.register);
  }

  async #change({ peripheral, register, enable, active }: Watch, mask: number): Promise<void> {
    const board = this.#board;
    const name = `${mask === 0 ? 'unwatch' : 'watch'} ${peripheral.name}.${register.name}`;
    if (!hasFeature(board.hello, 'events')) throw missingFeature('events', name);
    const number = board.numberOf(peripheral);
    await runAsTransaction({ board, name, drivers: [] }, (scope) => ({
      run: async () => {
        const changed = (mask ^ active) >>> 0;
        if (enable) {
          const at = { peripheral: number, ...enable.at };
          await scope.post({ op: 'masked', at, mask: changed, value: (mask & changed) >>> 0 });
        }
        await scope.ask({ op: 'watch', at: { peripheral: number, ...register.at }, mask });
      },
      prepare: () => () => {},
      discard: () => {},
    }));
  }
}

const maskOf = ({ listeners }: Watch): number => [...listeners].reduce((mask, each) => (mask | each.mask) >>> 0, 0);
