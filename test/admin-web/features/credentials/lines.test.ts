import { describe, expect, test } from '@jest/globals';
import { commonOf, EMPTY_IMPORT, faultsOf } from '../../../../admin-web/src/features/credentials/list/import-form.ts';
import { hintOf, readLines } from '../../../../admin-web/src/features/credentials/list/import-lines.ts';
import {
  differenceOf,
  linesOf,
  proxiesToSend,
} from '../../../../admin-web/src/features/credentials/list/list-lines.ts';

describe('lines to be imported', () => {
  test('keep their number, lose blanks around them, and are taken once', () => {
    expect(readLines('one\r\n\n  two \none\n')).toEqual({
      lines: [
        { number: 1, secret: 'one' },
        { number: 3, secret: 'two' },
      ],
      repeated: 1,
    });
  });

  test('are hinted at by their ends, and not at all where the ends are most of them', () => {
    expect(hintOf('sk-abcdefghijklmnop')).toBe('sk-a…mnop');
    expect(hintOf('short-key-12')).not.toContain('s');
  });
});

describe('what lines to be imported have in common', () => {
  const form = { ...EMPTY_IMPORT, upstream: 'openai', text: 'one' };

  test('what is left to the lists of the server is not sent', () => {
    expect(commonOf(form)).toEqual({ upstream: 'openai', what: 'refreshTokens' });
  });

  test('that no proxy is wanted is said, since silence means one of the list', () => {
    expect(commonOf({ ...form, proxy: 'none' })).toHaveProperty('proxyUrl', null);
    expect(commonOf({ ...form, proxy: 'own', proxyUrl: ' http://p:1 ' })).toHaveProperty('proxyUrl', 'http://p:1');
  });

  test('keys have no client, although one was typed before', () => {
    expect(commonOf({ ...form, what: 'secrets', clientId: 'app_1' })).not.toHaveProperty('clientId');
    expect(commonOf({ ...form, clientId: ' app_1 ', tag: ' spring ' })).toMatchObject({
      clientId: 'app_1',
      tag: 'spring',
    });
  });

  test('faults name the field that has them', () => {
    expect(faultsOf({ ...EMPTY_IMPORT, proxy: 'own', proxyUrl: 'nowhere' })).toEqual({
      upstream: 'choose',
      text: 'noLines',
      proxyUrl: 'noProxy',
    });
    expect(faultsOf(form)).toEqual({});
  });
});

describe('a list that is edited as text', () => {
  test('has each member once, without blank lines', () => {
    expect(linesOf(' a \n\nb\r\na\n')).toEqual(['a', 'b']);
  });

  test('tells what is new and what goes', () => {
    expect(differenceOf('a\nc', ['a', 'b'])).toEqual({ added: ['c'], removed: ['b'] });
    expect(differenceOf('b\na', ['a', 'b'])).toEqual({ added: [], removed: [] });
  });

  test('proxies that stay are sent by their id, so that their password stays too', () => {
    const stored = [
      { id: '1', url: 'http://********@one:1' },
      { id: '2', url: 'http://********@one:1' },
      { id: '3', url: 'http://two:2' },
    ];
    expect(proxiesToSend('http://********@one:1\nhttp://new:3', stored)).toEqual([
      { id: '1', url: 'http://********@one:1' },
      { id: '2', url: 'http://********@one:1' },
      'http://new:3',
    ]);
  });
});
