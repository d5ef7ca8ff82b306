/**
 * Errors on their way between threads. A structured clone would lose what they are; here an error of the platform or of
 * fgft arrives as one of the same class, and one that comes back to where it is from is the same object again.
 */
import {
  ControllerError,
  DefinitionError,
  EntryPointError,
  FgftError,
  LinkError,
  RegisterError,
  TransactionError,
  TransportError,
} from '../errors.js';
import { StateError } from '../state/index.js';
import { IsolationError } from './errors.js';
import { survey } from './exact.js';

export type SentError =
  /** One that this side has sent before, by its number. */
  | { readonly known: number }
  | { readonly value: unknown }
  | {
      readonly className: string;
      readonly properties: readonly (readonly [string, unknown])[];
      readonly cause?: SentError;
      /** The number under which it comes back. */
      readonly number: number;
    };

const CLASSES: Readonly<Record<string, { readonly prototype: Error }>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  ControllerError,
  DefinitionError,
  EntryPointError,
  FgftError,
  IsolationError,
  LinkError,
  RegisterError,
  StateError,
  TransactionError,
  TransportError,
};

/** A cause of a cause of …: further ones are left out. */
const MOST_CAUSES = 8;

/** The errors of one call, as one side knows them. */
export class ErrorPost {
  readonly #sent: unknown[] = [];
  /** Errors that came from the other side, by their number there. */
  readonly #received = new Map<unknown, number>();

  send(error: unknown, causes = MOST_CAUSES): SentError {
    const number = this.#received.get(error);
    if (number !== undefined) return { known: number };
    if (!(error instanceof Error)) return { value: describe(error) };
    const properties = Reflect.ownKeys(error).flatMap((key): [string, unknown][] => {
      const value: unknown = Reflect.get(error, key);
      const kept = typeof key === 'string' && key !== 'cause' && survey(key, value).obstacle === undefined;
      return kept ? [[key, value]] : [];
    });
    const className = classNameOf(error);
    // A class that the other side does not know is still recognised by its name.
    if (error.name !== CLASSES[className]!.prototype.name) properties.push(['name', error.name]);
    return {
      className,
      properties,
      ...(error.cause !== undefined && causes > 0 && { cause: this.send(error.cause, causes - 1) }),
      number: this.#sent.push(error) - 1,
    };
  }

  receive(sent: SentError): unknown {
    if ('known' in sent) return this.#sent[sent.known];
    if ('value' in sent) return sent.value;
    const error = new Error();
    const prototype = CLASSES[sent.className]?.prototype;
    if (prototype) Object.setPrototypeOf(error, prototype);
    for (const [key, value] of sent.properties) {
      const enumerable = key !== 'message' && key !== 'stack' && key !== 'name';
      Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
    }
    if (sent.cause)
      Object.defineProperty(error, 'cause', { value: this.receive(sent.cause), writable: true, configurable: true });
    this.#received.set(error, sent.number);
    return error;
  }
}

/** The most special class that both sides know. */
function classNameOf(error: Error): string {
  for (let prototype: object | null = error; prototype; prototype = Reflect.getPrototypeOf(prototype))
    for (const name in CLASSES) if (CLASSES[name]!.prototype === prototype) return name;
  return 'Error';
}

/** Something that is not an Error but was thrown: itself if it can be sent, else what it looks like. */
function describe(value: unknown): unknown {
  const { obstacle } = survey('', value);
  if (obstacle === undefined) return value;
  try {
    return `${String(value)} (${obstacle.what})`;
  } catch {
    return obstacle.what;
  }
}
