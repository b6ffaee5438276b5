import { createHash, randomBytes } from 'node:crypto';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { foldLogin } from './fold-login.ts';
import type { AccountStore, LinkPurpose, MailedLink } from './account-store.ts';
import type { User } from './store.ts';

/** How long links work, in milliseconds. */
export const LINK_LIFE_MS = {
  'verify-email': 24 * 3_600_000,
  'change-email': 24 * 3_600_000,
  'reset-password': 3_600_000,
} as const satisfies Record<LinkPurpose, number>;
/** An invitation waits for somebody who did not ask for it. */
export const INVITATION_LIFE_MS = 72 * 3_600_000;

const TOKEN_BYTES = 32;
/** 43 characters of base64url. */
const TOKEN = /^[\w-]{43}$/;

/** Makes a token and keeps its digest; the token goes into a mail and nowhere else. */
export async function createLink(
  store: Pick<AccountStore, 'createLink'>,
  facts: { purpose: LinkPurpose; user: User; email: string; now: number; lifeMs?: number },
): Promise<string> {
  const { purpose, user, email, now, lifeMs = LINK_LIFE_MS[purpose] } = facts;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  await store.createLink({
    tokenDigest: digestToken(token),
    purpose,
    userId: user.id,
    email,
    stamp: standingStamp(user),
    createdAt: now,
    expiresAt: now + lifeMs,
    usedAt: null,
  });
  return token;
}

/**
 * The link of a token that still works for one of these purposes.
 * @throws GatewayError `link_invalid`, with what is known of why
 */
export async function findLink(
  store: Pick<AccountStore, 'findLink'>,
  token: string,
  { purposes, now }: { purposes: readonly LinkPurpose[]; now: number },
): Promise<MailedLink> {
  const link = TOKEN.test(token) ? await store.findLink(digestToken(token)) : null;
  if (!link || !purposes.includes(link.purpose)) throw linkInvalid('This link is not valid.');
  if (link.usedAt !== null) throw linkUsed();
  if (link.expiresAt <= now) throw linkInvalid('This link has expired. Please ask for a new one.');
  return link;
}

export function linkUsed(): GatewayError {
  return linkInvalid('This link was used already. If it was you, please sign in.');
}

export function linkInvalid(message: string): GatewayError {
  return new GatewayError('link_invalid', { message, param: 'token' });
}

/** Changes with the password and with the address: what was mailed before either is over. */
export function standingStamp({ passwordHash, email }: Pick<User, 'passwordHash' | 'email'>): string {
  return createHash('sha256')
    .update(JSON.stringify([passwordHash, email === null ? null : foldLogin(email)]))
    .digest('base64url')
    .slice(0, 22);
}

/** The token has 256 random bits, so a plain hash is enough. */
function digestToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
