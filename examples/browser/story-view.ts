/** What a call did, register by register: before it, what it wrote, and now. */
import { element } from './element.js';
import type { RegisterStory } from './call-record.js';
import { fieldsOf, hex } from './registers.js';

type Verdict = 'restored' | 'left changed' | 'changed' | 'as before';

const MARKS: Readonly<Record<Verdict, string>> = {
  restored: '↩',
  'left changed': '✗',
  changed: '✓',
  'as before': '=',
};

function verdictOf({ before, written, after, register }: RegisterStory, failed: boolean): Verdict {
  if (before !== after && register.isKept) return failed ? 'left changed' : 'changed';
  return failed && written !== undefined && written !== before ? 'restored' : 'as before';
}

/** The table; an empty one says why there is nothing in it. */
export function storyTable(stories: readonly RegisterStory[], failed: boolean): HTMLElement {
  if (stories.length === 0) {
    return element('p', { class: 'hint', id: 'no-story' }, 'No write of this call has reached the controller.');
  }
  return element(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Registers before and after the call' },
    element(
      'table',
      { class: 'story' },
      element('caption', { class: 'visually-hidden' }, 'What the call did to each register'),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...['Register', 'Before', 'The call wrote', 'Now', ''].map((title) => element('th', { scope: 'col' }, title)),
        ),
      ),
      element('tbody', {}, ...stories.map((story, index) => rowOf(story, verdictOf(story, failed), index))),
    ),
  );
}

function rowOf(story: RegisterStory, verdict: Verdict, index: number): HTMLElement {
  const { register, before, written, after } = story;
  const cell = (value: number | undefined, from: number): HTMLElement => {
    if (value === undefined) return element('td', { class: 'nothing' }, '–');
    const differs = value !== from;
    const td = element('td', { class: differs ? 'differs' : '' }, element('code', {}, hex(value, register.spec)));
    if (differs) td.append(element('small', {}, difference(story, from, value)));
    return td;
  };
  return element(
    'tr',
    { 'data-story': register.name, 'data-verdict': verdict, style: `--row: ${index}` },
    element('th', { scope: 'row' }, register.name),
    cell(before, before),
    cell(written, before),
    cell(after, before),
    element(
      'td',
      { class: 'verdict' },
      element('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[verdict]),
      ` ${verdict}`,
    ),
  );
}

/** The fields that differ: `EN yes`. */
function difference({ register: { spec } }: RegisterStory, from: number, to: number): string {
  const old = new Map(fieldsOf(spec, from));
  return fieldsOf(spec, to)
    .filter(([name, text]) => old.get(name) !== text)
    .map(([name, text]) => `${name} ${text}`)
    .join(', ');
}
