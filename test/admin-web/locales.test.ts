import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const LOCALES = path.join(import.meta.dirname, '../../admin-web/src/locales');
const namespaces = readdirSync(path.join(LOCALES, 'en')).toSorted();

function readTexts(language: string, namespace: string): Map<string, string> {
  const file = path.join(LOCALES, language, namespace);
  return flatten(JSON.parse(readFileSync(file, 'utf8')), '');
}

function flatten(value: unknown, prefix: string): Map<string, string> {
  if (typeof value === 'string') return new Map([[prefix, value]]);
  const entries = Object.entries(value as Record<string, unknown>);
  return new Map(entries.flatMap(([key, nested]) => [...flatten(nested, prefix === '' ? key : `${prefix}.${key}`)]));
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((match) => match[1] ?? '').toSorted();
}

describe('the texts of the console', () => {
  it('exist in both languages, feature by feature', () => {
    expect(readdirSync(path.join(LOCALES, 'zh')).toSorted()).toEqual(namespaces);
    expect(namespaces.length).toBeGreaterThan(0);
  });

  it.each(['en', 'zh'])('are all loaded, in %s', (language) => {
    const sources = [`${language}-start.ts`, `${language}.ts`].map((file) =>
      readFileSync(path.join(LOCALES, file), 'utf8'),
    );
    const source = sources.join('');
    for (const namespace of namespaces) expect(source).toContain(`'./${language}/${namespace}'`);
  });

  it.each(namespaces)('%s has the same keys in English and Chinese', (namespace) => {
    expect([...readTexts('zh', namespace).keys()].toSorted()).toEqual(
      [...readTexts('en', namespace).keys()].toSorted(),
    );
  });

  it.each(namespaces)('%s says the same values in both languages, and no text is empty', (namespace) => {
    const chinese = readTexts('zh', namespace);
    for (const [key, english] of readTexts('en', namespace)) {
      expect([key, placeholders(chinese.get(key) ?? '')]).toEqual([key, placeholders(english)]);
      expect([key, english.trim(), chinese.get(key)?.trim()]).not.toContain('');
    }
  });
});
