import { mapLimited } from '@sluice/kit/async/map-limited';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import { isSameJson } from '@sluice/kit/json/same-json';
import type { IdentityStore, User } from '../identity/store.ts';
import type { ConfigurationIssue, SectionPlan, Step, UserEntry } from './configuration-types.ts';
import { findRepeats } from './repeats.ts';

/** Each password costs scrypt. */
const AT_ONCE = 2;

export type UserEntryChange = Partial<Omit<User, 'id' | 'createdAt' | 'username'>>;

export interface UserPlanDeps {
  identity: Pick<IdentityStore, 'createUser' | 'findUserByLogin'>;
  /** By user name; `admin` is the first administrator. */
  findUser: (username: string) => Promise<User | null>;
  /** Two spellings of one name are one name. */
  foldName: (name: string) => string;
  /** What is wrong with an entry beyond its shape; `stored` is the user that it names, if there is one. */
  judgeUser: (entry: UserEntry, stored: User | null) => Promise<{ field: string; message: string }[]>;
  hasPassword: (user: User, password: string) => Promise<boolean>;
  hashPassword: (password: string) => Promise<string>;
  /** @throws GatewayError when somebody else changed the user meanwhile */
  changeUser: (userId: string, change: UserEntryChange) => Promise<void>;
  now: number;
}

export async function planUsers(
  deps: UserPlanDeps,
  entries: readonly UserEntry[],
): Promise<SectionPlan & { newUsers: Map<string, { id: string }> }> {
  const planned = await mapLimited(entries, AT_ONCE, (entry, index) => planUser(deps, entry, `users[${index}]`));
  const { foldName } = deps;
  const addressed = entries.map(({ email }, index) => (email ? foldName(email) : `\n${index}`));
  const errors = [
    ...findRepeats('users', 'username', entries, ({ username }) => foldName(username)),
    ...findRepeats('users', 'email', addressed, (email) => email),
    ...planned.flatMap((one) => one.errors),
  ];
  const created = planned.flatMap(({ created: user }) => (user ? [[foldName(user.username), user] as const] : []));
  return {
    steps: planned.flatMap(({ step }) => (step ? [step] : [])),
    errors,
    warnings: planned.flatMap(({ warning }) => (warning ? [warning] : [])),
    newUsers: new Map(created),
  };
}

interface PlannedUser {
  errors: ConfigurationIssue[];
  step?: Step;
  warning?: string;
  /** The user that the step makes. */
  created?: User;
}

async function planUser(deps: UserPlanDeps, entry: UserEntry, path: string): Promise<PlannedUser> {
  const stored = await deps.findUser(entry.username);
  const found = await deps.judgeUser(entry, stored);
  const holder = entry.email ? await deps.identity.findUserByLogin(entry.email) : null;
  if (holder && holder.id !== stored?.id) found.push({ field: 'email', message: 'It belongs to another user' });
  const errors = found.map(({ field, message }) => ({ path: `${path}.${field}`, message }));
  if (errors.length > 0) return { errors };
  return { errors, ...(stored ? { step: await planChange(deps, entry, stored) } : planCreation(deps, entry)) };
}

function planCreation(deps: UserPlanDeps, entry: UserEntry): Omit<PlannedUser, 'errors'> {
  const { username, password } = entry;
  const created: User = {
    id: createPrefixedId('usr'),
    username,
    email: entry.email ?? null,
    role: entry.role ?? 'user',
    passwordHash: null,
    enabled: entry.enabled ?? true,
    silenced: entry.silenced ?? false,
    // Whoever writes the document vouches for the address.
    emailVerified: entry.emailVerified ?? true,
    validAfter: 0,
    trustLevel: entry.trustLevel ?? 0,
    mustChangePassword: entry.mustChangePassword ?? false,
    ...(entry.limits && { limits: entry.limits }),
    createdAt: deps.now,
  };
  const what = `users/${username}`;
  const prepare = async () => {
    const passwordHash = password === undefined ? null : await deps.hashPassword(password);
    return async (): Promise<void> => {
      if ((await deps.identity.createUser({ ...created, passwordHash })) === 'created') return;
      throw new GatewayError('conflict', {
        message: `The name or the address of ${what} was taken meanwhile. Please import again.`,
      });
    };
  };
  const warning = `${what} has no password: send a link to set one, or set one.`;
  return { step: { what, effect: 'created', prepare }, created, ...(password === undefined ? { warning } : {}) };
}

async function planChange(deps: UserPlanDeps, entry: UserEntry, stored: User): Promise<Step> {
  const { username: _name, password, email, ...standing } = entry;
  const change: UserEntryChange = {};
  const isOther = email !== undefined && deps.foldName(email ?? '') !== deps.foldName(stored.email ?? '');
  if (isOther) change.email = email;
  for (const [name, value] of Object.entries(standing)) {
    const before = stored[name as keyof typeof standing] ?? (name === 'limits' ? {} : undefined);
    if (value !== undefined && !isSameJson(value, before)) Object.assign(change, { [name]: value });
  }
  const isNewPassword = password !== undefined && !(await deps.hasPassword(stored, password));
  const what = `users/${stored.username}`;
  if (Object.keys(change).length === 0 && !isNewPassword) return { what, effect: 'unchanged', prepare: null };
  const prepare = async () => {
    const passwordHash = isNewPassword ? { passwordHash: await deps.hashPassword(password) } : {};
    return () => deps.changeUser(stored.id, { ...change, ...passwordHash });
  };
  return { what, effect: 'updated', prepare };
}
