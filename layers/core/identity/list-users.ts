import type { AccountStore } from './account-store.ts';
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

/** Pages that one call reads at most for the few of them that pass a filter; a short page has a cursor to go on. */
const MOST_READS = 10;

/**
 * Users by name; with a search text first those whose name begins so, then those whose address does. Filters are
 * applied while pages are read, so a page is full as long as there are users for it.
 */
export async function listUsers(
  accounts: Pick<AccountStore, 'listUsersByName' | 'listUsersByEmail'>,
  filter: UserFilter,
  page: { limit: number; cursor: string | null },
): Promise<Page<User>> {
  const users: User[] = [];
  let at = readPosition(page.cursor);
  for (let reads = 0; at !== null && reads < MOST_READS && users.length < page.limit; reads += 1) {
    const found = await readPart(accounts, filter.search, { ...at, limit: page.limit - users.length });
    users.push(...found.items.filter((user) => passes(user, filter) && isOfPart(user, filter.search, at)));
    at = nextPosition(at, found.nextCursor, filter.search);
  }
  return { items: users, nextCursor: at && `${at.part}${at.cursor ?? ''}` };
}

/** Which of the two lists, and where in it. The letter stands at the beginning of the cursor. */
interface Position {
  part: 'n' | 'e';
  cursor: string | null;
}

function readPosition(cursor: string | null): Position | null {
  if (cursor === null) return { part: 'n', cursor: null };
  // What is no cursor of ours is refused by the list that it is taken for.
  const part = cursor.startsWith('e') ? 'e' : 'n';
  const rest = cursor.slice(1);
  return { part, cursor: rest === '' && part === 'e' ? null : rest };
}

function nextPosition(at: Position, nextCursor: string | null, search: string): Position | null {
  if (nextCursor !== null) return { ...at, cursor: nextCursor };
  return at.part === 'n' && search !== '' ? { part: 'e', cursor: null } : null;
}

function readPart(
  accounts: Pick<AccountStore, 'listUsersByName' | 'listUsersByEmail'>,
  search: string,
  { part, cursor, limit }: Position & { limit: number },
): Promise<Page<User>> {
  const page = { limit, cursor };
  return part === 'n' ? accounts.listUsersByName(search, page) : accounts.listUsersByEmail(search, page);
}

/** Whoever was found by name is not shown again by address. */
function isOfPart(user: User, search: string, at: Position | null): boolean {
  return at?.part === 'n' || !foldLogin(user.username).startsWith(foldLogin(search));
}

function passes(user: User, filter: UserFilter): boolean {
  const wanted = (['role', 'enabled', 'silenced', 'emailVerified'] as const).filter(
    (name) => filter[name] !== undefined,
  );
  return wanted.every((name) => user[name] === filter[name]);
}
