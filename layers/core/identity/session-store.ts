/** Sessions as the rules see them. `layers/aws/tables/sessions.ts` implements the store. */

/**
 * What began with one sign-in and ends as a whole: the console's cookie, the refresh tokens that follow one another
 * (their "family") and every access token that was handed out with them. No token is stored.
 */
export interface Session {
  /** `ses_…`; access tokens carry it as `sid`. */
  id: string;
  userId: string;
  /** The user's `validAfter` when the session began. A later one at the user has ended the session. */
  validAfter: number;
  /** Milliseconds since the epoch, as are all times here. */
  createdAt: number;
  lastUsedAt: number;
  /** What the client called itself, cut short; empty when it said nothing. */
  userAgent: string;
  address: string;
  /** Null where the client has no cookie. */
  cookie: { digest: string; expiresAt: number } | null;
  /** Null where the client has only a cookie. */
  refresh: RefreshState | null;
}

export interface RefreshState {
  /** Version of the seed that the family's tokens derive from, and what is mixed in for this family only. */
  seedVersion: string;
  salt: string;
  /** Number of the one token that may be used; the first is 1. */
  generation: number;
  /** When that one was made. */
  rotatedAt: number;
  expiresAt: number;
}

export interface SessionStore {
  create(session: Session): Promise<void>;
  /** What is stored, whether it is still good or not; null when it was ended. */
  find(sessionId: string): Promise<Session | null>;
  /** Takes the place of the refresh state of `generation`, in one conditional write. Else what is there instead. */
  rotate(
    sessionId: string,
    generation: number,
    next: RefreshState,
  ): Promise<{ rotated: true } | { rotated: false; current: Session | null }>;
  /** The later of two ends stays; nothing happens to a session that has ended. */
  extendCookie(sessionId: string, cookie: NonNullable<Session['cookie']>, now: number): Promise<void>;
  /** Lets the session outlive what ends all others of its user with this `validAfter`. */
  keep(sessionId: string, validAfter: number): Promise<void>;
  end(sessionId: string): Promise<void>;
  /** The newest first, ended and expired ones among them. */
  listOfUser(userId: string, limit: number): Promise<Session[]>;
}

/** Whether "sign out everywhere" has passed the session by. Both live in different items: this needs one read of each. */
export function hasOutlived(session: Pick<Session, 'validAfter'>, user: { validAfter: number }): boolean {
  return session.validAfter >= user.validAfter;
}

/**
 * The stamp that ends all sessions of a user. It always grows, whatever the clocks say: what began in the same second as
 * the last stamp ends too, and who signs in next is held against the new one.
 */
export function nextValidAfter(user: { validAfter: number }, nowMs: number): number {
  return Math.max(Math.floor(nowMs / 1000), user.validAfter + 1);
}
