/**
 * A thread that has just started has compiled nothing yet: its first call takes milliseconds instead of microseconds. So
 * a spare rehearses: it runs calls of a driver of its own, to which nobody listens.
 */
import { Driver, peripheral } from '../driver.js';
import { entryPoint } from '../entry-point.js';
import { definePeripheral } from '../registers/definition.js';
import { attach, type Handle } from '../registers/handles.js';
import { state } from '../state/index.js';
import type { Answer, FromWorker, ToWorker } from './messages.js';

const nothing = definePeripheral({
  name: 'nothing',
  source: 'none: it is on no board',
  registers: { R: { address: 0, access: 'rw', fields: { ALL: { bit: 0, width: 32 } } } },
  save: ['R'],
});

class Rehearsal extends Driver {
  @peripheral accessor nothing: Handle<typeof nothing> = attach(nothing, undefined as never);
  @state accessor calls = 0;
  @state accessor log: { readonly at: number }[] = [];
  @state accessor bytes = new Uint8Array(8);

  @entryPoint
  async rehearse(fails: boolean): Promise<unknown> {
    this.calls++;
    this.log.push({ at: this.calls });
    this.bytes[0] = this.calls;
    await this.nothing.R.write({ ALL: 1 });
    await this.nothing.R.modify({ ALL: (await this.nothing.R.read()).ALL });
    if (fails) throw new Error('as rehearsed');
    return this.log;
  }
}

const TIMES = 20;

/** Runs the calls; `serve` is the worker's own, given a way to post and a class. */
export function rehearse(
  serve: (post: (message: FromWorker) => void, driverClass: typeof Rehearsal) => (message: ToWorker) => void,
): Promise<void> {
  return new Promise((resolve) => {
    let call = 0;
    const take = serve((message) => {
      if (message.type === 'unusable' || message.type === 'hooked') return;
      if (message.type !== 'ops') {
        next();
        return;
      }
      const answers: Answer[] = message.ops.flatMap((asked) => ('ask' in asked ? [{ ask: asked.ask, result: 1 }] : []));
      if (answers.length > 0) take({ type: 'answers', call, answers });
    }, Rehearsal);
    const next = (): void => {
      if (call === TIMES) {
        resolve();
        return;
      }
      const values =
        call === 0
          ? ([
              ['calls', 0],
              ['log', []],
              ['bytes', new Uint8Array(8)],
            ] as const)
          : [];
      take({
        type: 'call',
        call: ++call,
        method: 'rehearse',
        args: [call % 2 === 0],
        state: { values, withheld: [] },
        plain: { values: call === 1 ? [['output', 'A']] : [], withheld: [] },
      });
    };
    const setup = { specs: [nothing], peripherals: { nothing: 0 }, invariants: [] };
    take({ type: 'load', module: 'none', className: 'Rehearsal', setup });
    next();
  });
}
