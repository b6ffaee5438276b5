import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '@sluice/kit/time/clock';
import type { IdentityStore, Session } from './store.ts';

export const SESSION_LIFE_MS = 8 * 3600_000;
/** A session slides at most this often, so that a busy page does not write with every call. */
const SLIDE_AFTER_MS = 60_000;
const TOKEN_BYTES = 32;

export interface Sessions {
  begin(userId: string): Promise<{ token: string; expiresAt: number }>;
  /** Null when there is no such session or it is over. `slid` tells that the cookie has to be sent again. */
  use(token: string): Promise<{ session: Session; slid: boolean } | null>;
  end(token: string): Promise<void>;
}

/** Cookie sessions of the console: 8 hours, sliding with use; a digest of the token is stored, never the token. */
export function createSessions(deps: {
  store: Pick<IdentityStore, 'createSession' | 'findSession' | 'extendSession' | 'deleteSession'>;
  clock: Clock;
}): Sessions {
  return {
    async begin(userId) {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const createdAt = deps.clock();
      const expiresAt = createdAt + SESSION_LIFE_MS;
      await deps.store.createSession({ tokenDigest: digestSessionToken(token), userId, createdAt, expiresAt });
      return { token, expiresAt };
    },
    async use(token) {
      const now = deps.clock();
      const session = await deps.store.findSession(digestSessionToken(token), now);
      if (!session) return null;
      const expiresAt = now + SESSION_LIFE_MS;
      if (expiresAt - session.expiresAt < SLIDE_AFTER_MS) return { session, slid: false };
      await deps.store.extendSession(session.tokenDigest, expiresAt);
      return { session: { ...session, expiresAt }, slid: true };
    },
    end: (token) => deps.store.deleteSession(digestSessionToken(token)),
  };
}

/** The token has 256 random bits, so a plain hash is enough. */
function digestSessionToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
