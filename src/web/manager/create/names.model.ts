// Employees and systems named in a line: "@dana", "@Dana Levi", "#boiler". Pure.

export interface Named {
  id: number;
  name: string;
}

export interface Mention {
  /** As it stands in the line, with its sign. */
  text: string;
  /** One row is meant, several could be, or none is called that. */
  found: readonly Named[];
}

/** What follows the sign at `at`: the longest whole name that stands there, else the next word as the beginning of one. */
export function mentionAt(line: string, at: number, rows: readonly Named[]): Mention {
  const rest = line.slice(at + 1);
  const whole = rows.filter(({ name }) => startsWithName(rest, name)).sort((a, b) => b.name.length - a.name.length);
  const [longest] = whole;
  if (longest) {
    const same = whole.filter(({ name }) => fold(name) === fold(longest.name));
    return { text: line.slice(at, at + 1 + longest.name.length), found: same };
  }
  const word = /^[^\s@#]*/.exec(rest)?.[0].replace(/[,;.!?]+$/, '') ?? '';
  return { text: line.slice(at, at + 1 + word.length), found: matching(word, rows) };
}

/** Rows that have the text as their name or as a word of it; if there is none, those that have it as a beginning. */
export function matching(text: string, rows: readonly Named[]): Named[] {
  const exact = rows.filter(({ name }) => beginnings(name).some((beginning) => wordsEqual(beginning, text)));
  return exact.length > 0 ? exact : beginningWith(text, rows);
}

/** Rows with the text at the beginning of their name or of a word in it. */
export function beginningWith(text: string, rows: readonly Named[]): Named[] {
  return rows.filter(({ name }) => beginnings(name).some((beginning) => beginning.startsWith(fold(text))));
}

/** The name from each of its words on. */
function beginnings(name: string): string[] {
  const starts = [...name.matchAll(/(?<=^|[\s\-־_/.(])\S/g)].map(({ index }) => index);
  return starts.map((start) => fold(name.slice(start)));
}

/** Whether the text is the first word, or all, of what begins there. */
function wordsEqual(beginning: string, text: string): boolean {
  const wanted = fold(text);
  return beginning.startsWith(wanted) && /^(?:$|[\s\-־_/.)])/.test(beginning.slice(wanted.length));
}

function startsWithName(rest: string, name: string): boolean {
  if (name === '' || fold(rest.slice(0, name.length)) !== fold(name)) return false;
  const next = rest[name.length];
  return next === undefined || /[\s,;.!?@#]/.test(next);
}

function fold(text: string): string {
  return text.toLowerCase();
}
