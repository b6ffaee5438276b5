import { secretMark } from '@sluice/core/credentials/duplicates';
import type { Credential, TokensChange } from '@sluice/core/credentials/store';
import { mapLimited } from '@sluice/kit/async/map-limited';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { Document, TableClient, TransactAction, TransactOutcome } from '../table-client.ts';
import {
  CREDENTIAL_ENTRY_ITEM,
  CREDENTIAL_TAG_ITEM,
  entryItem,
  indexActions,
  ownEntry,
  secretKey,
  TAGS_PARTITION,
  tagOf,
  textChanges,
} from './credential-index.ts';
import { lookupActions } from './credential-lookup.ts';
import { createTokenStore, deleteTokensAction, tokenActions } from './tokens.ts';
import { CREDENTIAL_ITEM, CREDENTIAL_NAME_ITEM } from './vault-items.ts';
import { CREDENTIAL_REVISION, credentialKey, credentialNameKey } from './vault-keys.ts';

/*
 * A credential is written with all that it is found by in one transaction: the guards of its name, its biz id and its
 * secret, its entries in lists, of OAuth its tokens. The entries of its texts, unless they are few, come before it and go
 * after it, each by itself: they are many, and whoever follows one compares it with the credential.
 */

interface Table {
  client: TableClient;
  tableName: string;
}

/** A credential as it stands, with the number of its writes; null: it was written before they were counted. */
interface Stored {
  credential: Credential;
  revision: number | null;
}

const MOST_ROUNDS = 5;
const AT_ONCE = 4;
const MOST_KNOWN_TAGS = 1_000;
/** Tags that this process has put into their list. */
const knownTags = new Set<string>();

/**
 * @throws GatewayError `conflict` when another credential of the upstream has the name, or another one has the secret;
 *   `invalid_field` when another one has the biz id
 */
export async function putCredential(
  table: Table,
  credential: Credential,
  tokens: TokensChange,
  { isNew = false }: { isNew?: boolean | undefined } = {},
): Promise<void> {
  const { upstream, id } = credential;
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    // What was just given its id need not be looked for, unless the first writing of it was its own hindrance.
    const isAdded = isNew && round === 1;
    const stored = isAdded ? null : await findStored(table, upstream, id);
    const before = stored?.credential ?? null;
    await writeTexts(table, before, credential);
    const parts = await partsOf(table, { stored, credential, tokens, isAdded });
    const outcome = await table.client.transactWrite(parts.actions);
    if (outcome.ok) return tidy(table, before, credential);
    // Another writer came between the read and the write, unless it is told otherwise: look again.
    await refuseTaken(table, credential, { ...parts, outcome }, before);
  }
  throw new Error(`The credential ${id} kept changing while it was saved.`);
}

interface Parts {
  actions: TransactAction[];
  nameAt: number;
  bizIdAt: number;
  secretAt: number;
}

async function partsOf(
  table: Table,
  {
    stored,
    credential,
    tokens,
    isAdded,
  }: { stored: Stored | null; credential: Credential; tokens: TokensChange; isAdded: boolean },
): Promise<Parts> {
  const { tableName } = table;
  const { upstream, id, name } = credential;
  const before = stored?.credential ?? null;
  const lookup = lookupActions(tableName, credential, { before, after: credential });
  const index = indexActions(tableName, { before, isIndexed: isIndexed(stored), after: credential });
  const revision = { [CREDENTIAL_REVISION]: (stored?.revision ?? 0) + 1 };
  const item = { ...credentialKey(upstream, id), ...CREDENTIAL_ITEM.write(credential), ...revision };
  const actions: TransactAction[] = [
    { kind: 'put', table: tableName, item, ...unchanged(stored) },
    {
      kind: 'put',
      table: tableName,
      item: { ...credentialNameKey(upstream, name), ...CREDENTIAL_NAME_ITEM.write({ credentialId: id }) },
      // A name is free, or it is this credential's already.
      condition: `attribute_not_exists(${PARTITION_KEY}) OR #credentialId = :id`,
      names: { '#credentialId': 'credentialId' },
      values: { ':id': id },
    },
    ...lookup.actions,
    ...index.actions,
    ...(before === null || before.name === name
      ? []
      : [{ kind: 'delete' as const, table: tableName, key: credentialNameKey(upstream, before.name) }]),
    ...(await changeOfTokens(table, credential, tokens, isAdded)),
    ...fewTexts(tableName, before, credential),
  ];
  const placed = (at: number, from: number): number => (at < 0 ? -1 : from + at);
  return {
    actions,
    nameAt: 1,
    bizIdAt: placed(lookup.bizIdAt, 2),
    secretAt: placed(index.secretAt, 2 + lookup.actions.length),
  };
}

async function refuseTaken(
  table: Table,
  credential: Credential,
  { outcome, nameAt, bizIdAt, secretAt }: Parts & { outcome: TransactOutcome & { ok: false } },
  before: Credential | null,
): Promise<void> {
  const error = await takenBy();
  if (error === null) return;
  // What was not written is not to be found either.
  const { come } = textChanges(before, credential);
  if (come.length > FEW_TEXTS) await removeTexts(table, come);
  throw error;

  async function takenBy(): Promise<GatewayError | null> {
    const { upstream, name, bizId } = credential;
    if (outcome.refused[nameAt]) {
      const message = `The upstream ${upstream} already has a credential named ${name}.`;
      return new GatewayError('conflict', { message, param: 'name' });
    }
    if (bizIdAt >= 0 && outcome.refused[bizIdAt]) {
      const message = `Another credential has the biz id ${bizId}.`;
      return new GatewayError('invalid_field', { message, param: 'bizId' });
    }
    if (secretAt < 0 || !outcome.refused[secretAt]) return null;
    return (await isLeftOver(table, credential, outcome.refused[secretAt])) ? null : duplicate(credential);
  }
}

function duplicate({ kind }: Credential): GatewayError {
  const [what, param] = kind === 'oauth' ? ['refresh token', 'refreshToken'] : ['secret', 'secret'];
  return new GatewayError('conflict', { message: `Another credential has this ${what}.`, param });
}

/** A mark whose credential is gone, or has another secret by now, is taken away. */
async function isLeftOver(
  table: Table,
  credential: Credential,
  { existing }: { existing: Document | null },
): Promise<boolean> {
  const mark = secretMark(credential);
  if (existing === null || mark === null) return true;
  const { upstream, credentialId } = CREDENTIAL_ENTRY_ITEM.read(existing);
  const other = (await findStored(table, upstream, credentialId))?.credential ?? null;
  if (other !== null && secretMark(other) === mark) return false;
  await removeMark(table, { upstream, id: credentialId }, mark);
  return true;
}

async function changeOfTokens(
  { client, tableName }: Table,
  { kind, upstream, id, enabled, disabledByOwner = false }: Credential,
  tokens: TokensChange,
  isAdded: boolean,
): Promise<TransactAction[]> {
  if (kind !== 'oauth') return [];
  const key = { upstream, credentialId: id };
  const row = isAdded ? null : await createTokenStore(client, tableName).find(key);
  const given = tokens.kind === 'give' ? tokens : null;
  return [tokenActions(tableName, { ...key, isEnabled: enabled && !disabledByOwner }, { row, given })];
}

export async function deleteCredential(table: Table, upstream: string, credentialId: string): Promise<boolean> {
  const { client, tableName } = table;
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const stored = await findStored(table, upstream, credentialId);
    if (stored === null) return round > 1;
    const before = stored.credential;
    const outcome = await client.transactWrite([
      { kind: 'delete', table: tableName, key: credentialKey(upstream, credentialId), ...unchanged(stored) },
      { kind: 'delete', table: tableName, key: credentialNameKey(upstream, before.name) },
      ...lookupActions(tableName, before, { before, after: null }).actions,
      ...indexActions(tableName, { before, isIndexed: isIndexed(stored), after: null }).actions,
      ...(before.kind === 'oauth' ? [deleteTokensAction(tableName, { upstream, credentialId })] : []),
    ]);
    if (!outcome.ok) continue;
    await tidy(table, before, null);
    return true;
  }
  throw new Error(`The credential ${credentialId} kept changing while it was deleted.`);
}

async function findStored({ client, tableName }: Table, upstream: string, id: string): Promise<Stored | null> {
  const item = await client.get({ table: tableName, key: credentialKey(upstream, id), consistent: true });
  if (item === null) return null;
  const revision = item[CREDENTIAL_REVISION];
  return { credential: CREDENTIAL_ITEM.read(item), revision: typeof revision === 'number' ? revision : null };
}

function isIndexed(stored: Stored | null): boolean {
  return stored !== null && stored.revision !== null;
}

/** The item still stands as it was read; for null: it still does not stand. */
function unchanged(stored: Stored | null): { condition: string; names?: Record<string, string>; values?: Document } {
  if (stored === null) return { condition: `attribute_not_exists(${PARTITION_KEY})` };
  const { revision, credential } = stored;
  if (revision !== null) {
    return {
      condition: '#revision = :seen',
      names: { '#revision': CREDENTIAL_REVISION },
      values: { ':seen': revision },
    };
  }
  return {
    condition: 'attribute_not_exists(#revision) AND #name = :seen',
    names: { '#revision': CREDENTIAL_REVISION, '#name': 'name' },
    values: { ':seen': credential.name },
  };
}

/** Where they are few they go with the rest. */
const FEW_TEXTS = 4;

function fewTexts(table: string, before: Credential | null, after: Credential): TransactAction[] {
  const { come } = textChanges(before, after);
  if (come.length > FEW_TEXTS) return [];
  return come.map((key) => ({ kind: 'put', table, item: entryItem(key, after) }));
}

async function writeTexts(table: Table, before: Credential | null, after: Credential): Promise<void> {
  const { client, tableName } = table;
  const tag = tagOf(after);
  if (tag !== null && !knownTags.has(tag)) {
    const item = { [PARTITION_KEY]: TAGS_PARTITION, [SORT_KEY]: tag, ...CREDENTIAL_TAG_ITEM.write({ tag }) };
    await client.put({ table: tableName, item, repeatable: true });
    if (knownTags.size >= MOST_KNOWN_TAGS) knownTags.clear();
    knownTags.add(tag);
  }
  const { come } = textChanges(before, after);
  if (come.length <= FEW_TEXTS) return;
  await mapLimited(come, AT_ONCE, (key) =>
    client.put({ table: tableName, item: entryItem(key, after), repeatable: true }),
  );
}

/** Takes away what the credential is no longer found by. */
async function tidy(table: Table, before: Credential | null, after: Credential | null): Promise<void> {
  if (before === null) return;
  const mark = secretMark(before);
  if (mark !== null && (after === null || secretMark(after) !== mark)) await removeMark(table, before, mark);
  await removeTexts(table, textChanges(before, after).gone);
}

async function removeMark({ client, tableName }: Table, who: Pick<Credential, 'upstream' | 'id'>, mark: string) {
  await client.delete({ table: tableName, key: secretKey(mark), ...ownEntry(who), repeatable: true });
}

async function removeTexts({ client, tableName }: Table, keys: ReturnType<typeof textChanges>['gone']): Promise<void> {
  await mapLimited(keys, AT_ONCE, (key) => client.delete({ table: tableName, key, repeatable: true }));
}
