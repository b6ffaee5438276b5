import { isDeepStrictEqual } from 'node:util';
import { foldLogin } from '../../layers/core/identity/fold-login.ts';
import type {
  AccountStore,
  ListedUsers,
  MailedLink,
  UserChangeRequest,
} from '../../layers/core/identity/account-store.ts';
import type { PageRequest, User } from '../../layers/core/identity/store.ts';
import type { UserSettings, UserSettingsStore } from '../../layers/core/identity/user-settings.ts';
import type { MemoryIdentityStore } from './memory-stores.ts';

export interface MemoryAccounts extends AccountStore {
  links: Map<string, MailedLink>;
}

/** The account store over the users of a memory identity store; each call is one turn, and so all or nothing. */
export function createMemoryAccounts(identity: Pick<MemoryIdentityStore, 'rows'>): MemoryAccounts {
  const { users } = identity.rows;
  const links = new Map<string, MailedLink>();
  const refusal = ({ user, actor, link }: Omit<UserChangeRequest, 'change'>) => {
    const stored = users.get(user.id);
    if (!stored) return 'not-found';
    const judged = ['username', 'email', 'role', 'enabled', 'passwordHash', 'validAfter'] as const;
    if (judged.some((name) => stored[name] !== user[name])) return 'changed-meanwhile';
    const acting = actor && users.get(actor.id);
    if (actor && (acting?.role !== actor.role || !acting.enabled)) return 'actor-refused';
    const used = link && links.get(link.tokenDigest);
    return link && (!used || used.usedAt !== null || used.expiresAt <= link.now) ? 'link-used' : null;
  };
  return {
    links,
    createLink: async (link) => void links.set(link.tokenDigest, structuredClone(link)),
    findLink: async (digest) => structuredClone(links.get(digest) ?? null),
    findUserEvenly: async (login) =>
      structuredClone([...users.values()].find((user) => loginsOf(user).includes(foldLogin(login))) ?? null),
    async changeUser(request) {
      const refused = refusal(request);
      if (refused) return { outcome: refused };
      const given = Object.fromEntries(Object.entries(request.change).filter(([, value]) => value !== undefined));
      const user: User = { ...request.user, ...structuredClone(given) };
      const others = [...users.values()].filter(({ id }) => id !== user.id).flatMap(loginsOf);
      if (loginsOf(user).some((login) => others.includes(login))) return { outcome: 'name-taken' };
      users.set(user.id, user);
      const link = request.link && links.get(request.link.tokenDigest);
      if (link && request.link) links.set(link.tokenDigest, { ...link, usedAt: request.link.now });
      return { outcome: 'changed', user: structuredClone(user) };
    },
    async removeUser(request) {
      const refused = refusal(request);
      if (refused) return refused;
      users.delete(request.user.id);
      return 'changed';
    },
    listUsersByName: async (prefix, page) =>
      paged([...users.values()], { prefix, page, nameOf: (user) => user.username }),
    listUsersByEmail: async (prefix, page) =>
      paged(
        [...users.values()].filter((user) => user.email !== null),
        { prefix, page, nameOf: (user) => user.email ?? '' },
      ),
  };
}

export interface MemoryUserSettings extends UserSettingsStore {
  rows: Map<string, UserSettings>;
}

export function createMemoryUserSettings(): MemoryUserSettings {
  const rows = new Map<string, UserSettings>();
  return {
    rows,
    readUserSettings: async (userId) => structuredClone(rows.get(userId) ?? null),
    async putUserSettings(userId, { before, after }) {
      if (!isDeepStrictEqual(rows.get(userId) ?? null, before)) return false;
      rows.set(userId, structuredClone(after));
      return true;
    },
    deleteUserSettings: async (userId) => void rows.delete(userId),
  };
}

function loginsOf(user: User): string[] {
  return [user.username, ...(user.email === null ? [] : [user.email])].map(foldLogin);
}

function paged(
  users: User[],
  { prefix, page, nameOf }: { prefix: string; page: PageRequest; nameOf: (user: User) => string },
): ListedUsers {
  const sorted = users
    .map((user) => ({ user, name: foldLogin(nameOf(user)) }))
    .filter(({ name }) => name.startsWith(foldLogin(prefix)) && (page.cursor === null || name > page.cursor))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const shown = sorted.slice(0, page.limit);
  return {
    items: shown.map(({ user, name }) => ({ user: structuredClone(user), cursor: name })),
    next: sorted.length > page.limit ? (shown.at(-1)?.name ?? null) : null,
  };
}
