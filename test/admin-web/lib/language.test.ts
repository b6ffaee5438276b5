import { chooseLanguage } from '../../../admin-web/src/lib/language.ts';

describe('the language of the console', () => {
  it.each([
    ['zh', ['en-US'], 'zh'],
    [null, ['zh-TW', 'en'], 'zh'],
    [null, ['fr-FR', 'en-GB', 'zh'], 'en'],
    ['xx', ['zh-CN'], 'zh'],
    [null, [], 'en'],
  ])('is, with %j stored and a browser that speaks %j, %s', (stored, browserLanguages, language) => {
    expect(chooseLanguage(stored, browserLanguages)).toBe(language);
  });
});
