import { hkdfSync, randomBytes } from 'node:crypto';
import { equalTexts } from '@sluice/kit/crypto/equal-texts';
import { createHmacSha256, type HmacSha256 } from '@sluice/kit/crypto/hmac-sha256';
import { newestVersion, type VersionedSecret } from './secret-versions.ts';
import type { RefreshState, Session } from './session-store.ts';

/**
 * Refresh tokens: `rt1.<session id>.<generation>.<proof>`, the proof an HMAC-SHA-256 of session, generation and the
 * session's salt under a key derived from the signing seed, which only the admin function can read.
 *
 * So the table alone makes no token, nor does the seed alone; a token of any generation can be told from a guess without
 * one being stored; and the successor of a token is always the same one, so that a client whose answer was lost gets
 * what it missed instead of a second family.
 */
export interface RefreshTokens {
  /** The state of a new family. */
  begin(now: number): Promise<RefreshState>;
  /** The token of a generation of the session's family. */
  write(session: Pick<Session, 'id'>, state: RefreshState): Promise<string>;
  /** Whether the token is, or once was, one of the session's family. */
  proves(presented: PresentedToken, session: Pick<Session, 'id' | 'refresh'>): Promise<boolean>;
}

export interface PresentedToken {
  sessionId: string;
  generation: number;
  proof: string;
}

/** Since the last rotation; who comes back later signs in anew. */
export const REFRESH_LIFE_MS = 7 * 24 * 3600_000;
const TOKEN = /^rt1\.(ses_[a-z2-7]{16})\.([1-9]\d{0,8})\.([\da-f]{64})$/;
const SALT_BYTES = 16;

/** Null for whatever is no refresh token by its form: access tokens and keys among them. */
export function readRefreshToken(text: string): PresentedToken | null {
  const [, sessionId, generation, proof] = TOKEN.exec(text) ?? [];
  if (sessionId === undefined || generation === undefined || proof === undefined) return null;
  return { sessionId, generation: Number(generation), proof };
}

export function createRefreshTokens(deps: { readSeed: () => Promise<VersionedSecret> }): RefreshTokens {
  const keys = new Map<string, HmacSha256>();
  const keyOf = async (version: string): Promise<HmacSha256 | null> => {
    const known = keys.get(version);
    if (known) return known;
    const seeds = await deps.readSeed();
    const seed = Object.hasOwn(seeds, version) ? seeds[version] : undefined;
    if (seed === undefined) return null;
    const made = createHmacSha256(Buffer.from(hkdfSync('sha256', seed, '', `sluice/refresh/hmac/${version}`, 32)));
    keys.set(version, made);
    return made;
  };
  const proofOf = async (id: string, generation: number, state: RefreshState): Promise<string | null> => {
    const key = await keyOf(state.seedVersion);
    return key && key(`${id}.${generation}.${state.salt}`);
  };
  return {
    async begin(now) {
      const { version } = newestVersion(await deps.readSeed());
      const salt = randomBytes(SALT_BYTES).toString('hex');
      return { seedVersion: version, salt, generation: 1, rotatedAt: now, expiresAt: now + REFRESH_LIFE_MS };
    },
    async write({ id }, state) {
      const proof = await proofOf(id, state.generation, state);
      if (proof === null) throw new Error(`There is no signing seed ${state.seedVersion}.`);
      return `rt1.${id}.${state.generation}.${proof}`;
    },
    async proves({ sessionId, generation, proof }, { id, refresh }) {
      if (refresh === null || sessionId !== id) return false;
      const expected = await proofOf(id, generation, refresh);
      return expected !== null && equalTexts(expected, proof);
    },
  };
}
