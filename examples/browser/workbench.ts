/** The page with an open board: what is chosen, what is shown, and what happens when something is called. */
import { pico } from '../../peripherals/rp2040/index.js';
import {
  isolate,
  setPolicies,
  type DriverIsolation,
  type Isolation,
  type PeripheralSpec,
} from '../../runtime/index.js';
import { webThreads } from '../../runtime/isolation/web.js';
import { benches, type Call, type DriverAtWork } from './benches.js';
import { recordWrites, storiesOf } from './call-record.js';
import type { Connection } from './connection.js';
import { byId, element } from './element.js';
import type { FaultInjector, FaultKind } from './faults.js';
import { callForm, faultChoice, policyChoice } from './forms.js';
import { live } from './live.js';
import { showOutcome, showRunning } from './outcome-view.js';
import { registerView, type ShownPeripheral } from './register-view.js';
import { snapshot, watch } from './registers.js';
import { storyTable } from './story-view.js';
import { timelineView } from './timeline-view.js';
import { followTrace } from './transactions.js';

/** For the console: `bench.board.pwm.ch[1].CC.read()`. */
declare global {
  var bench: (Connection & { driver?: DriverAtWork['driver'] }) | undefined;
}

const LIVE_MS = 500;

/** Every peripheral of the board, to choose from. */
const ALL: readonly PeripheralSpec[] = Object.values(pico.peripherals).flatMap(flat);

function flat(tree: object): PeripheralSpec[] {
  if ('registers' in tree && 'save' in tree) return [tree as PeripheralSpec];
  return Object.values(tree).flatMap((each) => flat(each as object));
}

export interface Workbench {
  /** Stops looking at the board, and gives the workers back. */
  stop(): Promise<void>;
}

export function workbench(connection: Connection, injector: FaultInjector): Workbench {
  const { board } = connection;
  const threads = webThreads({ start: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }) });
  const drivers = new Map<string, Promise<DriverAtWork>>();
  const isolations = new Map<DriverAtWork, DriverIsolation>();
  const registers = registerView(byId('registers'));
  const operation = byId('operation', HTMLInputElement);
  let atWork: DriverAtWork | undefined;
  let shown: ShownPeripheral[] = [];
  let extra: PeripheralSpec[] = [];
  let policy: Isolation = 'inline';
  let fault: FaultKind = 'none';
  let calling = false;
  /** Ends with the board: the page's own elements stay. */
  const listening = new AbortController();
  const { signal } = listening;

  const watched = () => shown.flatMap((each) => each.registers);
  const reading = live(LIVE_MS, async () => registers.update(await snapshot(watched())));

  function show(): void {
    const own = atWork?.peripherals ?? [];
    shown = [
      ...own.map((spec) => ({ spec, registers: watch(spec, board) })),
      ...extra.map((spec) => ({ spec, registers: watch(spec, board), remove: () => hide(spec) })),
    ];
    registers.show(shown);
    const names = new Set(shown.map(({ spec }) => spec.name));
    byId('more').replaceChildren(
      element('option', { value: '' }, 'a peripheral…'),
      ...ALL.filter(({ name }) => !names.has(name)).map(({ name }) => element('option', { value: name }, name)),
    );
  }

  async function reshow(): Promise<void> {
    await reading.pause();
    show();
    reading.resume();
  }

  function hide(spec: PeripheralSpec): void {
    extra = extra.filter((each) => each !== spec);
    void reshow().then(() => byId('more').focus());
  }

  function applyPolicy(): void {
    if (!atWork) return;
    const { calls, driver } = atWork;
    setPolicies(driver, Object.fromEntries(calls.map(({ name }) => [name, policy])));
    if (policy === 'worker' && !isolations.has(atWork)) {
      isolations.set(atWork, isolate(driver, { module: new URL('./drivers.js', import.meta.url), threads }));
    }
    for (const form of document.querySelectorAll('form[data-worker-only] button'))
      form.toggleAttribute('disabled', policy !== 'worker');
  }

  async function useDriver(id: string): Promise<void> {
    await reading.pause();
    const chosen = benches.find((each) => each.id === id)!;
    if (!drivers.has(id)) drivers.set(id, chosen.start(board));
    atWork = await drivers.get(id)!;
    const { calls, driver } = atWork;
    byId('calls').replaceChildren(...calls.map((each) => callForm(each, (values) => void call(each, values))));
    globalThis.bench = { ...connection, driver };
    applyPolicy();
    showState();
    show();
    reading.resume();
  }

  function showState(): void {
    const state = Object.entries(atWork!.state()).map(([name, value]) => `${name} ${String(value)}`);
    byId('driver-state').textContent = `State of the driver: ${state.join(', ')}.`;
  }

  async function call({ name, run }: Call, values: readonly number[]): Promise<void> {
    if (calling || !atWork) return;
    calling = true;
    const title = `${atWork.driver.constructor.name}.${name}(${values.join(', ')})`;
    document.body.toggleAttribute('data-calling', true);
    showRunning(title);
    await reading.pause();
    try {
      const before = await snapshot(watched());
      registers.update(before);
      registers.forget();
      const writes = recordWrites(board);
      injector.arm(fault, operation.valueAsNumber);
      const ended = await run(...values).then(
        (result) => ({ result }),
        (error: unknown) => ({ error }),
      );
      const { operations, fired } = injector.disarm();
      byId('operations').textContent = `The last call had ${operations} operations.`;
      const note =
        fault !== 'none' && !fired ? `No failure was injected: it ended before operation ${operation.value}.` : '';
      const written = writes.end();
      const after = await snapshot(watched());
      registers.update(after);
      byId('story').replaceChildren(storyTable(storiesOf(watched(), before, written, after), 'error' in ended));
      showState();
      showOutcome({ call: title, note, ...ended });
    } catch (error) {
      // The registers could not be read: the board is gone, and its state says so.
      showOutcome({ call: title, note: '', error });
    } finally {
      calling = false;
      document.body.toggleAttribute('data-calling', false);
      reading.resume();
    }
  }

  const driver = byId('driver', HTMLSelectElement);
  driver.replaceChildren(...benches.map(({ id, title }) => element('option', { value: id }, title)));
  driver.addEventListener('change', () => void useDriver(driver.value), { signal });
  const more = byId('more', HTMLSelectElement);
  more.addEventListener(
    'change',
    () => {
      extra = [...extra, ...ALL.filter(({ name }) => name === more.value)];
      void reshow();
    },
    { signal },
  );
  byId('policies').replaceChildren(
    ...policyChoice(policy, (chosen) => {
      policy = chosen;
      applyPolicy();
    }),
  );
  byId('faults').replaceChildren(...faultChoice(fault, connection.emulated !== undefined, (kind) => (fault = kind)));
  followTrace(board.trace, timelineView(byId('timeline')));
  void useDriver(driver.value);

  return {
    async stop() {
      listening.abort();
      await reading.pause();
      for (const isolation of isolations.values()) isolation.close();
      globalThis.bench = undefined;
    },
  };
}
