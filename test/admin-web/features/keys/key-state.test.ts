import { keyState } from '../../../../admin-web/src/features/keys/key-state.ts';
import { expiryOf } from '../../../../admin-web/src/features/keys/lifetime.ts';

const now = Date.parse('2026-11-21T12:00:00Z');

describe('a key', () => {
  it('is expired from its very instant on, switched on or not', () => {
    expect(keyState({ is_active: true, expires_at: '2026-11-21T12:00:00Z' }, now)).toBe('expired');
    expect(keyState({ is_active: false, expires_at: '2026-11-20T12:00:00Z' }, now)).toBe('expired');
  });

  it('is otherwise what its switch says', () => {
    expect(keyState({ is_active: true, expires_at: '2026-11-21T12:00:01Z' }, now)).toBe('active');
    expect(keyState({ is_active: false, expires_at: null }, now)).toBe('disabled');
  });

  it('made for 30 days expires 30 days from now, and one without end never', () => {
    expect(expiryOf('30d', now)).toBe('2026-12-21T12:00:00.000Z');
    expect(expiryOf('unlimited', now)).toBeNull();
  });
});
