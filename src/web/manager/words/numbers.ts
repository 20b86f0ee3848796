// Numbers as people of a language read them: 10,000 tasks, not 10000.
const formats = new Map<string, Intl.NumberFormat>();

export function numberText(value: number, language: string): string {
  const known = formats.get(language);
  if (known) return known.format(value);
  const made = new Intl.NumberFormat(language);
  formats.set(language, made);
  return made.format(value);
}

/** What is counted. The number of a task is a name, and names have no separators. */
const counted = new Set(['count', 'shown', 'rest']);

/** For i18next: how a value is written into a text. */
export function inText(value: unknown, language: string | undefined, name: string | undefined): string {
  return typeof value === 'number' && counted.has(name ?? '') ? numberText(value, language ?? 'en') : String(value);
}
