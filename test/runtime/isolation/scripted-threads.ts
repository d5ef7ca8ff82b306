/** Threads without code: a test says what they say. */
import type { Thread, ThreadEvents, Threads } from '../../../runtime/isolation/index.js';
import type { Asked, FromWorker, ToWorker } from '../../../runtime/isolation/messages.js';

export interface ScriptedThread extends Thread {
  readonly posted: ToWorker[];
  readonly killed: boolean;
  readonly held: boolean;
  say(message: unknown): void;
  readonly events: ThreadEvents;
}

export function scriptedThreads(): Threads & { readonly started: ScriptedThread[] } {
  const started: ScriptedThread[] = [];
  return {
    started,
    start(events) {
      const thread = {
        events,
        posted: [] as ToWorker[],
        killed: false,
        held: false,
        post: (message: unknown) => void thread.posted.push(structuredClone(message) as ToWorker),
        kill: () => void (thread.killed = true),
        hold: (held: boolean) => void (thread.held = held),
        say: (message: unknown) => events.message(message),
      };
      started.push(thread);
      return thread;
    },
  };
}

export const ops = (call: number, asked: readonly Asked[]): FromWorker => ({ type: 'ops', call, ops: asked });
export const done = (call: number, rest: Partial<FromWorker & { type: 'done' }> = {}): FromWorker => ({
  type: 'done',
  call,
  ops: [],
  result: undefined,
  state: [],
  ...rest,
});

/** Lets everything that is under way come to rest. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}
