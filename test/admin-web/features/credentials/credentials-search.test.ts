import { describe, expect, test } from '@jest/globals';
import {
  filterOf,
  isFiltered,
  placeOf,
  readCredentialsSearch,
} from '../../../../admin-web/src/features/credentials/credentials-search.ts';

describe('the address of the credentials page', () => {
  test('carries the part, the filters, what is open and the dialog', () => {
    const search = {
      tab: 'proxies',
      search: 'jo',
      upstream: 'openai',
      state: 'cooling',
      kind: 'oauth',
      tier: 'super',
      tag: 'spring',
      created: '2026-03-01',
      open: 'openai/crd_1',
      part: 'history',
      add: 'api_key',
      dialog: 'import',
    };
    expect(readCredentialsSearch(search)).toEqual(search);
  });

  test('a text that reads like a number is a text all the same', () => {
    expect(readCredentialsSearch({ search: 42, tag: 7 })).toEqual({ search: '42', tag: '7' });
  });

  test('what nobody could have chosen is ignored', () => {
    const search = { tab: 'list', state: 'gone', kind: '', open: 'no-place', add: 'yes', dialog: 1, created: 'today' };
    expect(readCredentialsSearch(search)).toEqual({});
  });

  test('a place is two halves, and nothing else is one', () => {
    expect(placeOf('openai/crd_1')).toEqual({ upstream: 'openai', id: 'crd_1' });
    expect(placeOf('openai')).toBeNull();
    expect(placeOf('a/b/c')).toBeNull();
    expect(placeOf(undefined)).toBeNull();
  });

  test('what is open narrows nothing', () => {
    expect(isFiltered(readCredentialsSearch({ open: 'openai/crd_1', add: true, dialog: 'import' }))).toBe(false);
    expect(isFiltered({ tag: 'spring' })).toBe(true);
    expect(filterOf({ tag: 'spring', open: 'openai/crd_1' })).toMatchObject({ tag: 'spring' });
    expect(filterOf({ open: 'openai/crd_1' })).not.toHaveProperty('open');
  });
});
