import { foldLogin } from '@sluice/core/identity/fold-login';
import { mapLimited } from '@sluice/kit/async/map-limited';
import type { AccountStore, UserChangeOutcome, UserChangeRequest } from '@sluice/core/identity/account-store';
import type { PageRequest, User } from '@sluice/core/identity/store';
import { IDENTITY_BY_OWNER, TIME_TO_LIVE } from '../names.ts';
import type {
  Document,
  DocumentPage,
  DocumentValue,
  ItemKey,
  TableClient,
  TransactAction,
  TransactOutcome,
} from '../table-client.ts';
import { LINK_ITEM } from './account-items.ts';
import { decodeCursor, encodeCursor, invalidCursor, pageLimit } from './cursor.ts';
import { LOGIN_GUARD_ITEM, USER_ITEM } from './identity-items.ts';
import {
  ALL_EMAILS,
  ALL_USERS,
  creation,
  find,
  fitsKey,
  identityKey,
  listPlace,
  loginGuards,
  loginKey,
  userKey,
  type IdentityTable,
} from './identity-table.ts';
import { ITEM_VERSION } from './item-schema.ts';
import { rewriteItem } from './rewrite-item.ts';

/*
 * Changes of users that touch several items of the identity table, and the links that were mailed to them.
 *
 * question                index    key condition                                    consistency  who asks
 * findLink                table    pk = link#<token digest>, sk = link              strong       admin
 * createLink              table    the same key (collected a day after its end)     –            admin
 * findUserEvenly          table    pk = login#<name>, then pk = user#<id>           strong       admin, always both reads
 * changeUser, removeUser  table    user, guards, link, and the actor's user as a    –            admin
 *                                  check, in one transaction
 * listUsersByName         byOwner  ownerPk = users, ownerSk begins user#<prefix>    eventual     admin
 * listUsersByEmail        byOwner  ownerPk = emails, ownerSk begins email#<prefix>  eventual     admin
 *                                  (the guards of the addresses; then their users by id)
 */

export function createAccountStore(client: TableClient, tableName: string): AccountStore {
  const table = { client, tableName };
  return { ...linkQuestions(table), ...changeQuestions(table), ...listQuestions(table) };
}

const linkKey = (digest: string): ItemKey => identityKey(`link#${digest}`, 'link');
/** Nobody's id: a name that is not there costs the same two reads as one that is. */
const NOBODY = 'usr_nobody';
/** A used or late link is told from one that never was, for a while. */
const KEPT_AFTER_SECONDS = 86_400;

function linkQuestions(table: IdentityTable): Pick<AccountStore, 'createLink' | 'findLink' | 'findUserEvenly'> {
  return {
    async createLink(link) {
      const expiry = { [TIME_TO_LIVE]: Math.ceil(link.expiresAt / 1_000) + KEPT_AFTER_SECONDS };
      const item = { ...linkKey(link.tokenDigest), ...LINK_ITEM.write(link), ...expiry };
      await table.client.put({ table: table.tableName, item, repeatable: true });
    },
    findLink: (digest) => find(table, LINK_ITEM, linkKey(digest)),
    async findUserEvenly(login) {
      const guard = await find(table, LOGIN_GUARD_ITEM, loginKey(fitsKey(login) ? login : NOBODY));
      return find(table, USER_ITEM, userKey(guard?.userId ?? NOBODY));
    },
  };
}

function changeQuestions(table: IdentityTable): Pick<AccountStore, 'changeUser' | 'removeUser'> {
  return {
    async changeUser(request) {
      // An update of nothing is no expression that the table takes.
      if (Object.keys(given(request.change)).length === 0) return { outcome: 'changed', user: request.user };
      const user: User = { ...request.user, ...given(request.change) };
      const outcome = await transact(table, request, changeActions(table, request, user));
      return outcome === 'done' ? { outcome: 'changed', user } : { outcome };
    },
    async removeUser({ user, actor }) {
      const removal = { kind: 'delete', table: table.tableName, key: userKey(user.id), ...asRead(user) } as const;
      const guards = [...loginGuards(user).keys()].map((login) => deletionOfGuard(table, login, user.id));
      const outcome = await transact(table, { user, change: {}, actor }, { user: removal, guards });
      return outcome === 'done' ? 'changed' : outcome;
    },
  };
}

interface Actions {
  /** First in the transaction. */
  user: TransactAction;
  guards: TransactAction[];
}

type Failure = Exclude<UserChangeOutcome['outcome'], 'changed'>;

/** The order of the transaction's members: the user, the actor, the link, the guards. */
async function transact(
  table: IdentityTable,
  request: UserChangeRequest,
  { user, guards }: Actions,
): Promise<'done' | Failure> {
  const actor = request.actor ? [actorCheck(table, request.actor)] : [];
  const link = request.link ? [linkUse(table, request.link)] : [];
  const outcome = await table.client.transactWrite([user, ...actor, ...link, ...guards]);
  if (outcome.ok) return 'done';
  const refused = (index: number) => outcome.refused[index] ?? null;
  if (refused(0)) return userRefused(table, request, outcome);
  if (actor.length > 0 && refused(1)) return 'actor-refused';
  if (link.length > 0 && refused(1 + actor.length)) return 'link-used';
  return 'name-taken';
}

async function userRefused(
  table: IdentityTable,
  { user, change }: UserChangeRequest,
  outcome: Extract<TransactOutcome, { ok: false }>,
): Promise<'done' | Failure> {
  const existing = outcome.refused[0]?.existing;
  const isRemoval = Object.keys(change).length === 0;
  if (!existing) return outcome.resent && isRemoval ? 'done' : 'not-found';
  const upgraded = USER_ITEM.upgrade(existing);
  if (upgraded) {
    // Written by an older version of the code: brought up, and judged anew by whoever asked.
    await rewriteItem({ client: table.client, table: table.tableName, before: existing, after: upgraded });
    return 'changed-meanwhile';
  }
  // After a lost answer, what stands in the way may be what we wrote.
  const wanted = { ...user, ...given(change) };
  return outcome.resent && !isRemoval && isSame(USER_ITEM.read(existing), wanted) ? 'done' : 'changed-meanwhile';
}

function isSame(left: User, right: User): boolean {
  const written = (user: User): string => JSON.stringify(USER_ITEM.read(USER_ITEM.write(user)));
  return written(left) === written(right);
}

function given<Change extends object>(change: Change): Partial<Change> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<Change>;
}

const JUDGED = ['username', 'email', 'role', 'enabled', 'passwordHash', 'validAfter'] as const;

/** The condition that nothing of the user has changed that a change was judged by. */
function asRead(user: User): Required<Pick<TransactAction, 'condition' | 'names' | 'values'>> {
  const names: Record<string, string> = { '#version': ITEM_VERSION };
  const values: Record<string, DocumentValue> = { ':version': USER_ITEM.version };
  const conditions = ['#version >= :version'];
  for (const [index, attribute] of JUDGED.entries()) {
    names[`#j${index}`] = attribute;
    values[`:j${index}`] = user[attribute];
    conditions.push(`#j${index} = :j${index}`);
  }
  return { condition: conditions.join(' AND '), names, values };
}

function changeActions(table: IdentityTable, { user: before, change }: UserChangeRequest, after: User): Actions {
  const set: Document = { ...given(change), ...(change.username === undefined ? {} : listPlace(after)) } as Document;
  const { condition, names, values } = asRead(before);
  const entries = Object.entries(set);
  const update = `SET ${entries.map((_entry, index) => `#s${index} = :s${index}`).join(', ')}`;
  const action: TransactAction = {
    kind: 'update',
    table: table.tableName,
    key: userKey(before.id),
    update,
    condition,
    names: { ...names, ...Object.fromEntries(entries.map(([name], index) => [`#s${index}`, name])) },
    values: { ...values, ...Object.fromEntries(entries.map(([, value], index) => [`:s${index}`, value])) },
  };
  const [old, wanted] = [loginGuards(before), loginGuards(after)];
  const taken = [...wanted].filter(([login]) => !old.has(login)).map(([, guard]) => creation(table.tableName, guard));
  const freed = [...old.keys()].filter((login) => !wanted.has(login));
  return { user: action, guards: [...taken, ...freed.map((login) => deletionOfGuard(table, login, before.id))] };
}

function deletionOfGuard(table: IdentityTable, login: string, userId: string): TransactAction {
  return {
    kind: 'delete',
    table: table.tableName,
    key: loginKey(login),
    condition: 'attribute_not_exists(#user) OR #user = :user',
    names: { '#user': 'userId' },
    values: { ':user': userId },
  };
}

function actorCheck(table: IdentityTable, actor: NonNullable<UserChangeRequest['actor']>): TransactAction {
  return {
    kind: 'check',
    table: table.tableName,
    key: userKey(actor.id),
    condition: '#role = :role AND #enabled = :yes',
    names: { '#role': 'role', '#enabled': 'enabled' },
    values: { ':role': actor.role, ':yes': true },
  };
}

function linkUse(table: IdentityTable, link: NonNullable<UserChangeRequest['link']>): TransactAction {
  return {
    kind: 'update',
    table: table.tableName,
    key: linkKey(link.tokenDigest),
    update: 'SET #used = :now',
    condition: '#used = :never AND #expires > :now',
    names: { '#used': 'usedAt', '#expires': 'expiresAt' },
    values: { ':never': null, ':now': link.now },
  };
}

const READS_AT_ONCE = 16;
const LIST_NAME = /^.{1,256}$/su;

interface ListQuestion {
  partition: string;
  /** What the sort keys of the list begin with. */
  head: string;
  prefix: string;
}

function listQuestions(table: IdentityTable): Pick<AccountStore, 'listUsersByName' | 'listUsersByEmail'> {
  const cursorAt = ({ partition, head }: ListQuestion, item: Document): string =>
    encodeCursor(partition, String(item[IDENTITY_BY_OWNER.sortKey]).slice(head.length));
  const read = async (question: ListQuestion, page: PageRequest) => {
    const after = decodeCursor(question.partition, page.cursor, LIST_NAME);
    const limit = pageLimit(page.limit);
    const { items } = await readList(table, { ...question, after, limit: limit + 1 });
    const shown = items.slice(0, limit);
    const last = shown.at(-1);
    return { shown, next: items.length > limit && last ? cursorAt(question, last) : null };
  };
  return {
    async listUsersByName(prefix, page) {
      const question = { partition: ALL_USERS, head: 'user#', prefix };
      const { shown, next } = await read(question, page);
      return { items: shown.map((item) => ({ user: USER_ITEM.read(item), cursor: cursorAt(question, item) })), next };
    },
    async listUsersByEmail(prefix, page) {
      const question = { partition: ALL_EMAILS, head: 'email#', prefix };
      const { shown, next } = await read(question, page);
      const found = await mapLimited(shown, READS_AT_ONCE, async (item) => ({
        user: await find(table, USER_ITEM, userKey(LOGIN_GUARD_ITEM.read(item).userId)),
        cursor: cursorAt(question, item),
      }));
      // Of a user who is just leaving the index may still tell.
      return { items: found.flatMap(({ user, cursor }) => (user ? [{ user, cursor }] : [])), next };
    },
  };
}

function readList(
  { client, tableName }: IdentityTable,
  { partition, head, prefix, after, limit }: ListQuestion & { after: string | null; limit: number },
): Promise<DocumentPage> {
  const first = foldLogin(prefix);
  if (after !== null && !after.startsWith(first)) throw invalidCursor();
  // No name is so long, and the table refuses such keys.
  if (first !== '' && !fitsKey(first)) return Promise.resolve({ items: [], nextKey: null });
  // The smallest text after the one that was shown last.
  const from = after === null ? first : `${after}\u0000`;
  return client.query({
    table: tableName,
    index: IDENTITY_BY_OWNER.name,
    keyCondition: '#owner = :owner AND #position BETWEEN :from AND :to',
    names: { '#owner': IDENTITY_BY_OWNER.partitionKey, '#position': IDENTITY_BY_OWNER.sortKey },
    values: {
      ':owner': partition,
      ':from': `${head}${from}`,
      ':to': `${head}${first}\u{10ffff}`,
    },
    limit,
  });
}
