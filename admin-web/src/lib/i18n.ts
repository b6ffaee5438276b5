import { createInstance } from 'i18next';
import type { i18n as I18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { english } from '../locales/en.ts';
import { chooseLanguage, localeOf } from './language.ts';
import type { Language } from './language.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: typeof english;
  }
}

const STORAGE_KEY = 'sluice-language';

/** One chunk for each language; only the one in use is loaded. */
async function loadLanguage(language: Language): Promise<Record<string, object>> {
  if (language === 'zh') return (await import('../locales/zh.ts')).chinese;
  return (await import('../locales/en.ts')).english;
}

/** Ready to render: the language is chosen and its texts are loaded. */
export async function createI18n(): Promise<I18n> {
  const instance = createInstance();
  instance.use(initReactI18next);
  const language = chooseLanguage(readStored(), navigator.languages);
  await instance.init({
    lng: language,
    resources: { [language]: await loadLanguage(language) },
    defaultNS: 'common',
    // React escapes what it renders.
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  markDocument(language);
  return instance;
}

export async function switchLanguage(instance: I18n, language: Language): Promise<void> {
  for (const [namespace, texts] of Object.entries(await loadLanguage(language))) {
    instance.addResourceBundle(language, namespace, texts);
  }
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
