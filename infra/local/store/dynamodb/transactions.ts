/**
 * TransactWriteItems and TransactGetItems: all members' locks are held at once, every member is checked against the
 * stored items, and the new images go to disk in one batch together with the client's token. Nothing is written
 * before every member has passed, so there is nothing to undo.
 */

import { createHash } from 'node:crypto';
import { db } from './dynalite-modules.ts';
import { itemSize } from './attribute-values.ts';
import type { Item } from './attribute-values.ts';
import { countWrite, readUnits, unitsOf } from './capacity.ts';
import { checkRequest } from './checked-requests.ts';
import type { Engine } from './engine.ts';
import type { BatchOperation } from './engine-types.ts';
import { isServiceFailure, serviceFailure, shortName, validationFailure } from './failures.ts';
import { conditionHolds, planWrite, prepareWrite, storeOperations } from './writes.ts';
import type { PlannedWrite, WriteContext, WriteKind, WriteRequest } from './writes.ts';

const MAX_ACTIONS = 100;
const MAX_BYTES = 4 * 1024 * 1024;
const KINDS = ['Put', 'Update', 'Delete', 'ConditionCheck'] as const;

/** A client's token holds for ten minutes; its records are swept with the expired items. */
export const TOKEN_PREFIX = 'transaction-token~';
const TOKEN_LIFETIME_MS = 10 * 60_000;

export interface TokenRecord {
  readonly digest: string;
  readonly expiresAt: number;
}

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Item;
}

function checkMembers(members: unknown): Record<string, unknown>[] {
  const list = Array.isArray(members) ? (members as Record<string, unknown>[]) : [];
  if (list.length >= 1 && list.length <= MAX_ACTIONS) return list;
  throw validationFailure(
    "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: " +
      (list.length === 0
        ? 'Member must have length greater than or equal to 1'
        : `Member must have length less than or equal to ${MAX_ACTIONS}`),
  );
}

async function prepareMember(engine: Engine, member: Record<string, unknown>): Promise<WriteRequest> {
  const kinds = KINDS.filter((kind) => member[kind] !== undefined && member[kind] !== null);
  if (kinds.length !== 1) {
    throw validationFailure(
      'TransactItems can only contain one of Check, Put, Update or Delete: each member has exactly one',
    );
  }
  const kind: WriteKind = kinds[0]!;
  const request = member[kind] as Record<string, unknown>;
  if (kind === 'ConditionCheck' && request['ConditionExpression'] === undefined) {
    throw validationFailure("The parameter 'ConditionExpression' is required but was not present in the request");
  }
  if (kind === 'Update' && request['UpdateExpression'] === undefined) {
    throw validationFailure("The parameter 'UpdateExpression' is required but was not present in the request");
  }
  return prepareWrite(engine, kind, request);
}

function refuseSameItemTwice(keys: readonly string[]): void {
  if (new Set(keys).size !== keys.length) {
    throw validationFailure('Transaction request cannot include multiple operations on one item');
  }
}

/** A member's plan, or the reason why it cancels the transaction. */
function planMember(engine: Engine, request: WriteRequest, before: Item | null): PlannedWrite | Reason {
  if (!conditionHolds(request, before)) {
    const item = request.oldOnFailure && before !== null ? { Item: before } : {};
    return { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', ...item };
  }
  try {
    return planWrite(engine, request, before);
  } catch (error) {
    if (!isServiceFailure(error) || shortName(error) !== 'ValidationException') throw error;
    return { Code: 'ValidationError', Message: error.message };
  }
}

function cancelled(outcomes: readonly (PlannedWrite | Reason)[]): Error {
  const reasons = outcomes.map((outcome): Reason => ('Code' in outcome ? outcome : { Code: 'None' }));
  const codes = reasons.map((reason) => reason.Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return serviceFailure('TransactionCanceledException', message, { Message: message, CancellationReasons: reasons });
}

function refuseTooLarge(plans: readonly PlannedWrite[]): void {
  const bytes = plans.reduce((sum, plan) => sum + itemSize(plan.after ?? plan.before ?? {}), 0);
  if (bytes > MAX_BYTES) throw validationFailure('Transaction request size cannot exceed 4 MB');
}

/** True when this very request has been done already; throws when the token was used for another one. */
async function wasDone(engine: Engine, tokenKey: string, digest: string, now: number): Promise<boolean> {
  const record = (await engine.store.db.get(tokenKey)) as TokenRecord | undefined;
  if (record === undefined || record.expiresAt <= now) return false;
  if (record.digest === digest) return true;
  throw serviceFailure(
    'IdempotentParameterMismatchException',
    'The specified idempotent token was used with different request parameters',
  );
}

/** A repeated transaction is answered again without writing; it costs reads. */
function countRepeat(context: WriteContext, images: readonly (Item | null)[], requests: readonly WriteRequest[]): void {
  requests.forEach((request, at) => {
    const bytes = itemSize(images[at] ?? {});
    unitsOf(context.units, request.table.TableName).read += readUnits(bytes, 'transaction');
  });
}

/** TransactionCanceledException with a reason for each member, or {} when all members are written. */
export async function transactWrite(
  context: WriteContext,
  request: Record<string, unknown>,
  now: number,
): Promise<Record<string, unknown>> {
  const { engine, locks, units } = context;
  const members = checkMembers(request['TransactItems']);
  const digest = createHash('sha256').update(JSON.stringify(members)).digest('hex');
  const requests = await Promise.all(members.map((member) => prepareMember(engine, member)));
  const itemKeys = requests.map((member) => member.itemKey);
  refuseSameItemTwice(itemKeys);
  const token = request['ClientRequestToken'];
  const tokenKey = typeof token === 'string' ? TOKEN_PREFIX + token : null;

  return locks.hold(tokenKey === null ? itemKeys : [...itemKeys, tokenKey], async () => {
    const images = await Promise.all(requests.map((member) => engine.readItem(member.table, member.itemKey)));
    if (tokenKey !== null && (await wasDone(engine, tokenKey, digest, now))) {
      countRepeat(context, images, requests);
      return {};
    }
    const outcomes = requests.map((member, at) => planMember(engine, member, images[at]!));
    const isCancelled = outcomes.some((outcome) => 'Code' in outcome);
    outcomes.forEach((outcome, at) => {
      const { table, kind } = requests[at]!;
      const before = images[at]!;
      // A cancelled transaction has prepared its items; its indexes are never written.
      const after = isCancelled || 'Code' in outcome || kind === 'ConditionCheck' ? before : outcome.after;
      countWrite(unitsOf(units, table.TableName), { table, before, after, factor: 2 });
    });
    if (isCancelled) throw cancelled(outcomes);
    const plans = outcomes as PlannedWrite[];
    refuseTooLarge(plans);
    const operations: BatchOperation[] = plans.flatMap(storeOperations);
    if (tokenKey !== null) {
      const value: TokenRecord = { digest, expiresAt: now + TOKEN_LIFETIME_MS };
      operations.push({ type: 'put', key: tokenKey, value });
    }
    await engine.write(operations);
    return {};
  });
}

/** All items as they stood at one moment. */
export async function transactGet(
  context: WriteContext,
  request: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { engine, locks, units } = context;
  const reads = await Promise.all(
    checkMembers(request['TransactItems']).map(async (member) => {
      const data = checkRequest('GetItem', member['Get'] ?? {}, engine.store);
      const table = await engine.table(data['TableName'] as string);
      const invalid = db.validateKey(data['Key'] as Item, table);
      if (invalid) throw invalid;
      const paths = (data['_projection'] as { paths: unknown[] } | undefined)?.paths;
      return { table, paths, itemKey: engine.itemKey(data['Key'] as Item, table) };
    }),
  );
  const itemKeys = reads.map((read) => read.itemKey);
  refuseSameItemTwice(itemKeys);
  const items = await locks.hold(itemKeys, () =>
    Promise.all(reads.map((read) => engine.readItem(read.table, read.itemKey))),
  );
  const responses = reads.map(({ table, paths }, at) => {
    const item = items[at]!;
    unitsOf(units, table.TableName).read += readUnits(itemSize(item ?? {}), 'transaction');
    if (item === null) return {};
    return { Item: paths === undefined ? item : db.mapPaths(paths, item) };
  });
  return { Responses: responses };
}
