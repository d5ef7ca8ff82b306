/** What runs inside a worker: loads a driver's module, and runs entry points of it, one after another. */
import { Driver } from '../driver.js';
import { codeOf } from '../entry-point.js';
import { checkInvariants } from '../invariant.js';
import { discardState } from '../state/index.js';
import { IsolationError, notTransferable } from './errors.js';
import { survey } from './exact.js';
import { ErrorPost } from './failures.js';
import type { ToWorker } from './messages.js';
import { RemoteCall, type Outside } from './remote-call.js';
import { RemoteScope } from './remote-scope.js';
import { rehearse } from './rehearsal.js';
import { Replica, type DriverClass } from './replica.js';

type Load = (module: string, className: string) => Promise<DriverClass>;

/** Returns what takes the messages of the other side. */
export function serve(outside: Outside): (message: ToWorker) => void {
  const rehearsed = rehearse((post, driverClass) =>
    serveCalls({ ...outside, post }, () => Promise.resolve(driverClass)),
  );
  return serveCalls(outside, async (module, className) => {
    const driverClass = await load(module, className);
    await rehearsed;
    return driverClass;
  });
}

function serveCalls(outside: Outside, loadDriver: Load): (message: ToWorker) => void {
  let loading: Promise<DriverClass> | undefined;
  let replica: Replica | undefined;
  let current: { readonly number: number; readonly remote: RemoteCall; readonly scope: RemoteScope } | undefined;

  async function prepare({ module, className, setup }: ToWorker & { type: 'load' }): Promise<DriverClass> {
    const driverClass = await loadDriver(module, className);
    replica = new Replica(driverClass, setup);
    return driverClass;
  }

  async function start(driverClass: DriverClass, message: ToWorker & { type: 'call' }): Promise<void> {
    if (message.setup) replica = new Replica(driverClass, message.setup);
    const remote = new RemoteCall(message.call, outside, replica!.indexOf);
    const scope = new RemoteScope(remote, `${driverClass.name}.${message.method}`);
    current = { number: message.call, remote, scope };
    await run(replica!, remote, scope, message, outside);
  }

  const refuse = (error: unknown): void => outside.post({ type: 'unusable', error: new ErrorPost().send(error) });

  return (message) => {
    if (message.type === 'load') {
      loading = prepare(message);
      loading.catch(refuse);
    } else if (message.type === 'call') {
      loading?.then((driverClass) => start(driverClass, message)).catch(refuse);
    } else if (current?.number === message.call) {
      const { remote, scope } = current;
      if (message.type === 'answers') remote.answer(message.answers);
      else if (message.type === 'hook') void remote.runHook(message.hook);
      else scope.abort(message.level, remote.errors.receive(message.error));
    }
  };
}

async function run(
  replica: Replica,
  remote: RemoteCall,
  scope: RemoteScope,
  { call, method, args, state: fields, plain }: ToWorker & { type: 'call' },
  outside: Outside,
): Promise<void> {
  const { driver } = replica;
  const lost: string[] = [];
  let discard = (): void => {};
  // Where its code goes on although the call has failed, the other side has to hear of that.
  scope.failed.catch((cause: unknown) =>
    outside.turn(() => {
      if (!scope.closed) remote.put({ failure: remote.errors.send(cause) });
    }),
  );
  try {
    replica.receive(fields, plain);
    const { view, state } = replica.view(scope);
    discard = () => discardState(state);
    const code = codeOf(driver, method);
    if (!code) throw new IsolationError('not-in-worker', `${scope.call} is no entry point in the worker's module.`);
    const result: unknown = await Reflect.apply(code, view, args);
    await checkInvariants(driver, view);
    if (scope.failure) throw scope.failure.cause;
    const { obstacle } = survey(`The result of ${scope.call}`, result);
    if (obstacle) throw notTransferable(obstacle.path, obstacle.what);
    const changes = replica.commit(view, state, lost);
    scope.closed = true;
    outside.post({ type: 'done', call, ops: remote.takeRest(), result, state: changes });
  } catch (error) {
    discard();
    // What failed first has made the rest fail.
    const cause = scope.failure ? scope.failure.cause : error;
    scope.closed = true;
    // Hooks that are still in the queue must be known before they are run.
    const ops = remote.takeRest();
    if (ops.length > 0) outside.post({ type: 'ops', call, ops });
    outside.post({ type: 'failed', call, error: remote.errors.send(cause), lost });
  }
}

async function load(module: string, className: string): Promise<DriverClass> {
  const exports = (await import(module)) as Record<string, unknown>;
  const found = exports[className];
  if (typeof found === 'function' && found.prototype instanceof Driver) return found as unknown as DriverClass;
  const names = Object.keys(exports).join(', ') || 'nothing';
  throw new IsolationError(
    'worker-unusable',
    `${module} exports no driver ${className}, made of the same fgft. It exports: ${names}.`,
  );
}
