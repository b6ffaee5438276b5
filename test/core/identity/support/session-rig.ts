import type { Session } from '../../../../layers/core/identity/session-store.ts';
import { createRefreshTokens } from '../../../../layers/core/identity/refresh-tokens.ts';
import { createSessions, type RefreshOutcome, type Sessions } from '../../../../layers/core/identity/sessions.ts';
import type { IdentityStore, User } from '../../../../layers/core/identity/store.ts';
import { createMemorySessions, type MemorySessions } from '../../../support/memory-sessions.ts';
import { createMemoryIdentityStore, type MemoryIdentityStore } from '../../../support/memory-stores.ts';

export const NOON = Date.parse('2026-03-01T12:00:00.500Z');
export const VISITOR = { userAgent: 'a test', address: '192.0.2.1' };
export const BOTH = { cookie: true, refresh: true };

export const ANN: User = {
  id: 'usr_ann',
  username: 'ann',
  email: null,
  role: 'user',
  passwordHash: null,
  enabled: true,
  silenced: false,
  emailVerified: true,
  validAfter: 0,
  trustLevel: 0,
  mustChangePassword: false,
  createdAt: 0,
};

/** Runs before every call of a store; may throw, or run the call itself. */
export type Around = <Value>(call: () => Promise<Value>) => Promise<Value>;

export interface SessionRig {
  sessions: Sessions;
  store: MemorySessions;
  identity: MemoryIdentityStore;
  now: { ms: number };
  log: string[];
  /** The same rules over the same rows, whose every store call goes through `around`. */
  through(around: Around): Sessions;
  /** A copy of everything, to try out what would happen. */
  fork(): SessionRig;
}

export function createSessionRig(from: { users?: User[]; sessions?: Session[]; nowMs?: number } = {}): SessionRig {
  const store = createMemorySessions(from.sessions);
  const identity = createMemoryIdentityStore({ users: from.users ?? [ANN] });
  const now = { ms: from.nowMs ?? NOON };
  const log: string[] = [];
  const make = (around: Around): Sessions =>
    createSessions({
      store: wrapped(store, around),
      identity: wrapped<Pick<IdentityStore, 'findUserById' | 'raiseValidAfter'>>(identity, around),
      tokens: createRefreshTokens({ readSeed: async () => ({ v1: 'a seed of the test' }) }),
      clock: () => now.ms,
      log: { warn: (event) => void log.push(event) },
    });
  return {
    sessions: make((call) => call()),
    store,
    identity,
    now,
    log,
    through: make,
    fork: () =>
      createSessionRig({
        users: [...identity.rows.users.values()],
        sessions: [...store.rows.values()],
        nowMs: now.ms,
      }),
  };
}

function wrapped<Store extends object>(store: Store, around: Around): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => around(() => member.apply(target, given) as Promise<unknown>);
    },
  });
}

export function tokenOf(outcome: RefreshOutcome): string {
  if (outcome.outcome !== 'refreshed') throw new Error(`The refresh was ${outcome.outcome}.`);
  return outcome.refreshToken;
}

/** A family, and its first token. */
export async function aFamily(rig: SessionRig): Promise<{ session: Session; token: string; cookie: string }> {
  const user = await rig.identity.findUserById(ANN.id);
  const { session, refreshToken, cookieToken } = await rig.sessions.begin(user ?? ANN, VISITOR, BOTH);
  return { session, token: refreshToken ?? '', cookie: cookieToken ?? '' };
}

/** Which of the tokens could be used now, each tried by itself. */
export async function usable(rig: SessionRig, tokens: Iterable<string>): Promise<string[]> {
  const found: string[] = [];
  for (const token of new Set(tokens)) {
    if ((await rig.fork().sessions.refresh(token)).outcome === 'refreshed') found.push(token);
  }
  return found;
}
