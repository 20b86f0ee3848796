// The languages of the board. One more is one more file like en.ts, and a line here.
import type { Words } from './en/en.ts';

export interface Language {
  /** In the language itself. */
  name: string;
  direction: 'ltr' | 'rtl';
  load: () => Promise<Words>;
}

export const languages: Readonly<Record<string, Language>> = {
  en: { name: 'English', direction: 'ltr', load: async () => (await import('./en/en.ts')).en },
  he: { name: 'עברית', direction: 'rtl', load: async () => (await import('./he/he.ts')).he },
};

/** The first of the wishes that there is, by its language alone: `he-IL` is `he`. */
export function chooseLanguage(wishes: readonly (string | null | undefined)[]): string {
  for (const wish of wishes) {
    const code = wish?.split('-')[0]?.toLowerCase() ?? '';
    if (Object.hasOwn(languages, code)) return code;
  }
  return 'en';
}
