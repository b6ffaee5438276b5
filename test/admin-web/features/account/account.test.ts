import { describe, expect, test } from '@jest/globals';
import { deviceName } from '../../../../admin-web/src/features/account/device-name.ts';
import { languageOf, otherSettings, themeOf } from '../../../../admin-web/src/features/account/own-settings.ts';

describe('the name of a device', () => {
  test.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
      'Edge 140 · Windows',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox 140 · Linux'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
      'Safari 18 · iPhone',
    ],
    [
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36',
      'Chrome 139 · Android',
    ],
    ['node', 'node'],
    ['', ''],
  ])('of %s is %s', (userAgent, name) => {
    expect(deviceName(userAgent)).toBe(name);
  });
});

describe('own settings', () => {
  test('that the console does not know of read as if they were not set', () => {
    const settings = { notifications: {}, security: {}, preferences: { language: 'fr', theme: 'sepia' } };
    expect([languageOf(settings), themeOf(settings)]).toEqual([null, 'system']);
  });

  test('of other consoles are listed, those that have a field or are a note of this one are not', () => {
    const settings = {
      notifications: { email: true, weekly: false },
      security: { twoFactor: false },
      preferences: { language: 'zh', theme: 'dark', guide: 'done' },
    };
    expect(otherSettings(settings)).toEqual([
      { name: 'notifications.weekly', value: false },
      { name: 'security.twoFactor', value: false },
    ]);
  });
});
