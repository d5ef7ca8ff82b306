import type { FieldAccess } from './access.js';
import type { FieldSpec, RegisterSpec } from './definition.js';

type Fields<R extends RegisterSpec> = NonNullable<R['fields']>;
type HasFields<R extends RegisterSpec> = R extends { readonly fields: object } ? true : false;

type WrittenValue<F extends FieldSpec> = F extends { readonly flag: true }
  ? boolean
  : F extends { readonly values: infer Names }
    ? Extract<keyof Names, string>
    : number;
type ReadValue<F extends FieldSpec> = F extends { readonly values: object }
  ? WrittenValue<F> | number
  : WrittenValue<F>;

/** Fields that cannot be written; and those that a read-modify-write would set off, because a written 1 acts. */
type Unwritable = 'ro' | 'rc' | 'rs';
type ActsOnOnes = 'w1c' | 'w1s' | 'w0c';

/** The names of the fields whose class is none of `Refused`. */
type NamesBut<R extends RegisterSpec, Refused extends FieldAccess> = {
  [Name in keyof Fields<R>]: Fields<R>[Name] extends { readonly access: Refused } ? never : Name;
}[keyof Fields<R>];

/** What a register reads as: its fields by name, or a number where it has none. */
export type ReadOf<R extends RegisterSpec> =
  HasFields<R> extends true ? { -readonly [Name in keyof Fields<R>]: ReadValue<Fields<R>[Name]> } : number;

/** What can be written to a register: some of its fields, or a number where it has none. */
export type WriteOf<R extends RegisterSpec> =
  HasFields<R> extends true ? { readonly [Name in NamesBut<R, Unwritable>]?: WrittenValue<Fields<R>[Name]> } : number;

/** What `modify` can change: no flag of which a written 1 acts, for it would act on flags that nobody named. */
export type ModifyOf<R extends RegisterSpec> =
  HasFields<R> extends true
    ? { readonly [Name in NamesBut<R, Unwritable | ActsOnOnes>]?: WrittenValue<Fields<R>[Name]> }
    : number;

/** What `poll` can wait for: any fields, read-only ones too. */
export type PollOf<R extends RegisterSpec> = HasFields<R> extends true ? Partial<ReadOf<R>> : number;

export interface Readable<R extends RegisterSpec> {
  read(): Promise<ReadOf<R>>;
  /** The register as an unsigned number. */
  readBits(): Promise<number>;
  /** Waits on the controller until the given fields have the given values; fails with `poll-timeout` after `timeoutUs`. */
  poll(values: PollOf<R>, timeoutUs: number): Promise<void>;
}

export interface Writable<R extends RegisterSpec> {
  /** Writes the whole register: fields that are not given get their reset value. */
  write(values: WriteOf<R>): Promise<void>;
  writeBits(bits: number): Promise<void>;
}

export interface Modifiable<R extends RegisterSpec> {
  /** Changes the given fields and no others, in one operation on the controller. */
  modify(values: ModifyOf<R>): Promise<void>;
}

export interface Clearable<R extends RegisterSpec> {
  /** Clears the given flags by writing 1 to them, and touches no others. */
  clear(flags: WriteOf<R>): Promise<void>;
}

export interface Settable<R extends RegisterSpec> {
  /** Sets the given flags by writing 1 to them, and touches no others. */
  set(flags: WriteOf<R>): Promise<void>;
}

/** A stream of values behind one address. What was pushed cannot be taken back, nor what was pulled put back. */
export interface Stream {
  /** Appends values. Inside a transaction they leave with the commit, and not at all if it fails. */
  push(values: ArrayLike<number>): Promise<void>;
  /** Takes `count` values. Refused inside a transaction (`irrevocable`): a rollback could not put them back. */
  pull(count: number): Promise<Uint32Array>;
}

interface Operations<R extends RegisterSpec> {
  rw: Readable<R> & Writable<R> & Modifiable<R>;
  ro: Readable<R>;
  wo: Writable<R>;
  w1c: Readable<R> & Clearable<R>;
  w1s: Readable<R> & Settable<R>;
  w0c: Readable<R> & Clearable<R>;
  rc: Readable<R>;
  rs: Readable<R>;
  fifo: Stream;
  'write-once': Readable<R> & Writable<R>;
  permanent: Readable<R> & Writable<R>;
}

/** The operations that a register's access class allows; the others do not exist on the type. */
export type RegisterHandle<R extends RegisterSpec> = Operations<R>[R['access']];

/** Several registers that follow each other, read in one operation: on a bus, in one transfer. */
export interface BlockReadable {
  /** The registers from number `first` on, as unsigned numbers. */
  readBlock(first: number, count: number): Promise<Uint32Array>;
}

export interface BlockWritable {
  /** Writes the registers from number `first` on. */
  writeBlock(first: number, values: ArrayLike<number>): Promise<void>;
}

type ReadsBlocks = 'rw' | 'ro' | 'rc' | 'rs' | 'write-once' | 'permanent';
type WritesBlocks = 'rw' | 'wo' | 'write-once' | 'permanent';

/** What an array of registers can do as a whole. */
type Blocks<R extends RegisterSpec> = (R['access'] extends ReadsBlocks ? BlockReadable : unknown) &
  (R['access'] extends WritesBlocks ? BlockWritable : unknown);

/** One register, or an array of them where the definition has a `count`. */
export type RegisterHandles<R extends RegisterSpec> = R extends { readonly count: number }
  ? readonly RegisterHandle<R>[] & Blocks<R>
  : RegisterHandle<R>;
