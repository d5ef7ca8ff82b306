import {
  ControllerError,
  DefinitionError,
  EntryPointError,
  LinkError,
  RecoveryError,
  RegisterError,
  TransactionError,
  TransportError,
  type FailureDetector,
} from './errors.js';
import { IsolationError } from './isolation/errors.js';
import { StateError } from './state/index.js';

/** Which detector an error comes from; anything that is not ours is an exception of the driver's code. */
export function detectorOf(cause: unknown): FailureDetector {
  if (cause instanceof RegisterError || cause instanceof DefinitionError) return 'register-contract';
  if (cause instanceof StateError) return 'state-contract';
  if (cause instanceof IsolationError) return cause.detector;
  if (cause instanceof ControllerError) return 'controller-fault';
  if (cause instanceof LinkError && cause.code === 'frame-too-long') return 'register-contract';
  if (cause instanceof TransportError && cause.code === 'device-lost') return 'device-lost';
  if (cause instanceof LinkError || cause instanceof TransportError) return 'link-failure';
  if (cause instanceof RecoveryError) return cause.code;
  if (cause instanceof EntryPointError) return 'nested-failure';
  if (!(cause instanceof TransactionError)) return 'exception';
  const { code } = cause;
  return code === 'transaction-ended' || code === 'outside-transaction' ? 'stray-work' : code;
}

/** The error for a call that has changed nothing, because it was not even begun. */
export function notBegun(call: string, cause: unknown, roundTrips = 0): EntryPointError {
  const nothing = {
    outcome: 'nothing',
    registers: 0,
    mismatches: [],
    permanent: [],
    failedHooks: [],
    recovery: [],
    ms: 0,
  } as const;
  return new EntryPointError(detectorOf(cause), call, cause, nothing, roundTrips);
}
