import { TransactionError } from './errors.js';

/** What any validator that follows Standard Schema 1 offers (standardschema.dev): zod, valibot, arktype, one's own. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Validated<Output> | Promise<Validated<Output>>;
  };
}

type Validated<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The value as the schema makes it, or TransactionError with everything that is wrong. */
export async function validate(
  code: 'argument-schema' | 'result-schema',
  what: string,
  schema: StandardSchema,
  value: unknown,
): Promise<unknown> {
  const result = await schema['~standard'].validate(value);
  if (!result.issues) return result.value;
  const problems = result.issues.map(({ message, path = [] }) => [...path.map(keyOf), message].join(': '));
  throw new TransactionError(code, `${what} is not what its schema asks for: ${problems.join('; ')}.`);
}

const keyOf = (step: PropertyKey | { readonly key: PropertyKey }): string =>
  String(typeof step === 'object' ? step.key : step);
