import { createHash, randomBytes } from 'node:crypto';
import { equalTexts } from '@sluice/kit/crypto/equal-texts';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import { readRefreshToken, REFRESH_LIFE_MS, type RefreshTokens } from './refresh-tokens.ts';
import { hasOutlived, nextValidAfter, type RefreshState, type Session, type SessionStore } from './session-store.ts';
import type { CredentialChange, IdentityStore, User } from './store.ts';

export const SESSION_LIFE_MS = 8 * 3600_000;
/**
 * How long the last token before the current one still gets the current one, for a client whose answer was lost or
 * that asks twice at once. Later it is a replay: somebody has a copy, and the family ends (RFC 9700 §4.14.2).
 */
export const REFRESH_GRACE_MS = 30_000;
/** A cookie slides at most this often, so that a busy page does not write with every call. */
const SLIDE_AFTER_MS = 60_000;
const TOKEN_BYTES = 32;
const MOST_LISTED = 200;
const LONGEST_USER_AGENT = 120;
/** Each other sign-out everywhere at the same moment costs one. */
const MOST_ROUNDS = 20;

/** Who signs in from where. */
export interface Visitor {
  userAgent: string;
  address: string;
}

export type RefreshOutcome =
  | { outcome: 'refreshed'; user: User; session: Session; refreshToken: string }
  | { outcome: 'invalid' | 'expired' | 'account-disabled' };

export interface Sessions {
  /** @param keeps what the client gets: the console's cookie, refresh tokens or both */
  begin(
    user: User,
    visitor: Visitor,
    keeps: { cookie: boolean; refresh: boolean },
  ): Promise<{ session: Session; cookieToken: string | null; refreshToken: string | null }>;
  /** By cookie. Null when there is no such session or it is over. `slid` tells to send the cookie again. */
  use(cookieToken: string): Promise<{ user: User; session: Session; slid: boolean } | null>;
  /** By the id that an access token carries. Null when the session or its user is gone or over. */
  find(sessionId: string, userId: string): Promise<{ user: User; session: Session } | null>;
  refresh(refreshToken: string): Promise<RefreshOutcome>;
  end(sessionId: string): Promise<void>;
  /** Ends the session of a genuine cookie token, whatever its age. False when it proves nothing. */
  endByCookie(cookieToken: string): Promise<boolean>;
  /** The same by a refresh token. */
  endByRefreshToken(refreshToken: string): Promise<boolean>;
  /**
   * "Sign out everywhere": one write at the user that every access token, refresh token and cookie is held against.
   * @param options.keep id of the one session that goes on
   * @param options.change what of the user is written in the same write
   * @returns the user as stored; null when there is none
   */
  endAll(userId: string, options?: { keep?: string | undefined; change?: CredentialChange }): Promise<User | null>;
  /** The user's sessions that still open something, the newest first. */
  list(user: User): Promise<Session[]>;
}

export interface SessionsDeps {
  store: SessionStore;
  identity: Pick<IdentityStore, 'findUserById' | 'raiseValidAfter'>;
  tokens: RefreshTokens;
  clock: Clock;
  log: Pick<Logger, 'warn'>;
}

export function createSessions(deps: SessionsDeps): Sessions {
  const { store, identity, tokens, clock } = deps;

  const find: Sessions['find'] = async (sessionId, userId) => {
    const [user, session] = await Promise.all([identity.findUserById(userId), store.find(sessionId)]);
    if (!user || session?.userId !== user.id) return null;
    if (hasOutlived(session, user)) return { user, session };
    // The two were read side by side: a password change in between has let this session live on.
    const again = await store.find(sessionId);
    return again && hasOutlived(again, user) ? { user, session: again } : null;
  };

  const byCookie = async (cookieToken: string): Promise<Session | null> => {
    const [id = '', secret = ''] = cookieToken.split('.');
    if (!SESSION_ID.test(id)) return null;
    const session = await store.find(id);
    return session?.cookie && equalTexts(session.cookie.digest, digestSecret(secret)) ? session : null;
  };

  return {
    find,
    ...creation(deps),
    async use(cookieToken) {
      const now = clock();
      const named = await byCookie(cookieToken);
      if (!named?.cookie || named.cookie.expiresAt <= now) return null;
      const found = await find(named.id, named.userId);
      if (!found) return null;
      const cookie = { ...named.cookie, expiresAt: now + SESSION_LIFE_MS };
      if (cookie.expiresAt - named.cookie.expiresAt < SLIDE_AFTER_MS) return { ...found, slid: false };
      await store.extendCookie(named.id, cookie, now);
      return { ...found, slid: true };
    },
    refresh: createRefresh({ ...deps, find }),
    end: (sessionId) => store.end(sessionId),
    async endByCookie(cookieToken) {
      const session = await byCookie(cookieToken);
      if (session) await store.end(session.id);
      return session !== null;
    },
    async endByRefreshToken(refreshToken) {
      const presented = readRefreshToken(refreshToken);
      const session = presented && (await store.find(presented.sessionId));
      if (!session || !(await tokens.proves(presented, session))) return false;
      await store.end(session.id);
      return true;
    },
    endAll: createEndAll(deps),
    async list(user) {
      const now = clock();
      const sessions = await store.listOfUser(user.id, MOST_LISTED);
      return sessions.filter((session) => hasOutlived(session, user) && endOf(session) > now);
    },
  };
}

/** When the last thing ends that the session opens by itself. */
export function endOf({ cookie, refresh }: Session): number {
  return Math.max(cookie?.expiresAt ?? 0, refresh?.expiresAt ?? 0);
}

const SESSION_ID = /^ses_[a-z2-7]{16}$/;

function creation({ store, tokens, clock }: SessionsDeps): Pick<Sessions, 'begin'> {
  return {
    async begin(user, visitor, keeps) {
      const now = clock();
      const id = createPrefixedId('ses');
      const secret = randomBytes(TOKEN_BYTES).toString('base64url');
      const refresh = keeps.refresh ? await tokens.begin(now) : null;
      const session: Session = {
        id,
        userId: user.id,
        validAfter: user.validAfter,
        createdAt: now,
        lastUsedAt: now,
        userAgent: visitor.userAgent.slice(0, LONGEST_USER_AGENT),
        address: visitor.address,
        cookie: keeps.cookie ? { digest: digestSecret(secret), expiresAt: now + SESSION_LIFE_MS } : null,
        refresh,
      };
      await store.create(session);
      return {
        session,
        cookieToken: keeps.cookie ? `${id}.${secret}` : null,
        refreshToken: refresh && (await tokens.write(session, refresh)),
      };
    },
  };
}

/** The session that stays is lifted before the stamp is, so that no reader sees it ended. */
function createEndAll({ store, identity, clock }: SessionsDeps): Sessions['endAll'] {
  return async (userId, { keep, change = {} } = {}) => {
    let user = await identity.findUserById(userId);
    for (let round = 1; user !== null; round += 1) {
      if (round > MOST_ROUNDS) throw new Error(`The stamp of user ${userId} kept changing.`);
      const validAfter = nextValidAfter(user, clock());
      if (keep !== undefined) await store.keep(keep, validAfter);
      const raise = await identity.raiseValidAfter(userId, validAfter, change);
      if (raise === null || raise.raised) return raise && raise.user;
      user = raise.user;
    }
    return null;
  };
}

/**
 * One conditional write takes the generation on by one; whoever loses that race, or whose answer was lost, presents the
 * generation before and gets the same successor while the grace lasts. At any time one token can go on, and no fault of
 * a write leaves two.
 */
function createRefresh(deps: SessionsDeps & Pick<Sessions, 'find'>): Sessions['refresh'] {
  const { store, tokens, clock, log, find } = deps;

  const succeed = async (user: User, session: Session, refresh: RefreshState): Promise<RefreshOutcome> => ({
    outcome: 'refreshed',
    user,
    session: { ...session, refresh },
    refreshToken: await tokens.write(session, refresh),
  });

  return async (refreshToken) => {
    const presented = readRefreshToken(refreshToken);
    const known = presented && (await store.find(presented.sessionId));
    if (!known || !(await tokens.proves(presented, known))) return { outcome: 'invalid' };
    const found = await find(known.id, known.userId);
    if (!found?.session.refresh) return { outcome: 'invalid' };
    const now = clock();
    const { user } = found;
    let session: Session | null = found.session;
    if (found.session.refresh.expiresAt <= now) return { outcome: 'expired' };
    if (!user.enabled) return { outcome: 'account-disabled' };

    if (presented.generation === found.session.refresh.generation) {
      const next: RefreshState = {
        ...found.session.refresh,
        generation: presented.generation + 1,
        rotatedAt: now,
        expiresAt: now + REFRESH_LIFE_MS,
      };
      const write = await store.rotate(session.id, presented.generation, next);
      if (write.rotated) return succeed(user, session, next);
      session = write.current;
    }
    if (!session?.refresh) return { outcome: 'invalid' };
    const { refresh } = session;
    // Of a generation that is yet to come knows only a table that was set back.
    if (presented.generation >= refresh.generation) return { outcome: 'invalid' };
    const isLast = presented.generation === refresh.generation - 1;
    if (isLast && now - refresh.rotatedAt <= REFRESH_GRACE_MS) return succeed(user, session, refresh);
    await store.end(session.id);
    log.warn('refresh_token_replayed', { session: session.id, user: user.id, generation: presented.generation });
    return { outcome: 'invalid' };
  };
}

/** The secret has 256 random bits, so a plain hash is enough. */
function digestSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
