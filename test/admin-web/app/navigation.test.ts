import { describe, expect, test } from '@jest/globals';
import { NAVIGATION, holds, maySee } from '../../../admin-web/src/app/navigation.ts';
import type { Session } from '../../../admin-web/src/lib/api/session.ts';

function entriesFor(session: Pick<Session, 'role' | 'permissions'>): string[] {
  return NAVIGATION.flatMap((group) =>
    group.pages.filter((page) => maySee(session as Session, group, page)).map(({ to }): string => to),
  );
}

describe('the menu', () => {
  test('shows users no page of the operators', () => {
    const pages = entriesFor({ role: 'user', permissions: [] });
    expect(pages).toContain('/keys');
    for (const page of ['/credentials', '/users', '/alerts', '/system', '/settings']) expect(pages).not.toContain(page);
  });

  test('shows administrators no page that would only refuse them', () => {
    const pages = entriesFor({ role: 'admin', permissions: ['credentials:manage'] });
    expect(pages).toContain('/credentials');
    expect(pages).toContain('/system');
    expect(pages).not.toContain('/settings');
    expect(entriesFor({ role: 'super_admin', permissions: ['settings:manage'] })).toContain('/settings');
  });

  test('marks the entry of a page below it, and the overview only for itself', () => {
    expect(holds('/keys', '/keys/one')).toBe(true);
    expect(holds('/plan', '/plans')).toBe(false);
    expect(holds('/', '/')).toBe(true);
    expect(holds('/', '/keys')).toBe(false);
  });
});
