/**
 * What may be done with a register. The class decides which operations exist on its handle, what the controller allows,
 * and whether a checkpoint can keep it.
 *
 * | class | read | write |
 * |---|---|---|
 * | `rw` | as written | any value |
 * | `ro` | yes | no |
 * | `wo` | no; a checkpoint keeps the controller's shadow of the last value | any value |
 * | `w1c` | flags | a 1 clears its flag, a 0 does nothing |
 * | `w1s` | flags | a 1 sets its flag, a 0 does nothing |
 * | `w0c` | flags | a 0 clears its flag, a 1 does nothing |
 * | `rc`, `rs` | clears (sets) what it reads, so nothing but a driver's own call ever reads it | no |
 * | `fifo` | takes the next value | appends one |
 * | `write-once` | as written | only the first write counts, so it is irrevocable |
 * | `permanent` | as written | stays whatever happens (an EEPROM cell), so it is irrevocable |
 */
export type Access = keyof typeof ACCESS;

interface AccessClass {
  readonly reads: boolean;
  readonly writes: boolean;
  /** Reading changes the hardware: never part of a checkpoint. */
  readonly readingActs?: true;
  /** Each written 1 acts and a 0 does nothing, so that a write of owned bits is safe in a shared register. */
  readonly ones?: true;
  /** A stream behind one address. */
  readonly stream?: true;
  /** A checkpoint can keep it and write it back. */
  readonly savable?: true;
  /** What is written cannot be taken back: a transaction writes it only when nothing can fail any more. */
  readonly irrevocable?: true;
}

export const ACCESS = {
  rw: { reads: true, writes: true, savable: true },
  ro: { reads: true, writes: false },
  wo: { reads: false, writes: true, savable: true },
  w1c: { reads: true, writes: true, ones: true },
  w1s: { reads: true, writes: true, ones: true },
  w0c: { reads: true, writes: true },
  rc: { reads: true, writes: false, readingActs: true },
  rs: { reads: true, writes: false, readingActs: true },
  fifo: { reads: true, writes: true, readingActs: true, stream: true, irrevocable: true },
  'write-once': { reads: true, writes: true, irrevocable: true },
  permanent: { reads: true, writes: true, irrevocable: true },
} as const satisfies Readonly<Record<string, AccessClass>>;

/** The class as a record in which every property can be asked for. */
export const accessClass = (access: Access): AccessClass => ACCESS[access];

/**
 * A field may differ from its register: be of another class, `self-clearing` (a written 1 acts and reads back as 0), or
 * `volatile` (the hardware changes it by itself, so a checkpoint does not compare it).
 */
export type FieldAccess = Exclude<Access, 'fifo'> | 'self-clearing' | 'volatile';
