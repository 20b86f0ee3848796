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

/** All of the page's own text but the words themselves, and the protocol, whose values are keys too. */
function sourceText(): string {
  const protocol = fileURLToPath(new URL('../../src/protocol', import.meta.url));
  return [sources, protocol]
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter(({ name, parentPath }) => /\.tsx?$/.test(name) && !/words[/\\](en|he)$/.test(parentPath))
    .map(({ name, parentPath }) => readFileSync(join(parentPath, name), 'utf8'))
    .join('\n');
}

/** Keys that no source names, neither whole nor by a template whose hole they fill with a word of the sources. */
function unusedOf(keys: readonly string[], text: string): string[] {
  const words = new Set(text.match(/\w+/g));
  const quoted = new Set([...text.matchAll(/['"`](\w+\.\w+)['"`]/g)].map(([, key]) => key));
  const templates = [...text.matchAll(/`((?:\w|\.|\$\{[^}`]*\})+)`/g)]
    .map(([, template]) => template ?? '')
    .filter((template) => /\w\.|\}\./.test(template) && template.includes('${'))
    .map((template) => new RegExp(`^${template.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '(\\w+)')}$`));
  const isFilled = (key: string) =>
    templates.some((template) =>
      template
        .exec(key)
        ?.slice(1)
        .every((filled) => words.has(filled)),
    );
  return keys.filter((key) => !quoted.has(key) && !isFilled(key));
}

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

  it('are all said somewhere', () => {
    const text = sourceText();
    expect(unusedOf(Object.keys(shapeOf(en)), text)).toEqual([]);
    const planted = ['board.nobodySays', 'status.nobodySays', 'first.nobodySaysText'];
    expect(unusedOf(planted, text)).toEqual(planted);
  });

  it('are chosen by the first wish that there is a language for', () => {
    expect(chooseLanguage([null, 'fr-FR', 'he-IL', 'en'])).toBe('he');
    expect(chooseLanguage([undefined, 'xx', '__proto__'])).toBe('en');
  });
});
