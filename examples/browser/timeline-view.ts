/** Transactions, the latest first: how each ended, and its frames as bars along its time. */
import type { Op } from '../../runtime/index.js';
import { element } from './element.js';
import type { Entry, Frame, RecoveryEntry, Timeline } from './transactions.js';

const OUTCOMES: Readonly<Record<Entry['outcome'], string>> = {
  running: 'running',
  committed: 'committed',
  restored: 'rolled back',
  nothing: 'nothing to undo',
  mismatch: 'rolled back, not all reads back',
  unknown: 'unknown',
};

export function timelineView(root: HTMLElement): (timeline: Timeline) => void {
  /** Which transactions the user has opened: they stay so when the list is drawn anew. */
  const opened = new Set<string>();
  let drawn = false;
  return ({ entries, recovery }) => {
    if (drawn) return;
    drawn = true;
    // Many events arrive in one go: drawn once.
    requestAnimationFrame(() => {
      drawn = false;
      const items = [
        ...entries.map((entry) => ({ at: entry.startedAt, item: itemOf(entry, opened) })),
        ...recovery.map((each) => ({ at: each.at, item: recoveryItem(each) })),
      ];
      root.replaceChildren(...items.sort((a, b) => b.at - a.at).map(({ item }) => item));
    });
  };
}

function recoveryItem({ step, ms, failed }: RecoveryEntry): HTMLElement {
  return element(
    'li',
    { class: 'transaction recovery' },
    element(
      'p',
      { class: 'line' },
      element('span', { class: `badge ${failed ? 'mismatch' : 'recovery'}` }, 'recovery'),
      ` ${step}${failed ? ' failed' : ''}`,
      element('small', {}, ` ${ms.toFixed(1)} ms`),
    ),
  );
}

function itemOf(entry: Entry, opened: Set<string>): HTMLElement {
  const { call, frames, outcome, startedAt, endedAt, roundTrips } = entry;
  const key = `${startedAt}`;
  const ms = endedAt === undefined ? '' : ` ${(endedAt - startedAt).toFixed(1)} ms`;
  const trips = roundTrips === undefined ? '' : `, ${roundTrips} round trip${roundTrips === 1 ? '' : 's'}`;
  const details = element(
    'details',
    { open: opened.has(key) },
    element('summary', {}, `${frames.length} frame${frames.length === 1 ? '' : 's'}`),
    element('ol', { class: 'frames' }, ...frames.map(frameItem)),
  );
  details.addEventListener('toggle', () => (details.open ? opened.add(key) : opened.delete(key)));
  return element(
    'li',
    { class: 'transaction', 'data-call': call, 'data-outcome': outcome },
    element(
      'p',
      { class: 'line' },
      element('span', { class: `badge ${outcome}` }, OUTCOMES[outcome]),
      ' ',
      element('b', {}, call),
      element('small', {}, `${ms}${trips}`),
    ),
    bars(entry),
    details,
  );
}

/** Where on the bar a frame was on its way, in percent of the call's time. */
function bars({ frames, startedAt, endedAt }: Entry): HTMLElement {
  const end = endedAt ?? Math.max(startedAt, ...frames.map(({ answeredAt, sentAt }) => answeredAt ?? sentAt));
  const percent = (at: number): number => (end > startedAt ? (100 * (at - startedAt)) / (end - startedAt) : 0);
  return element(
    'div',
    { class: 'bars', 'aria-hidden': 'true' },
    ...frames.map(({ sentAt, answeredAt = end, status }) =>
      element('i', {
        class: status === undefined || status === 'ok' ? 'ok' : 'failed',
        style: `left: ${percent(sentAt)}%; width: ${Math.max(1, percent(answeredAt) - percent(sentAt))}%`,
      }),
    ),
  );
}

function frameItem({ ops, status, ran }: Frame): HTMLElement {
  const answer = status === undefined ? 'no answer' : status === 'ok' ? 'ok' : `${status} at operation ${ran! + 1}`;
  return element('li', {}, element('code', {}, ops.map(nameOf).join(' ')), element('small', {}, ` → ${answer}`));
}

const nameOf = (op: Op): string => op.op;
