// Every language says everything, and nothing is said that no language has.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { en } from '../../src/web/manager/words/en/en.ts';
import { chooseLanguage, languages } from '../../src/web/manager/words/languages.ts';

const sources = fileURLToPath(new URL('../../src/web/manager', import.meta.url));
const forms = /_(zero|one|two|few|many|other)$/;

type Words = Record<string, Record<string, string>>;

function keysOf(words: Words): string[] {
  return Object.entries(words).flatMap(([group, texts]) => Object.keys(texts).map((key) => `${group}.${key}`));
}

/** Keys without their plural forms, and what is to be filled into each. */
function shapeOf(words: Words): Record<string, string> {
  const shape: Record<string, string> = {};
  for (const [group, texts] of Object.entries(words)) {
    for (const [key, text] of Object.entries(texts)) {
      const holes = [...text.matchAll(/\{\{(\w+)\}\}/g)]
        .map(([, name]) => name ?? '')
        .filter((name) => name !== 'count');
      const base = `${group}.${key.replace(forms, '')}`;
      if (!forms.test(key) || key.endsWith('_other')) shape[base] = [...new Set(holes)].sort().join();
    }
  }
  return shape;
}

const codes = Object.keys(languages);

describe('the words', () => {
  it.each(codes)('in %s say the same things as in English, with the same values', async (code) => {
    const words = (await languages[code]?.load()) as Words;
    expect(shapeOf(words)).toEqual(shapeOf(en));
  });

  it.each(codes)('in %s have every plural form that the language needs, and no other', async (code) => {
    const words = (await languages[code]?.load()) as Words;
    const wanted = new Intl.PluralRules(code).resolvedOptions().pluralCategories.filter((form) => form !== 'many');
    const plurals = new Map<string, string[]>();
    for (const key of keysOf(words)) {
      const form = forms.exec(key)?.[1];
      const base = key.replace(forms, '');
      if (form) plurals.set(base, [...(plurals.get(base) ?? []), form]);
    }
    expect(plurals.size).toBeGreaterThan(20);
    for (const [key, has] of plurals) expect([key, has.sort()]).toEqual([key, [...wanted].sort()]);
  });

  it.each(codes)('in %s are not empty', async (code) => {
    const words = (await languages[code]?.load()) as Words;
    expect(Object.values(words).flatMap((texts) => Object.values(texts).filter((text) => text.trim() === ''))).toEqual(
      [],
    );
  });

  it('exist for every key that the sources name', () => {
    const known = new Set([...Object.keys(shapeOf(en))]);
    const named = new Set<string>();
    for (const entry of readdirSync(sources, { recursive: true, withFileTypes: true })) {
      if (!/\.tsx?$/.test(entry.name)) continue;
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
      for (const [, key] of text.matchAll(/\b(?:t|say)\(\s*'([a-z]\w*\.\w+)'/g)) named.add(key ?? '');
    }
    expect(named.size).toBeGreaterThan(100);
    expect([...named].filter((key) => !known.has(key))).toEqual([]);
  });

  it('are chosen by the first wish that there is a language for', () => {
    expect(chooseLanguage([null, 'fr-FR', 'he-IL', 'en'])).toBe('he');
    expect(chooseLanguage([undefined, 'xx', '__proto__'])).toBe('en');
  });
});
