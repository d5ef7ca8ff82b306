/** Something that firmware should not have done, or that the emulator cannot do. */
export interface ChipWarning {
  readonly source: string;
  readonly message: string;
  /** Emulated time and program counter of the first time. */
  readonly nanos: number;
  readonly pc: number;
  count: number;
}

const KEPT = 200;

/** Adds a warning to a list, or counts it if it is there. */
export function addWarning(warnings: ChipWarning[], warning: Omit<ChipWarning, 'count'>): void {
  const { source, message } = warning;
  const known = warnings.find((each) => each.message === message && each.source === source);
  if (known !== undefined) known.count += 1;
  else if (warnings.length < KEPT) warnings.push({ ...warning, count: 1 });
}
