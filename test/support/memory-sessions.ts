import type { Session, SessionStore } from '../../layers/core/identity/session-store.ts';

export interface MemorySessions extends SessionStore {
  rows: Map<string, Session>;
}

/** A session store in memory. Values are copied on the way in and out. */
export function createMemorySessions(seed: Session[] = []): MemorySessions {
  const rows = new Map(seed.map((session) => [session.id, structuredClone(session)]));
  const read = (id: string): Session | null => structuredClone(rows.get(id) ?? null);
  const change = (id: string, made: Partial<Session>): void => {
    const stored = rows.get(id);
    if (stored) rows.set(id, { ...stored, ...structuredClone(made) });
  };
  return {
    rows,
    create: async (session) => void rows.set(session.id, structuredClone(session)),
    find: async (id) => read(id),
    async rotate(id, generation, next) {
      if (rows.get(id)?.refresh?.generation !== generation) return { rotated: false, current: read(id) };
      change(id, { refresh: next, lastUsedAt: next.rotatedAt });
      return { rotated: true };
    },
    async extendCookie(id, cookie, now) {
      const { expiresAt } = rows.get(id)?.cookie ?? { expiresAt: Infinity };
      if (expiresAt < cookie.expiresAt) change(id, { cookie, lastUsedAt: now });
    },
    keep: async (id, validAfter) => change(id, { validAfter }),
    end: async (id) => void rows.delete(id),
    listOfUser: async (userId, limit) =>
      [...rows.values()]
        .filter((session) => session.userId === userId)
        .toSorted((left, right) => right.createdAt - left.createdAt)
        .slice(0, limit)
        .map((session) => structuredClone(session)),
  };
}

/** A session of nothing but access tokens, that goes on. */
export function aSession(change: Partial<Session> = {}): Session {
  return {
    id: 'ses_aaaaaaaaaaaaaaaa',
    userId: 'usr_1',
    validAfter: 0,
    createdAt: 0,
    lastUsedAt: 0,
    userAgent: '',
    address: '',
    cookie: null,
    refresh: null,
    ...change,
  };
}
