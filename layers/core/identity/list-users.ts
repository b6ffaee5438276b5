import type { AccountStore, ListedUsers } from './account-store.ts';
import { foldLogin } from './fold-login.ts';
import type { Page, Role, User } from './store.ts';

export interface UserFilter {
  /** The beginning of a user name or of an e-mail address. */
  search: string;
  role?: Role | undefined;
  enabled?: boolean | undefined;
  silenced?: boolean | undefined;
  emailVerified?: boolean | undefined;
}

/** How many users are read at a time where only some of them will pass, and how often in one call. */
const READ_AHEAD = 200;
const MOST_READS = 10;

type Lists = Pick<AccountStore, 'listUsersByName' | 'listUsersByEmail'>;

/** Which of the two lists, and where in it. The letter stands at the beginning of the cursor. */
interface Position {
  part: 'n' | 'e';
  cursor: string | null;
}

/**
 * Users by name; with a search text first those whose name begins so, then those whose address does. Filters are
 * applied while the lists are read, so a page is full as long as there are users for it; after 2000 users in vain a
 * shorter one is answered, with a cursor to go on.
 */
export async function listUsers(
  lists: Lists,
  filter: UserFilter,
  page: { limit: number; cursor: string | null },
): Promise<Page<User>> {
  const users: User[] = [];
  const isFiltered = filter.search !== '' || wantedOf(filter).length > 0;
  let at: Position | null = readPosition(page.cursor);
  for (let reads = 0; at !== null && reads < MOST_READS && users.length < page.limit; reads += 1) {
    const limit = isFiltered ? READ_AHEAD : page.limit - users.length;
    const found = await readPart(lists, filter.search, { ...at, limit });
    at = take(found, { at, filter, users, most: page.limit });
  }
  return { items: users, nextCursor: at && `${at.part}${at.cursor ?? ''}` };
}

/** Adds what passes until the page is full. @returns where to go on; null at the end of all */
function take(
  { items, next }: ListedUsers,
  to: { at: Position; filter: UserFilter; users: User[]; most: number },
): Position | null {
  const { at, filter, users, most } = to;
  for (const [index, { user, cursor }] of items.entries()) {
    if (passes(user, filter, at)) users.push(user);
    const isLast = index === items.length - 1;
    if (users.length >= most && (!isLast || next !== null)) return { ...at, cursor };
  }
  if (next !== null) return { ...at, cursor: next };
  return at.part === 'n' && filter.search !== '' ? { part: 'e', cursor: null } : null;
}

function readPosition(cursor: string | null): Position {
  if (cursor === null) return { part: 'n', cursor: null };
  // What is no cursor of ours is refused by the list that it is taken for.
  const part = cursor.startsWith('e') ? 'e' : 'n';
  const rest = cursor.slice(1);
  return { part, cursor: rest === '' && part === 'e' ? null : rest };
}

function readPart(lists: Lists, search: string, { part, ...page }: Position & { limit: number }): Promise<ListedUsers> {
  return part === 'n' ? lists.listUsersByName(search, page) : lists.listUsersByEmail(search, page);
}

function wantedOf(filter: UserFilter) {
  const names = ['role', 'enabled', 'silenced', 'emailVerified'] as const;
  return names.filter((name) => filter[name] !== undefined);
}

function passes(user: User, filter: UserFilter, at: Position): boolean {
  // Whoever was found by name is not shown again by address.
  const isSecond = at.part === 'e' && foldLogin(user.username).startsWith(foldLogin(filter.search));
  return !isSecond && wantedOf(filter).every((name) => user[name] === filter[name]);
}
