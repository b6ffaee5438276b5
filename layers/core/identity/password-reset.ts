import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Clock } from '@sluice/kit/time/clock';
import type { Settings } from '../catalog/store.ts';
import type { AccountMails, MailContext } from './account-mails.ts';
import type { AccountStore, MailedLink } from './account-store.ts';
import { resetsFor, resetsFrom, takeOrRefuse } from './account-throttles.ts';
import { changeUser } from './change-user.ts';
import { foldLogin } from './fold-login.ts';
import { createLink, findLink, LINK_LIFE_MS, linkInvalid, standingStamp } from './mailed-links.ts';
import { assertPassword } from './password-rules.ts';
import { nextValidAfter } from './session-store.ts';
import type { IdentityStore, User } from './store.ts';
import type { ThrottleStore } from './throttle-store.ts';
import type { UserSettingsStore } from './user-settings.ts';

export interface PasswordResetDeps {
  identity: Pick<IdentityStore, 'findUserById'>;
  accounts: Pick<AccountStore, 'createLink' | 'findLink' | 'findUserEvenly' | 'changeUser'>;
  userSettings: Pick<UserSettingsStore, 'readUserSettings'>;
  throttles: Pick<ThrottleStore, 'take'>;
  mails: AccountMails;
  readSettings: () => Promise<Pick<Settings, 'minPasswordLength'>>;
  hashPassword: (password: string) => Promise<string>;
  clock: Clock;
}

export interface PasswordReset {
  /**
   * Mails a link, if somebody has this address. Whether anybody has makes no difference to what is read, written and
   * sent, so that neither the answer nor its time tells. @throws GatewayError 429, by the caller's address only
   */
  forgotPassword(email: string, visitor: { address: string; mail: MailContext }): Promise<void>;
  /** Whose link it is. @throws GatewayError `link_invalid` */
  checkToken(token: string): Promise<User>;
  /** Sets the password, ends every session, confirms the address. @throws GatewayError `link_invalid`, `invalid_field` */
  resetPassword(token: string, password: string): Promise<User>;
}

/** Stands in for whoever does not exist. */
const NOBODY: User = {
  id: 'usr_nobody',
  username: 'nobody',
  email: null,
  role: 'user',
  passwordHash: null,
  enabled: false,
  silenced: false,
  emailVerified: false,
  validAfter: 0,
  trustLevel: 0,
  mustChangePassword: false,
  createdAt: 0,
};

export function createPasswordReset(deps: PasswordResetDeps): PasswordReset {
  const { accounts, clock } = deps;

  const linkOf = (token: string): Promise<MailedLink> =>
    findLink(accounts, token, { purposes: ['reset-password'], now: clock() });

  return {
    async forgotPassword(email, visitor) {
      const now = clock();
      await takeOrRefuse(deps.throttles, resetsFrom(visitor.address), now);
      // An inbox that is full of our mails gets no more of them, and nobody is told.
      if (!(await deps.throttles.take({ ...resetsFor(email), now })).allowed) return;
      const found = await accounts.findUserEvenly(email);
      const isTheirs = found?.enabled && found.email !== null && foldLogin(found.email) === foldLogin(email);
      const user = isTheirs ? found : NOBODY;
      await sendReset(deps, user, { ...visitor.mail, email: user.email ?? email });
    },
    async checkToken(token) {
      const link = await linkOf(token);
      return assertUsable(link, await deps.identity.findUserById(link.userId));
    },
    async resetPassword(token, password) {
      const link = await linkOf(token);
      const user = assertUsable(link, await deps.identity.findUserById(link.userId));
      const { minPasswordLength } = await deps.readSettings();
      assertPassword(password, { minPasswordLength, user });
      const passwordHash = await deps.hashPassword(password);
      const judge = (current: User) => {
        assertUsable(link, current);
        const now = clock();
        const validAfter = nextValidAfter(current, now);
        const change = { passwordHash, mustChangePassword: false, emailVerified: true, validAfter };
        return { change, link: { tokenDigest: link.tokenDigest, now } };
      };
      return (await changeUser(deps, user.id, judge, noLonger)).after;
    },
  };
}

/** The link's user, while nothing has changed that the link was made against. */
function assertUsable(link: MailedLink, user: User | null): User {
  if (user?.enabled && link.stamp === standingStamp(user)) return user;
  throw noLonger();
}

function noLonger(): GatewayError {
  return linkInvalid('This link is not valid any more. Please ask for a new one.');
}

/** A link for a new password by mail; to nobody, with the same work, where nobody is meant. */
export async function sendReset(
  deps: Pick<PasswordResetDeps, 'accounts' | 'userSettings' | 'mails' | 'clock'>,
  user: User,
  facts: MailContext & { email: string; kind?: 'password-reset' | 'invitation'; lifeMs?: number },
): Promise<'sent' | 'failed' | 'off'> {
  const { email, kind = 'password-reset', lifeMs = LINK_LIFE_MS['reset-password'], ...mail } = facts;
  const settings = await deps.userSettings.readUserSettings(user.id);
  const chosen = settings?.preferences['language'];
  const language = chosen === 'en' || chosen === 'zh' ? chosen : mail.language;
  const token = await createLink(deps.accounts, { purpose: 'reset-password', user, email, now: deps.clock(), lifeMs });
  const to = user === NOBODY ? null : email;
  return deps.mails.send({ ...mail, language, kind, to, username: user.username, token, lifeMs });
}
