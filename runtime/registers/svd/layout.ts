import { key } from './names.js';

/** Source text before it is known where its lines break. */
export type Layout = string | ObjectLayout | CallLayout | ListLayout;

interface ObjectLayout {
  readonly entries: readonly Entry[];
  /** One entry a line, even where all would fit on one. */
  readonly open?: boolean;
}

interface Entry {
  readonly name: string;
  readonly value: Layout;
  /** One line above the entry. */
  readonly comment?: string;
}

/** `call(values, last)`; the last value may be an object. */
interface CallLayout {
  readonly call: string;
  readonly values: readonly Layout[];
}

interface ListLayout {
  readonly items: readonly Layout[];
}

/** Columns, as in this project's formatter. */
const WIDTH = 120;
const INDENT = '  ';

/** Source text of a layout that stands between `before`, on a line of this depth, and `after` more characters. */
export function print(layout: Layout, depth: number, before: string, after = 1): string {
  const flat = flatten(layout);
  if (flat !== undefined && depth * INDENT.length + before.length + flat.length + after <= WIDTH) return before + flat;
  if (typeof layout === 'string') return before + layout;
  if ('call' in layout) {
    const front = layout.values.slice(0, -1).map((each) => `${flatten(each) ?? ''}, `);
    return `${print(layout.values.at(-1) ?? '', depth, `${before}${layout.call}(${front.join('')}`, after + 1)})`;
  }
  const inner = INDENT.repeat(depth + 1);
  const [open, close] = 'items' in layout ? ['[', ']'] : ['{', '}'];
  const lines =
    'items' in layout
      ? layout.items.map((each) => inner + print(each, depth + 1, ''))
      : layout.entries.map(({ name, value, comment }) => {
          const above = comment ? `${docComment(comment, inner)}\n` : '';
          return above + inner + print(value, depth + 1, `${key(name)}: `);
        });
  return `${before}${open}\n${lines.map((line) => `${line},\n`).join('')}${INDENT.repeat(depth)}${close}`;
}

/** The layout on one line; undefined where it needs several. */
function flatten(layout: Layout): string | undefined {
  if (typeof layout === 'string') return layout;
  if ('call' in layout) return around(`${layout.call}(`, layout.values.map(flatten), ')');
  if ('items' in layout) {
    // The formatter gives each object a line where a list holds nothing but objects.
    const crowded = layout.items.length > 1 && layout.items.every((each) => typeof each !== 'string');
    return crowded ? undefined : around('[', layout.items.map(flatten), ']');
  }
  if (layout.open || layout.entries.some(({ comment }) => comment)) return undefined;
  if (layout.entries.length === 0) return '{}';
  const parts = layout.entries.map(({ name, value }) => {
    const text = flatten(value);
    return text === undefined ? undefined : `${key(name)}: ${text}`;
  });
  return around('{ ', parts, ' }');
}

const around = (open: string, parts: readonly (string | undefined)[], close: string): string | undefined =>
  parts.includes(undefined) ? undefined : open + parts.join(', ') + close;

/** A description as one line of comment, cut between words where it is too long. */
export function docComment(text: string, indent: string): string {
  const plain = text.replaceAll('\\n', ' ').replaceAll(/\s+/g, ' ').replaceAll('*/', '* /').trim();
  const room = WIDTH - indent.length - '/**  */'.length;
  if (plain.length <= room) return `${indent}/** ${plain} */`;
  const cut = plain.slice(0, room - 1);
  return `${indent}/** ${cut.slice(0, Math.max(cut.lastIndexOf(' '), room / 2)).trimEnd()}… */`;
}
