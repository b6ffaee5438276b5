import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Clock } from '@sluice/kit/time/clock';
import type { Settings } from '../catalog/store.ts';
import type { AccountMails, MailContext } from './account-mails.ts';
import type { AccountStore, UserChange } from './account-store.ts';
import { takeOrRefuse, verificationsFor } from './account-throttles.ts';
import { changeUser, nameTaken } from './change-user.ts';
import { foldLogin } from './fold-login.ts';
import { createLink, LINK_LIFE_MS } from './mailed-links.ts';
import type { IdentityStore, User } from './store.ts';
import type { ThrottleStore } from './throttle-store.ts';
import { assertDomain, assertUsername } from './user-names.ts';

export interface OwnProfileDeps {
  identity: Pick<IdentityStore, 'findUserById' | 'findUserByLogin'>;
  accounts: Pick<AccountStore, 'changeUser' | 'createLink'>;
  throttles: Pick<ThrottleStore, 'take'>;
  mails: AccountMails;
  readSettings: () => Promise<Pick<Settings, 'emailVerification' | 'registrationDomains'>>;
  bootstrapName: () => Promise<string>;
  clock: Clock;
}

export interface OwnProfile {
  /**
   * Changes the user's own name at once, and the address when the link that is sent there was used: until then the old
   * one stays, so that a mistyped address locks nobody out.
   * @returns the user as stored, and the address that waits for its confirmation
   * @throws GatewayError `invalid_field`, `conflict`, `bad_request`, 429
   */
  change(
    user: User,
    asked: { username?: string | undefined; email?: string | undefined },
    mail: MailContext,
  ): Promise<{ user: User; pendingEmail: string | null }>;
}

export function createOwnProfile(deps: OwnProfileDeps): OwnProfile {
  return {
    async change(user, asked, mail) {
      const bootstrapName = await deps.bootstrapName();
      const { emailVerification, registrationDomains } = await deps.readSettings();
      const isNew = asked.email !== undefined && foldLogin(asked.email) !== foldLogin(user.email ?? '');
      const waits = isNew && emailVerification === 'required';
      // Whoever registered with an address of the team does not leave with another one.
      if (isNew) assertDomain(asked.email ?? '', registrationDomains);
      // Whether somebody has an address is told so many times an hour, as the mails are.
      if (isNew) await takeOrRefuse(deps.throttles, verificationsFor(user.id), deps.clock());
      if (isNew && (await deps.identity.findUserByLogin(asked.email ?? ''))) throw nameTaken();
      const change: UserChange = {
        ...nameChange(user, asked.username, bootstrapName),
        ...(asked.email === undefined || waits || asked.email === user.email ? {} : { email: asked.email }),
        ...(isNew && !waits ? { emailVerified: true } : {}),
      };
      const isChanged = Object.keys(change).length > 0;
      const stored = isChanged ? (await changeUser(deps, user.id, () => ({ change }))).after : user;
      if (waits) await sendChange(deps, stored, { ...mail, email: asked.email ?? '' });
      return { user: stored, pendingEmail: waits ? (asked.email ?? null) : null };
    },
  };
}

function nameChange(user: User, username: string | undefined, bootstrapName: string): Pick<UserChange, 'username'> {
  if (username === undefined || username === user.username) return {};
  if (foldLogin(user.username) === foldLogin(bootstrapName)) {
    throw new GatewayError('conflict', { message: 'The first administrator keeps its name.', param: 'username' });
  }
  assertUsername(username, bootstrapName);
  return { username };
}

/** The link that makes the new address the user's. @throws GatewayError when nobody can get it */
async function sendChange(deps: OwnProfileDeps, user: User, facts: MailContext & { email: string }): Promise<void> {
  const { email, ...mail } = facts;
  const { username } = user;
  const token = await createLink(deps.accounts, { purpose: 'change-email', user, email, now: deps.clock() });
  const lifeMs = LINK_LIFE_MS['change-email'];
  const outcome = await deps.mails.send({ ...mail, kind: 'verification', to: email, username, token, lifeMs });
  if (outcome !== 'off') return;
  throw new GatewayError('bad_request', {
    message: 'This gateway sends no mail, so an administrator has to change the address.',
    param: 'email',
  });
}
