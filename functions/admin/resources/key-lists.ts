import type { keyListQuery } from '@sluice/contract/keys';
import { foldLogin } from '@sluice/core/identity/fold-login';
import type { ApiKey, Page, User } from '@sluice/core/identity/store';
import { mapLimited } from '@sluice/kit/async/map-limited';
import { z } from 'zod';
import { InputRefused } from '../refusal.ts';
import type { AdminServices } from '../services.ts';
import { keyStatus } from './key-views.ts';

/*
 * Pages of keys. Names are not sorted by anywhere, so a search walks; a call walks so far and no further, and a page may
 * then be short, or empty, with a cursor behind it. It is never longer than was asked for.
 */

export type KeyQuestion = Pick<z.output<typeof keyListQuery>, 'search' | 'status' | 'limit' | 'cursor'>;

const WALKED_KEYS = 1_000;
const WALKED_PAGE = 200;

/** One owner's keys, newest first. */
export async function keysPageOf(services: AdminServices, ownerId: string, asked: KeyQuestion): Promise<Page<ApiKey>> {
  const isNarrow = asked.search !== '' || asked.status !== undefined;
  const pageSize = isNarrow ? WALKED_PAGE : asked.limit;
  const found: ApiKey[] = [];
  let cursor = asked.cursor ?? null;
  for (let walked = 0; walked < WALKED_KEYS; walked += pageSize) {
    const page: Page<ApiKey> = await services.identity.listKeysOfOwner(ownerId, { limit: pageSize, cursor });
    found.push(...page.items.filter((key) => isAskedFor(key, asked, services.clock())));
    cursor = page.nextCursor;
    if (cursor === null || found.length >= asked.limit) break;
  }
  const items = found.slice(0, asked.limit);
  return { items, nextCursor: cursorIn(services, { items: found, nextCursor: cursor }, items) };
}

function isAskedFor(key: ApiKey, { search, status }: KeyQuestion, nowMs: number): boolean {
  if (status !== undefined && keyStatus(key, nowMs) !== status) return false;
  const sought = search.toLowerCase();
  return [key.name, key.description ?? '', key.preview, key.id].some((text) => text.toLowerCase().includes(sought));
}

const WALKED_USERS = 200;
const USERS_AT_ONCE = 25;

/** Where a walk over all users goes on: in which page of users, at whom, and where among their keys. */
const place = z.strictObject({
  users: z.string().max(1_000).nullable(),
  at: z.string().max(320),
  keys: z.string().max(1_000).nullable(),
});
type Place = z.infer<typeof place>;

/** Everybody's keys by the owner's name, each owner's newest first. */
export async function allKeysPage(
  services: AdminServices,
  asked: KeyQuestion,
): Promise<Page<ApiKey> & { owners: User[] }> {
  const found: ApiKey[] = [];
  const owners: User[] = [];
  let next: Place | null = readPlace(asked.cursor);
  for (let walked = 0; walked < WALKED_USERS && next !== null && found.length < asked.limit; walked += USERS_AT_ONCE) {
    const from: Place = next;
    const page: Page<User> = await services.identity.listUsers({ limit: USERS_AT_ONCE, cursor: from.users });
    const users = page.items.slice(placeOf(page.items, from.at));
    const lists = await mapLimited(users, USERS_AT_ONCE, (user) =>
      keysPageOf(services, user.id, {
        ...asked,
        cursor: from.keys !== null && nameOf(user) === from.at ? from.keys : undefined,
      }),
    );
    next = page.nextCursor === null ? null : { users: page.nextCursor, at: '', keys: null };
    for (const [index, list] of lists.entries()) {
      const user = users[index];
      if (user === undefined) break;
      owners.push(user);
      const items = list.items.slice(0, asked.limit - found.length);
      found.push(...items);
      const following = users[index + 1];
      const keys = cursorIn(services, list, items);
      if (keys !== null) next = { users: from.users, at: nameOf(user), keys };
      else if (found.length >= asked.limit && following) {
        next = { users: from.users, at: nameOf(following), keys: null };
      } else continue;
      break;
    }
  }
  return { items: found, owners, nextCursor: next === null ? null : writePlace(next) };
}

/** Where one owner's list goes on when no more than `taken` of its page were taken; null at its end. */
function cursorIn(services: AdminServices, page: Page<ApiKey>, taken: readonly ApiKey[]): string | null {
  const last = taken.at(-1);
  if (taken.length === page.items.length || last === undefined) return page.nextCursor;
  return services.identity.cursorBehindKey(last);
}

/** Users are listed by this. */
function nameOf(user: User): string {
  return foldLogin(user.username);
}

/** Where `name` stands, or whoever comes after it now that it is gone. */
function placeOf(users: readonly User[], name: string): number {
  const exact = users.findIndex((user) => nameOf(user) === name);
  if (exact >= 0 || name === '') return Math.max(0, exact);
  const after = users.findIndex((user) => nameOf(user) > name);
  return after < 0 ? users.length : after;
}

function writePlace(at: Place): string {
  return Buffer.from(JSON.stringify(at)).toString('base64url');
}

function readPlace(cursor: string | undefined): Place {
  if (cursor === undefined) return { users: null, at: '', keys: null };
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new InputRefused([{ path: 'cursor', message: 'The cursor is not one of this list.' }]);
  }
}
