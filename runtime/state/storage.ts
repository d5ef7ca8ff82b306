/**
 * Where the live state is. Every driver has one record under a symbol, with a slot per declared field, named by a
 * symbol of its own: unlike the private storage of `accessor`, an object that inherits from the driver can read it.
 */
const STORAGE = Symbol('fgft state');

/** The slots of one driver; the description of a slot's symbol is the name of the field. */
export type Storage = Record<symbol, unknown>;

interface Stateful {
  [STORAGE]?: Storage;
}

/** The live state of a driver, or, through its prototype, of the driver behind a view. */
export function storageOf(driver: object): Storage {
  return (driver as Stateful)[STORAGE] as Storage;
}

/** Objects of other people that are drivers, and views of them. */
const marked = new WeakSet<object>();

export function markAsDriver(value: object): void {
  marked.add(value);
}

/** Drivers and views of drivers are not data: state that refers to one refers to something with a state of its own. */
export function isDriver(value: object): boolean {
  return STORAGE in value || marked.has(value);
}

/** Gives a driver, while it is constructed, one more field. */
export function addSlot(driver: object, slot: symbol, value: unknown): void {
  addStorage(driver);
  storageOf(driver)[slot] = value;
}

/** Makes an object a driver without fields yet; they come with their first values. */
export function addStorage(driver: object): void {
  if (!Object.hasOwn(driver, STORAGE)) Object.defineProperty(driver, STORAGE, { value: {} });
}

export function nameOfField(slot: symbol): string {
  return slot.description as string;
}
