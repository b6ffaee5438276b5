import { createInstance } from 'i18next';
import type { i18n as I18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { englishStart } from '../locales/en-start.ts';
import type { english } from '../locales/en.ts';
import { chooseLanguage, localeOf } from './language.ts';
import type { Language } from './language.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: typeof englishStart & typeof english;
  }
}

const STORAGE_KEY = 'sluice-language';

/** What is said up to the login, and what the pages behind it say: a chunk each, of the language in use only. */
const TEXTS = {
  en: {
    start: async () => (await import('../locales/en-start.ts')).englishStart,
    pages: async () => (await import('../locales/en.ts')).english,
  },
  zh: {
    start: async () => (await import('../locales/zh-start.ts')).chineseStart,
    pages: async () => (await import('../locales/zh.ts')).chinese,
  },
} as const satisfies Record<Language, Record<string, () => Promise<Record<string, object>>>>;

/** A namespace of the pages, which tells whether theirs are loaded. */
const OF_PAGES = 'overview';

/** Ready to render: the language is chosen and its texts are loaded. */
export async function createI18n(): Promise<I18n> {
  const instance = createInstance();
  instance.use(initReactI18next);
  const language = chooseLanguage(readStored(), navigator.languages);
  await instance.init({
    lng: language,
    resources: { [language]: await TEXTS[language].start() },
    defaultNS: 'common',
    // React escapes what it renders.
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  markDocument(language);
  return instance;
}

/** Loads what the pages behind the login say. */
export async function loadPageTexts(instance: I18n): Promise<void> {
  const language = chooseLanguage(instance.language, []);
  if (!instance.hasResourceBundle(language, OF_PAGES)) addTexts(instance, language, await TEXTS[language].pages());
}

function addTexts(instance: I18n, language: Language, texts: Record<string, object>): void {
  for (const [namespace, bundle] of Object.entries(texts)) instance.addResourceBundle(language, namespace, bundle);
}

export async function switchLanguage(instance: I18n, language: Language): Promise<void> {
  const parts: Promise<Record<string, object>>[] = [TEXTS[language].start()];
  if (instance.hasResourceBundle(instance.language, OF_PAGES)) parts.push(TEXTS[language].pages());
  for (const texts of await Promise.all(parts)) addTexts(instance, language, texts);
  await instance.changeLanguage(language);
  markDocument(language);
  try {
    localStorage.setItem(STORAGE_KEY, language);
  } catch {
    // Storage can be forbidden; the choice then lasts as long as the page.
  }
}

function readStored(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

/** The right `lang` makes browsers pick Chinese glyphs and screen readers the right voice. */
function markDocument(language: Language): void {
  document.documentElement.lang = localeOf(language);
}
