import { describe, expect, it } from '@jest/globals';
import { describeChanges } from '../../../layers/core/audit/changes.ts';
import { canonicalJson } from '../../../layers/core/audit/entry.ts';

describe('what an entry tells of a change', () => {
  it('is each field that differs, before and after', () => {
    const before = { class: 'chat', routes: [{ upstream: 'a' }], limits: { tokensPerDay: 5, perDay: { chat: 1 } } };
    const after = {
      class: 'chat',
      routes: [{ upstream: 'b' }],
      limits: { tokensPerDay: 6, perDay: { chat: 1 } },
      x: 1,
    };
    expect(describeChanges(before, after)).toEqual([
      { field: 'routes', before: '[{"upstream":"a"}]', after: '[{"upstream":"b"}]' },
      { field: 'limits.tokensPerDay', before: '5', after: '6' },
      { field: 'x', after: '1' },
    ]);
    expect(describeChanges({ name: 'a' }, null)).toEqual([{ field: 'name', before: '"a"' }]);
    expect(describeChanges(null, undefined)).toEqual([]);
  });

  const secrets: [string, unknown][] = [
    ['password', { password: 'hunter22' }],
    ['newPassword', { newPassword: 'hunter22' }],
    ['current_password', { current_password: 'hunter22' }],
    ['secret', { secret: 'hunter22' }],
    ['clientSecret', { oauth: { clientSecret: 'hunter22' } }],
    ['refreshToken', { refreshToken: 'hunter22' }],
    ['access_token', { access_token: 'hunter22' }],
    ['token', { token: 'hunter22' }],
    ['tokens', { tokens: ['hunter22'] }],
    ['ssoTokens', { ssoTokens: [{ token: 'hunter22' }] }],
    ['X-API-Key', { 'X-API-Key': 'hunter22' }],
    ['rt_tokens', { rt_tokens: ['hunter22'] }],
    ['headers', { headers: { 'x-anything': 'hunter22' } }],
    ['machineSecrets', { machineSecrets: [{ name: 'a', secret: 'hunter22' }] }],
    ['a list of rows', { credentials: [{ name: 'a', secret: 'hunter22' }] }],
    ['deep in a list', { rows: [{ inner: { deeper: { still: { password: 'hunter22' } } } }] }],
    ['a redemption code', { code: 'HUNTER22'.toLowerCase() }],
    ['a proxy', { proxyUrl: 'http://user:hunter22@proxy.example.com:1' }],
    ['a webhook as its view names it', { url: 'https://hooks.example.com/hunter22?a=hunter22' }],
    ['a webhook', { webhookUrl: 'https://hooks.example.com/hunter22' }],
    ['under a secret name', { credentials: 1, password: { value: 'hunter22' } }],
    ['a vendor key under any name', { memo: 'use sk-abcdefghunter22xyz123' }],
    ['a bearer under any name', { memo: 'Bearer hunter22' }],
  ];
  it.each(secrets)('is never a secret: %s', (_name, row) => {
    for (const changes of [describeChanges(null, row), describeChanges(row, null)]) {
      expect(changes.length).toBeGreaterThan(0);
      expect(JSON.stringify(changes)).not.toContain('hunter22');
    }
  });

  it('hides names, not figures: limits of tokens are told', () => {
    const row = { tokensPerDay: 5, token_limit: 7, maxOutputTokens: 9, inputPerMillion: 1.25, status_code: 404 };
    expect(describeChanges(null, row).map(({ after }) => after)).toEqual(['5', '7', '9', '1.25', '404']);
  });

  it('has bounds', () => {
    const wide = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, 'x'.repeat(5_000)]));
    const changes = describeChanges(null, wide);
    expect(changes).toHaveLength(61);
    expect(changes.at(-1)).toEqual({ field: '…', after: '"440 more"' });
    expect(JSON.stringify(changes).length).toBeLessThan(40_000);
  });
});

describe('canonical JSON', () => {
  it('is one text for one value, whatever the order of its names', () => {
    expect(canonicalJson({ b: [1, { d: null, c: undefined }], a: 'ü"' })).toBe('{"a":"ü\\"","b":[1,{"d":null}]}');
    expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
  });
});
