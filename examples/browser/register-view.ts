/** Peripherals with their registers, live: the fields decoded, and what has changed since the last look marked. */
import type { PeripheralSpec } from '../../runtime/index.js';
import { element } from './element.js';
import { fieldsOf, hex, type Snapshot, type WatchedRegister } from './registers.js';

export interface ShownPeripheral {
  readonly spec: PeripheralSpec;
  readonly registers: readonly WatchedRegister[];
  /** Takes it off the page again; not of those that the driver uses. */
  readonly remove?: () => void;
}

export interface RegisterView {
  show(peripherals: readonly ShownPeripheral[]): void;
  update(values: Snapshot): void;
  /** From now on, what has changed before is not marked any more. */
  forget(): void;
}

interface Row {
  readonly register: WatchedRegister;
  readonly row: HTMLTableRowElement;
  readonly bits: HTMLElement;
  readonly fields: HTMLElement;
  value: number | undefined;
}

export function registerView(root: HTMLElement): RegisterView {
  let rows: Row[] = [];
  return {
    show(peripherals) {
      rows = peripherals.flatMap(({ registers }) => registers.map(rowOf));
      root.replaceChildren(
        ...peripherals.map((each) =>
          panelOf(
            each,
            rows.filter(({ register }) => each.registers.includes(register)),
          ),
        ),
      );
    },
    update(values) {
      for (const row of rows) {
        const value = values.get(row.register.name);
        if (value !== undefined) updateRow(row, value);
      }
    },
    forget() {
      for (const marked of root.querySelectorAll('.changed')) marked.classList.remove('changed');
    },
  };
}

function panelOf({ spec, remove }: ShownPeripheral, rows: readonly Row[]): HTMLElement {
  const heading = element('h3', {}, spec.name);
  const head = element('header', { class: 'panel-head' }, heading, element('small', {}, spec.source));
  if (remove) {
    const button = element('button', { type: 'button', class: 'quiet', 'aria-label': `Hide ${spec.name}` }, 'Hide');
    button.addEventListener('click', remove);
    head.append(button);
  }
  const table = element(
    'table',
    { class: 'registers' },
    element('caption', { class: 'visually-hidden' }, `Registers of ${spec.name}`),
    element(
      'thead',
      {},
      element('tr', {}, ...['Register', 'Value', 'Fields'].map((title) => element('th', { scope: 'col' }, title))),
    ),
    element('tbody', {}, ...rows.map(({ row }) => row)),
  );
  return element('section', { class: 'panel peripheral', 'data-peripheral': spec.name }, head, table);
}

function rowOf(register: WatchedRegister): Row {
  const bits = element('code', {}, '…');
  const fields = element('ul', { class: 'fields' });
  const row = element(
    'tr',
    { 'data-register': register.name },
    element('th', { scope: 'row' }, register.label, element('small', {}, ` ${register.spec.access}`)),
    element('td', {}, bits),
    element('td', {}, fields),
  );
  return { register, row, bits, fields, value: undefined };
}

function updateRow(row: Row, value: number): void {
  const { spec } = row.register;
  const old = row.value;
  if (old === value) return;
  row.row.classList.toggle('changed', old !== undefined && row.register.isKept);
  row.value = value;
  row.row.dataset['value'] = hex(value, spec);
  row.bits.textContent = hex(value, spec);
  const before = new Map(old === undefined ? [] : fieldsOf(spec, old));
  row.fields.replaceChildren(
    ...fieldsOf(spec, value).map(([name, text]) => {
      const changed = before.has(name) && before.get(name) !== text;
      return element(
        'li',
        { class: changed ? 'field changed' : text === 'no' || text === '0' ? 'field idle' : 'field' },
        element('span', {}, name),
        ' ',
        element('b', {}, text),
      );
    }),
  );
}
