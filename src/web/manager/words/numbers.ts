// Numbers as people of a language read them: 10,000 tasks, not 10000.
import { languages } from './languages.ts';

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

const leftToRight = /[A-Za-z\u00c0-\u02af\u0370-\u058f]/;
const rightToLeft = /[\u0590-\u08ff]/;

/** For i18next: how a value is written into a text. What runs against the text is kept apart from it. */
export function inText(value: unknown, language = 'en', name = ''): string {
  if (typeof value === 'number' && counted.has(name)) return numberText(value, language);
  const text = String(value);
  const runsAgainst = languages[language]?.direction === 'rtl' ? leftToRight : rightToLeft;
  // An address must stay as it is: it is copied.
  return name !== 'url' && runsAgainst.test(text) ? `\u2068${text}\u2069` : text;
}
