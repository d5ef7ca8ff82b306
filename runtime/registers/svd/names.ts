/** Words that cannot name a constant of a module, and the names that the module imports. */
const TAKEN = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected ' +
    'public return static super switch this throw true try typeof undefined var void while with yield ' +
    'definePeripheral field flag'
  ).split(' '),
);

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Only what an identifier may hold; never empty, never with a digit in front. */
function identifier(name: string): string {
  const clean = name.replaceAll(/\W/g, '_');
  return /^\d|^$/.test(clean) ? `_${clean}` : clean;
}

/** `IO_BANK0` → `ioBank0`: the constant, and the peripheral's name in errors and traces. */
export function peripheralName(name: string): string {
  const words = identifier(name).split('_').filter(Boolean);
  const camel = words.map((word, index) => {
    const rest = /[a-z]/.test(word) ? word.slice(1) : word.slice(1).toLowerCase();
    return (index === 0 ? word[0]!.toLowerCase() : word[0]!.toUpperCase()) + rest;
  });
  const joined = identifier(camel.join(''));
  return TAKEN.has(joined) ? `${joined}_` : joined;
}

/** Registers are upper case, so that handles tell a mistyped one from what frameworks look for. */
export const registerName = (name: string): string => identifier(name).toUpperCase();

export const fieldName = (name: string): string => safeKey(identifier(name));

/** Names of values are any text, as a driver writes them in quotes. */
export const valueName = (name: string): string => safeKey(name);

/** In a literal, this key would set the prototype. */
const safeKey = (name: string): string => (name === '__proto__' ? '__proto' : name);

/** The name, or with the first number behind it that makes it unlike those before; `taken` remembers it. */
export function unique(name: string, taken: Set<string>): string {
  let result = name;
  for (let count = 2; taken.has(result); count++) result = `${name}_${count}`;
  taken.add(result);
  return result;
}

/** A name as the key of a literal. */
export const key = (name: string): string => (IDENTIFIER.test(name) ? name : quoted(name));

/** Text as a literal in single quotes. */
export function quoted(text: string): string {
  const quotes = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return quotes + inner.replaceAll(quotes, `\\${quotes}`) + quotes;
}
