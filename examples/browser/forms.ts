/** The forms: one for each call of a driver, and the choices of policy and failure. */
import type { Isolation } from '../../runtime/index.js';
import type { Call } from './benches.js';
import { element } from './element.js';
import { FAULTS, type FaultKind } from './faults.js';

export const POLICIES: readonly { readonly policy: Isolation; readonly title: string; readonly about: string }[] = [
  { policy: 'native', title: 'Native', about: 'As it is written: nothing is undone.' },
  { policy: 'inline', title: 'Inline', about: 'A transaction, in this thread.' },
  { policy: 'worker', title: 'Worker', about: 'A transaction, in a Web Worker that can be stopped.' },
];

export function callForm(call: Call, submit: (values: number[]) => void): HTMLElement {
  const hint = `hint-${call.name}`;
  const fields = call.parameters.map(({ label, unit, value, step }) => {
    const input = element('input', {
      type: 'number',
      value: String(value),
      step: String(step),
      required: true,
      'aria-describedby': hint,
    });
    return { input, label: element('label', {}, `${label} (${unit})`, input) };
  });
  const button = element('button', { type: 'submit', class: 'primary' }, `${call.name}()`);
  const form = element(
    'form',
    { class: 'call', 'data-call': call.name, ...(call.workerOnly && { 'data-worker-only': true }) },
    element('div', { class: 'row' }, ...fields.map(({ label }) => label), button),
    element('p', { class: 'hint', id: hint }, call.about),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit(fields.map(({ input }) => input.valueAsNumber));
  });
  return form;
}

/** One of several, as radio buttons; the arrow keys change it. */
export function choice<Value extends string>(
  name: string,
  options: readonly {
    readonly value: Value;
    readonly title: string;
    readonly about: string;
    readonly disabled?: boolean;
  }[],
  chosen: Value,
  change: (value: Value) => void,
): HTMLElement[] {
  return options.map(({ value, title, about, disabled = false }) => {
    const input = element('input', {
      type: 'radio',
      name,
      value,
      checked: value === chosen,
      disabled,
      'aria-describedby': `about-${name}-${value}`,
    });
    input.addEventListener('change', () => change(value));
    return element(
      'div',
      { class: 'choice' },
      element('label', {}, input, title),
      element('small', { id: `about-${name}-${value}` }, about),
    );
  });
}

export const policyChoice = (chosen: Isolation, change: (policy: Isolation) => void): HTMLElement[] =>
  choice(
    'policy',
    POLICIES.map(({ policy, title, about }) => ({ value: policy, title, about })),
    chosen,
    change,
  );

export const faultChoice = (chosen: FaultKind, isEmulated: boolean, change: (kind: FaultKind) => void): HTMLElement[] =>
  choice(
    'fault',
    FAULTS.map(({ kind, title, about, emulatedOnly }) => ({
      value: kind,
      title,
      about: emulatedOnly && !isEmulated ? 'Pull the cable of your board by hand.' : about,
      disabled: emulatedOnly === true && !isEmulated,
    })),
    chosen,
    change,
  );
