import { randomBytes } from 'node:crypto';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import type { Clock } from '@sluice/kit/time/clock';
import type { Settings } from '../catalog/store.ts';
import type { AccountMails, MailContext } from './account-mails.ts';
import type { AccountStore } from './account-store.ts';
import { registrationsFrom, takeOrRefuse, verificationsFor } from './account-throttles.ts';
import { changeUser, nameTaken } from './change-user.ts';
import { foldLogin } from './fold-login.ts';
import { createLink, findLink, LINK_LIFE_MS, linkInvalid, standingStamp } from './mailed-links.ts';
import { assertPassword } from './password-rules.ts';
import type { IdentityStore, User } from './store.ts';
import type { ThrottleStore } from './throttle-store.ts';
import { assertDomain, assertUsername, nameFromEmail } from './user-names.ts';

export interface RegistrationDeps {
  identity: Pick<IdentityStore, 'createUser' | 'findUserByLogin' | 'findUserById'>;
  accounts: Pick<AccountStore, 'createLink' | 'findLink' | 'changeUser'>;
  throttles: Pick<ThrottleStore, 'take'>;
  mails: AccountMails;
  readSettings: () => Promise<
    Pick<Settings, 'registration' | 'registrationDomains' | 'emailVerification' | 'minPasswordLength'>
  >;
  bootstrapName: () => Promise<string>;
  hashPassword: (password: string) => Promise<string>;
  clock: Clock;
}

export interface RegistrationInput {
  email: string;
  password: string;
  username?: string | undefined;
}

export interface Registration {
  /** Of a stranger who wants an account. @throws GatewayError 400, 403 `registration_closed`, 409, 429 */
  register(input: RegistrationInput, visitor: { address: string; mail: MailContext }): Promise<User>;
  /** By the token of a link. @throws GatewayError `link_invalid`, `conflict` */
  verifyEmail(token: string, mail: MailContext): Promise<User>;
  /** Another link for the user's own address. @throws GatewayError 400, 429 */
  resendVerification(user: User, mail: MailContext): Promise<'sent' | 'failed' | 'off' | 'verified'>;
}

/** Names made from addresses are tried with so many endings. */
const MOST_NAMES = 4;

export function createRegistration(deps: RegistrationDeps): Registration {
  const { throttles, clock } = deps;
  return {
    async register(input, visitor) {
      const settings = await deps.readSettings();
      if (settings.registration === 'closed') {
        throw new GatewayError('registration_closed', {
          message: 'Registration is closed. Please ask an administrator for an account.',
        });
      }
      await takeOrRefuse(throttles, registrationsFrom(visitor.address), clock());
      assertDomain(input.email, settings.registrationDomains);
      const bootstrapName = await deps.bootstrapName();
      if (input.username !== undefined) assertUsername(input.username, bootstrapName);
      const username = input.username ?? nameFromEmail(input.email, '');
      assertPassword(input.password, { ...settings, user: { username, email: input.email } });
      const user = await create(deps, input, {
        ...EMPTY_USER,
        id: createPrefixedId('usr'),
        email: input.email,
        passwordHash: await deps.hashPassword(input.password),
        emailVerified: settings.emailVerification === 'off',
        createdAt: clock(),
      });
      await (user.emailVerified ? welcome(deps, user, visitor.mail) : sendVerification(deps, user, visitor.mail));
      return user;
    },
    verifyEmail: (token, mail) => verifyEmail(deps, token, mail),
    async resendVerification(user, mail) {
      if (user.email === null) {
        throw new GatewayError('bad_request', { message: 'This account has no e-mail address.' });
      }
      if (user.emailVerified) return 'verified';
      await takeOrRefuse(throttles, verificationsFor(user.id), clock());
      return sendVerification(deps, user, mail);
    },
  };
}

const EMPTY_USER = {
  role: 'user',
  enabled: true,
  silenced: false,
  validAfter: 0,
  trustLevel: 0,
  mustChangePassword: false,
} as const satisfies Partial<User>;

/** @throws GatewayError `conflict` when the chosen name or the address is taken */
async function create(deps: RegistrationDeps, input: RegistrationInput, facts: Omit<User, 'username'>): Promise<User> {
  const bootstrapName = await deps.bootstrapName();
  for (let attempt = 0; attempt < MOST_NAMES; attempt += 1) {
    const suffix = attempt === 0 ? '' : randomBytes(3).toString('hex');
    const username = input.username ?? freeName(nameFromEmail(input.email, suffix), bootstrapName);
    const user: User = { ...facts, username };
    if ((await deps.identity.createUser(user)) === 'created') return user;
    if (input.username !== undefined || (await deps.identity.findUserByLogin(input.email))) break;
  }
  throw nameTaken();
}

/** A name that nobody chose does not pass for an operator's either. */
function freeName(name: string, bootstrapName: string): string {
  try {
    assertUsername(name, bootstrapName);
    return name;
  } catch {
    return `user-${randomBytes(4).toString('hex')}`;
  }
}

export async function sendVerification(
  deps: Pick<RegistrationDeps, 'accounts' | 'mails' | 'clock'>,
  user: User,
  mail: MailContext,
): Promise<'sent' | 'failed' | 'off'> {
  const { email, username } = user;
  if (email === null) return 'off';
  const token = await createLink(deps.accounts, { purpose: 'verify-email', user, email, now: deps.clock() });
  const lifeMs = LINK_LIFE_MS['verify-email'];
  return deps.mails.send({ ...mail, kind: 'verification', to: email, username, token, lifeMs });
}

async function verifyEmail(deps: RegistrationDeps, token: string, mail: MailContext): Promise<User> {
  const now = deps.clock();
  const link = await findLink(deps.accounts, token, { purposes: ['verify-email', 'change-email'], now });
  const noLonger = () => linkInvalid('This link is not valid any more.');
  const judge = (user: User) => {
    const isOwn = user.email !== null && foldLogin(user.email) === foldLogin(link.email);
    const mayUse = link.purpose === 'verify-email' ? isOwn : link.stamp === standingStamp(user);
    if (!mayUse || !user.enabled) throw noLonger();
    const change = isOwn ? { emailVerified: true } : { emailVerified: true, email: link.email };
    return { change, link: { tokenDigest: link.tokenDigest, now } };
  };
  const { before, after } = await changeUser(deps, link.userId, judge, noLonger);
  if (!before.emailVerified) await welcome(deps, after, mail);
  if (before.email !== null && before.emailVerified && before.email !== after.email) {
    const { username } = after;
    const newAddress = after.email ?? '';
    await deps.mails.send({ ...mail, kind: 'address-changed', to: before.email, username, newAddress });
  }
  return after;
}

async function welcome(deps: Pick<RegistrationDeps, 'mails'>, user: User, mail: MailContext): Promise<void> {
  if (user.email !== null) await deps.mails.send({ ...mail, kind: 'welcome', to: user.email, username: user.username });
}
