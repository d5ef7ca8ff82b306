/** How a call has ended, in a sentence that screen readers hear. */
import { EntryPointError, FgftError } from '../../runtime/index.js';
import { byId, element } from './element.js';

export interface Ended {
  /** `Servo.angle(90, 50)`. */
  readonly call: string;
  readonly result?: unknown;
  readonly error?: unknown;
  /** What else there is to say. */
  readonly note: string;
}

export function showRunning(call: string): void {
  const outcome = byId('outcome');
  outcome.dataset['code'] = 'running';
  outcome.replaceChildren(element('p', {}, `${call} is running…`));
}

export function showOutcome({ call, result, error, note }: Ended): void {
  const outcome = byId('outcome');
  const code = codeOf(error);
  outcome.dataset['code'] = code;
  const isBack = error instanceof EntryPointError && ['restored', 'nothing'].includes(error.rollback.outcome);
  const badge = error === undefined ? 'committed' : isBack ? 'restored' : 'mismatch';
  outcome.replaceChildren(
    element(
      'p',
      { class: 'line' },
      element('span', { class: `badge ${badge}` }, error === undefined ? 'done' : code),
      ' ',
      element('b', {}, call),
    ),
    element('p', {}, error === undefined ? resultText(result) : errorText(error)),
    ...(note ? [element('p', { class: 'hint' }, note)] : []),
  );
}

function codeOf(error: unknown): string {
  if (error === undefined) return 'done';
  if (error instanceof FgftError) return error.code;
  return error instanceof Error ? error.name : 'error';
}

const resultText = (result: unknown): string =>
  result === undefined ? 'It went well.' : `Result: ${JSON.stringify(result)}`;

function errorText(error: unknown): string {
  if (error instanceof EntryPointError) {
    const { roundTrips, rollback } = error;
    return `${error.message} (${roundTrips} round trips, ${rollback.registers} registers written back)`;
  }
  return `${error instanceof Error ? error.message : String(error)} The call was native: nothing was undone.`;
}
