import { keyState } from '../../../../admin-web/src/features/keys/key-state.ts';
import { expiryOf, localMinute } from '../../../../admin-web/src/features/keys/lifetime.ts';
import { tightest } from '../../../../admin-web/src/features/keys/limit-share.ts';
import { readKeysSearch } from '../../../../admin-web/src/features/keys/keys-search.ts';

const now = Date.parse('2026-11-21T12:00:00Z');

describe('a key', () => {
  it('is expired from its very instant on', () => {
    expect(keyState({ is_active: true, expires_at: '2026-11-21T12:00:00Z' }, now)).toBe('expired');
    expect(keyState({ is_active: true, expires_at: '2026-11-21T12:00:01Z' }, now)).toBe('active');
  });

  it('is disabled when it is switched off, expired or not, as the API has it', () => {
    expect(keyState({ is_active: false, expires_at: null }, now)).toBe('disabled');
    expect(keyState({ is_active: false, expires_at: '2026-11-20T12:00:00Z' }, now)).toBe('disabled');
  });

  it('made for 30 days expires 30 days from now, and one without end never', () => {
    expect(expiryOf('30d', now)).toBe('2026-12-21T12:00:00.000Z');
    expect(expiryOf('unlimited', now)).toBeNull();
  });

  it('ends at the minute of the reader that its field says, and at none when the field says nothing', () => {
    expect(expiryOf('date', now, localMinute('2027-01-31T10:20:00.000Z'))).toBe('2027-01-31T10:20:00.000Z');
    expect(expiryOf('date', now, '')).toBeUndefined();
  });

  it('shows the limit of which most is used, and one that blocks only where there is no other', () => {
    const [day, minute, blocked] = [
      { name: 'day', limit: 100, used: 50 },
      { name: 'minute', limit: 10, used: 2 },
      { name: 'blocked', limit: 0, used: 0 },
    ];
    expect(tightest([minute, day, blocked])).toBe(day);
    expect(tightest([blocked])).toBe(blocked);
    expect(tightest([])).toBeNull();
  });
});

test('the address of the page keeps what it knows and lets the rest go', () => {
  const known = { scope: 'all', owner: 'mira', search: '4', state: 'expired', key: 'key_1', edit: true, create: true };
  expect(readKeysSearch({ ...known, search: 4, other: 'x' })).toEqual(known);
  expect(readKeysSearch({ scope: 'own', state: 'odd', key: '', edit: 'yes' })).toEqual({});
});
