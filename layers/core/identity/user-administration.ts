import { randomBytes } from 'node:crypto';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import type { Clock } from '@sluice/kit/time/clock';
import type { Settings } from '../catalog/store.ts';
import type { AccountMails, MailContext } from './account-mails.ts';
import type { AccountStore, Actor, UserChange } from './account-store.ts';
import { assertMayChange, assertMayGrant, assertMayReach, assertMayRemove } from './administrator-rules.ts';
import { changedMeanwhile, changeUser, nameTaken, noSuchUser, refusalOf } from './change-user.ts';
import { foldLogin } from './fold-login.ts';
import { INVITATION_LIFE_MS } from './mailed-links.ts';
import { sendReset } from './password-reset.ts';
import { nextValidAfter } from './session-store.ts';
import { assertPassword } from './password-rules.ts';
import { sendVerification } from './registration.ts';
import type { ApiKey, IdentityStore, Page, Role, User, UserLimits } from './store.ts';
import { assertUsername } from './user-names.ts';
import type { UserSettingsStore } from './user-settings.ts';

export interface UserAdministrationDeps {
  identity: Pick<IdentityStore, 'createUser' | 'findUserById' | 'listKeysOfOwner' | 'updateKey'>;
  accounts: AccountStore;
  userSettings: UserSettingsStore;
  mails: AccountMails;
  readSettings: () => Promise<Pick<Settings, 'minPasswordLength' | 'emailVerification'>>;
  bootstrapName: () => Promise<string>;
  hashPassword: (password: string) => Promise<string>;
  clock: Clock;
}

export interface NewUser {
  username: string;
  email?: string | null | undefined;
  /** Absent: nobody signs in until a password was set by a mailed link. */
  password?: string | undefined;
  role?: Role | undefined;
  enabled?: boolean | undefined;
  silenced?: boolean | undefined;
  /** Default true: whoever makes the account vouches for the address. */
  emailVerified?: boolean | undefined;
  trustLevel?: number | undefined;
  mustChangePassword?: boolean | undefined;
  limits?: UserLimits | undefined;
}

type Standing = 'username' | 'email' | 'role' | 'enabled' | 'silenced' | 'emailVerified' | 'trustLevel' | 'limits';
export type StandingChange = Pick<UserChange, Standing | 'mustChangePassword'>;

type MailOutcome = 'sent' | 'failed' | 'off';

export interface UserAdministration {
  /**
   * Makes a user from data; no mail is sent.
   * @throws GatewayError `invalid_field`, `conflict`, `forbidden`
   */
  create(input: NewUser, actor: User): Promise<User>;
  /** A link to choose the first password by. */
  invite(user: User, mail: MailContext): Promise<MailOutcome>;
  /** @throws GatewayError `not_found`, `invalid_field`, `conflict`, `forbidden` */
  change(
    userId: string,
    change: StandingChange,
    by: { actor: User; mail: MailContext },
  ): Promise<{ before: User; after: User }>;
  /** Keys are disabled, sessions end, names are free again; usage stays. @throws GatewayError as `change` */
  remove(userId: string, actor: User): Promise<User>;
  /** @throws GatewayError `bad_request` where there is no address, and as `change` */
  mailReset(userId: string, by: { actor: User; mail: MailContext }): Promise<MailOutcome>;
  /** Sets a password that the console asks its user to replace; a made one when none is given. */
  setTemporaryPassword(userId: string, password: string | undefined, actor: User): Promise<string>;
}

export function createUserAdministration(deps: UserAdministrationDeps): UserAdministration {
  return {
    create: (input, actor) => create(deps, input, actor),
    invite: (user, mail) =>
      sendReset(deps, user, { ...mail, email: user.email ?? '', kind: 'invitation', lifeMs: INVITATION_LIFE_MS }),
    change: (userId, change, by) => changeStanding(deps, { userId, change, ...by }),
    remove: (userId, actor) => remove(deps, userId, actor),
    async mailReset(userId, { actor, mail }) {
      const user = await reachable(deps, userId, actor);
      if (user.email !== null) return sendReset(deps, user, { ...mail, email: user.email });
      throw new GatewayError('bad_request', { message: 'This user has no e-mail address; set a password instead.' });
    },
    async setTemporaryPassword(userId, chosen, actor) {
      // Whoever got hold of a session would keep the account.
      if (userId === actor.id) {
        throw new GatewayError('conflict', { message: 'Your own password is changed with the one that you have.' });
      }
      const user = await reachable(deps, userId, actor);
      const password = chosen ?? randomBytes(12).toString('base64url');
      const { minPasswordLength } = await deps.readSettings();
      assertPassword(password, { minPasswordLength, user });
      const passwordHash = await deps.hashPassword(password);
      await changeUser(deps, userId, (current) => {
        assertMayReach(actor, current);
        const validAfter = nextValidAfter(current, deps.clock());
        return { change: { passwordHash, mustChangePassword: true, validAfter }, actor: actorOf(actor, current) };
      });
      return password;
    },
  };
}

async function create(deps: UserAdministrationDeps, input: NewUser, actor: User): Promise<User> {
  const { username, email = null, role = 'user', password } = input;
  assertMayGrant(actor, role);
  assertUsername(username, await deps.bootstrapName());
  if (password !== undefined) {
    const { minPasswordLength } = await deps.readSettings();
    assertPassword(password, { minPasswordLength, user: { username, email } });
  }
  const user: User = {
    id: createPrefixedId('usr'),
    username,
    email,
    role,
    passwordHash: password === undefined ? null : await deps.hashPassword(password),
    enabled: input.enabled ?? true,
    silenced: input.silenced ?? false,
    emailVerified: input.emailVerified ?? true,
    validAfter: 0,
    trustLevel: input.trustLevel ?? 0,
    mustChangePassword: input.mustChangePassword ?? false,
    ...(input.limits && { limits: input.limits }),
    createdAt: deps.clock(),
  };
  if ((await deps.identity.createUser(user)) !== 'created') throw nameTaken();
  return user;
}

interface StandingRequest {
  userId: string;
  change: StandingChange;
  actor: User;
  mail: MailContext;
}

async function changeStanding(deps: UserAdministrationDeps, request: StandingRequest) {
  const { userId, change: asked, actor, mail } = request;
  const bootstrapName = await deps.bootstrapName();
  const { emailVerification } = await deps.readSettings();
  const done = await changeUser(deps, userId, (user) => {
    const change = { ...asked, ...addressChange(user, asked, emailVerification) };
    assertMayChange(actor, user, change);
    assertMayRename(user, change, bootstrapName);
    // Whoever is let in again later signs in again.
    const ends = change.enabled === false && user.enabled;
    const validAfter = ends ? { validAfter: nextValidAfter(user, deps.clock()) } : {};
    return { change: { ...change, ...validAfter }, actor: actorOf(actor, user) };
  });
  const { before, after } = done;
  if (asked.email !== undefined && after.email !== before.email && !after.emailVerified) {
    await sendVerification(deps, after, mail);
  }
  return done;
}

/** A new address is nobody's yet, unless the administrator says so. */
function addressChange(
  user: User,
  asked: StandingChange,
  verification: Settings['emailVerification'],
): Pick<UserChange, 'emailVerified'> {
  const isNew = asked.email !== undefined && foldLogin(asked.email ?? '') !== foldLogin(user.email ?? '');
  if (!isNew || asked.emailVerified !== undefined) return {};
  return { emailVerified: asked.email === null || verification === 'off' };
}

/** The first administrator comes into being by name: under another, a second one would. */
function assertMayRename(user: User, { username }: UserChange, bootstrapName: string): void {
  if (username === undefined || username === user.username) return;
  assertNotFirst(user, bootstrapName, 'renamed');
  assertUsername(username, bootstrapName);
}

function assertNotFirst(user: User, bootstrapName: string, what: string): void {
  if (foldLogin(user.username) !== foldLogin(bootstrapName)) return;
  throw new GatewayError('conflict', {
    message: `The first administrator cannot be ${what}: the deployment's secret would make another of this name. Disable it instead.`,
  });
}

async function reachable(deps: UserAdministrationDeps, userId: string, actor: User): Promise<User> {
  const user = await deps.identity.findUserById(userId);
  if (!user) throw noSuchUser();
  assertMayReach(actor, user);
  return user;
}

/** Whoever changes themselves is checked as the user who is changed. */
function actorOf(actor: User, target: User): Actor | undefined {
  return actor.id === target.id ? undefined : { id: actor.id, role: actor.role };
}

/**
 * First the user is shut out and the keys with it, then the user goes: done half, it is done by the same call again.
 */
async function remove(deps: UserAdministrationDeps, userId: string, actor: User): Promise<User> {
  const bootstrapName = await deps.bootstrapName();
  const { after: user } = await changeUser(deps, userId, (current) => {
    assertMayRemove(actor, current);
    assertNotFirst(current, bootstrapName, 'deleted');
    const change = { enabled: false, validAfter: nextValidAfter(current, deps.clock()) };
    return { change, actor: actorOf(actor, current) };
  });
  for (const key of await allKeys(deps, userId)) {
    if (key.enabled) await deps.identity.updateKey(key.id, { enabled: false });
  }
  await deps.userSettings.deleteUserSettings(userId);
  const outcome = await deps.accounts.removeUser({ user, actor: actorOf(actor, user) });
  if (outcome === 'changed-meanwhile') throw changedMeanwhile();
  if (outcome !== 'changed' && outcome !== 'not-found') throw refusalOf(outcome);
  return user;
}

async function allKeys(deps: UserAdministrationDeps, ownerId: string): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<ApiKey> = await deps.identity.listKeysOfOwner(ownerId, { limit: 100, cursor });
    keys.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return keys;
}
