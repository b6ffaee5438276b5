import { describe, expect, test } from '@jest/globals';
import { credentialChange, credentialEntry } from '../../../../layers/contract/credentials.ts';
import { upstreamEntry } from '../../../../layers/contract/upstreams.ts';
import {
  emptyCredential,
  faultyFields,
  inputOf,
} from '../../../../admin-web/src/features/credentials/one/new-credential.ts';
import {
  clientOf,
  faultyClient,
  upstreamWith,
  withPreset,
} from '../../../../admin-web/src/features/credentials/one/oauth-client-values.ts';
import {
  NO_SECRET,
  secretFault,
  secretInput,
} from '../../../../admin-web/src/features/credentials/one/secret-values.ts';
import { changeBetween, NEW_SETTINGS } from '../../../../admin-web/src/features/credentials/one/settings-values.ts';
import {
  freeUpstreamName,
  VENDOR_NAMES,
  VENDORS,
  WAYS,
} from '../../../../admin-web/src/features/credentials/one/vendors.ts';

describe('a new credential', () => {
  test('is sent without what was typed for another way, and as the contract takes it', () => {
    const typed = {
      ...emptyCredential('api_key'),
      name: ' team-a ',
      secret: ' sk-1 ',
      refreshToken: 'left',
      bizId: 'b',
    };
    const input = inputOf('openai', typed);
    expect(input).toEqual({ upstream: 'openai', name: 'team-a', kind: 'api_key', secret: 'sk-1' });
    expect(credentialEntry.safeParse(input).success).toBe(true);
  });

  test('of a refresh token is of kind oauth and keeps what machines ask for it by', () => {
    const typed = { ...emptyCredential('refresh_token'), name: 'ann', refreshToken: 'rt-1', bizId: 'b', clientId: 'c' };
    expect(inputOf('up', typed)).toMatchObject({ kind: 'oauth', refreshToken: 'rt-1', bizId: 'b', clientId: 'c' });
  });

  test('names each field that the contract would refuse', () => {
    const typed = { ...emptyCredential('api_key'), name: ' ', secret: 'two words', priority: 2000 };
    expect([...faultyFields(typed)].toSorted()).toEqual(['name', 'priority', 'secret']);
  });

  test('needs no name where somebody signs in, and no secret where the gateway signs by itself', () => {
    expect(faultyFields(emptyCredential('sign_in'))).toEqual(new Set());
    expect(faultyFields({ ...emptyCredential('aws_role'), name: 'role' })).toEqual(new Set());
    expect(inputOf('bedrock', { ...emptyCredential('aws_role'), name: 'role' })).not.toHaveProperty('secret');
  });
});

describe('headers in place of a key', () => {
  const given = (...headers: { name: string; value: string }[]) => ({ ...NO_SECRET, headers });

  test('are sent by name, without rows that were left empty', () => {
    const values = given({ name: ' x-key ', value: 'v' }, { name: '', value: '' });
    expect(secretInput('headers', values)).toEqual({ headers: { 'x-key': 'v' } });
    expect(secretFault('headers', values)).toBeNull();
  });

  test.each([
    ['no header', given({ name: '', value: '' })],
    ['a name without a value', given({ name: 'x-key', value: ' ' })],
    ['a name twice, whatever its case', given({ name: 'X-Key', value: 'a' }, { name: 'x-key', value: 'b' })],
    ['a name that the gateway sets', given({ name: 'Host', value: 'a' })],
    ['a name with a space', given({ name: 'x key', value: 'a' })],
  ])('%s is told before it is sent', (_, values) => {
    expect(secretFault('headers', values)).toBe('headers');
  });
});

describe('settings that are changed', () => {
  test('are sent alone; an emptied text is taken away, an emptied limit too', () => {
    const stored = { ...NEW_SETTINGS, tag: 'blue', limits: { ...NEW_SETTINGS.limits, tokensPerDay: 5 } };
    const limits = { ...stored.limits, tokensPerDay: '' as const, budget: 1.5, chat: 0 };
    const change = changeBetween(stored, { ...stored, tag: ' ', weight: 3, limits });
    expect(change).toEqual({ tag: null, weight: 3, limits: { budgetMicrosPerMonth: 1_500_000, perDay: { chat: 0 } } });
    expect(credentialChange.safeParse(change).success).toBe(true);
  });

  test('that are as they were are nothing', () => {
    expect(changeBetween(NEW_SETTINGS, { ...NEW_SETTINGS, memo: '  ' })).toEqual({});
  });
});

const UPSTREAM = {
  name: 'up',
  format: 'gemini',
  vendor: 'gemini',
  baseUrl: 'https://api.example.com/v1beta',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
} as const;
const CLIENT = {
  tokenUrl: 'https://id.example.com/token',
  authorizeUrl: null,
  clientId: 'mine',
  hasClientSecret: true,
  clientAuth: 'basic' as const,
  scope: null,
  extra: { audience: 'x' },
  policy: { serverError: 'unknown' as const, serverErrorTries: 3, ambiguous: 'stop' as const },
};

describe('the OAuth client of an upstream', () => {
  test('keeps what the form does not show, and the secret where none is typed', () => {
    const upstream = { ...UPSTREAM, oauth: CLIENT };
    const sent = upstreamWith(upstream, { ...clientOf(upstream), authorizeUrl: 'https://id.example.com/authorize' });
    expect(sent.oauth).toMatchObject({ clientAuth: 'basic', extra: CLIENT.extra, policy: CLIENT.policy });
    expect(sent.oauth).not.toHaveProperty('clientSecret');
    expect(upstreamEntry.safeParse({ ...sent, name: 'up' }).success).toBe(true);
  });

  test('takes the addresses of a preset and keeps whose client it is', () => {
    const preset = {
      name: 'p',
      title: 'P',
      documentation: 'https://docs.example.com',
      tokenUrl: 'https://p.example.com/token',
      authorizeUrl: 'https://p.example.com/authorize',
      scope: null,
      clientAuth: 'body' as const,
      authorizeExtra: { prompt: 'consent' },
      note: '',
    };
    const values = withPreset({ ...clientOf({ ...UPSTREAM, oauth: CLIENT }), clientSecret: 's' }, preset);
    expect(values).toMatchObject({ clientId: 'mine', clientSecret: 's', tokenUrl: preset.tokenUrl, scope: '' });
    expect(upstreamWith({ ...UPSTREAM, oauth: null }, values).oauth).toMatchObject({
      authorizeExtra: { prompt: 'consent' },
    });
  });

  test('needs an address to sign in at for signing in only', () => {
    const upstream = { ...UPSTREAM, oauth: CLIENT };
    expect(faultyClient(upstream, clientOf(upstream), { toSignIn: false })).toEqual(new Set());
    expect(faultyClient(upstream, clientOf(upstream), { toSignIn: true })).toEqual(new Set(['authorizeUrl']));
    expect(
      faultyClient({ ...upstream, oauth: null }, clientOf({ ...upstream, oauth: null }), { toSignIn: false }),
    ).toEqual(new Set(['tokenUrl', 'clientId']));
  });
});

describe('vendors', () => {
  test('are offered with an upstream that the contract takes', () => {
    for (const vendor of VENDOR_NAMES) {
      const { formats, baseUrl, ways } = VENDORS[vendor];
      expect(ways.every((way) => WAYS.includes(way))).toBe(true);
      const entry = { name: vendor, vendor, format: formats[0], baseUrl: baseUrl ?? 'https://example.com/v1' };
      expect(upstreamEntry.safeParse(entry).success).toBe(true);
    }
  });

  test('get a name that no upstream has yet', () => {
    expect(freeUpstreamName('openai', ['xai'])).toBe('openai');
    expect(freeUpstreamName('openai', ['openai', 'openai-2'])).toBe('openai-3');
  });
});
