import { describe, expect, test } from '@jest/globals';
import { SETTING_NAMES } from '@sluice/contract/settings';
import { english } from '../../../../admin-web/src/locales/en.ts';
import { faultOf, kindOf } from '../../../../admin-web/src/features/settings/setting-kind.ts';

describe('the field of a setting', () => {
  test('is of the kind that the contract has', () => {
    expect(kindOf('registration', 'closed')).toEqual({ kind: 'choice', options: ['open', 'closed'] });
    expect(kindOf('apiDocs', false)).toEqual({ kind: 'switch' });
    expect(kindOf('usageLogDays', 90)).toEqual({ kind: 'number' });
    expect(kindOf('browserOrigins', [])).toEqual({ kind: 'words' });
    expect(kindOf('allowedUpstreamNetworks', [])).toEqual({ kind: 'words' });
    expect(kindOf('registrationDomains', [])).toEqual({ kind: 'words' });
    expect(kindOf('roleLimits', {})).toEqual({ kind: 'json' });
    expect(kindOf('trustFactors', [1])).toEqual({ kind: 'json' });
  });

  test('of a setting that only the gateway knows follows its value', () => {
    expect(kindOf('fromTheFuture', true)).toEqual({ kind: 'switch' });
    expect(kindOf('fromTheFuture', { a: 1 })).toEqual({ kind: 'json' });
    expect(faultOf('fromTheFuture', 'anything')).toBeNull();
  });

  test('says where a structure is wrong', () => {
    expect(faultOf('usageLogDays', 90)).toBeNull();
    expect(faultOf('usageLogDays', 1)).not.toBeNull();
    expect(faultOf('roleLimits', { user: { requestsPerMinute: 'many' } })).toMatch(/^user\.requestsPerMinute: /);
  });
});

test('every setting has a name and a hint', () => {
  const { names, hints } = english.settings as { names: Record<string, string>; hints: Record<string, string> };
  const missing = SETTING_NAMES.filter((name) => !(name in names) || !(name in hints));
  expect(missing).toEqual([]);
});
