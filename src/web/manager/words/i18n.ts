// i18next with our languages. A language is fetched when it is first wanted.
import i18next, { type FormatterModule, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { languages } from './languages.ts';
import { inText } from './numbers.ts';

const nothing = () => undefined;
const numbers: FormatterModule = {
  type: 'formatter',
  init: nothing,
  add: nothing,
  addCached: nothing,
  format: (value, _format, language, options) => inText(value, language, options?.['interpolationkey']),
};

export async function startWords(language: string): Promise<i18n> {
  await i18next
    .use(numbers)
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: false,
      resources: { [language]: { translation: await wordsOf(language) } },
      // React escapes.
      interpolation: { escapeValue: false, alwaysFormat: true },
      returnNull: false,
    });
  show(language);
  return i18next;
}

export async function changeWords(language: string): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', await wordsOf(language));
  }
  await i18next.changeLanguage(language);
  localStorage.setItem('language', language);
  show(language);
}

async function wordsOf(code: string): Promise<object> {
  const language = languages[code];
  if (!language) throw new Error(`There is no language ${code}.`);
  return await language.load();
}

function show(code: string): void {
  document.documentElement.lang = code;
  document.documentElement.dir = languages[code]?.direction ?? 'ltr';
}
