export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The stored choice where it is one of ours, else the first of the browser's languages that we speak, else English. */
export function chooseLanguage(stored: string | null, browserLanguages: readonly string[]): Language {
  for (const wish of [stored, ...browserLanguages]) {
    const base = wish?.toLowerCase().split('-')[0];
    const known = LANGUAGES.find((language) => language === base);
    if (known) return known;
  }
  return 'en';
}

/** The tag that numbers and dates are formatted by. */
export function localeOf(language: string): string {
  return language === 'zh' ? 'zh-CN' : 'en-US';
}
