import assert from 'node:assert/strict';
import { EntryPointError } from '../runtime/index.js';

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<EntryPointError> {
  const error: unknown = await call.then(
    () => assert.fail('the call must fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof EntryPointError, String(error));
  return error;
}
