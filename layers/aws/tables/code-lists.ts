import {
  PLAN_TYPES,
  stateOfCode,
  type CodeQuestion,
  type PlanType,
  type RedemptionCode,
} from '@sluice/core/plans/store';
import { IDENTITY_BY_OWNER, PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { Document, ItemKey, TableClient } from '../table-client.ts';
import { decodeCursor, encodeCursor, invalidCursor, pageLimit } from './cursor.ts';
import { readCode } from './redemption-code-items.ts';

/*
 * Lists of codes: by what they begin with from the table, else newest first from one index partition for each use and
 * plan type, merged. Whether an unused code has expired is told by the clock, so such codes are left out as they are read.
 */

interface Place {
  client: TableClient;
  table: string;
  /** Of the table, where the codes stand. */
  partition: string;
}

const listPartition = (isUsed: boolean, type: PlanType): string => `codes#${isUsed ? 'used' : 'unused'}#${type}`;
const listPosition = ({ createdAt, code }: RedemptionCode): string => `${String(createdAt).padStart(15, '0')}#${code}`;
const LIST_POSITION = /^\d{15}#[A-Z0-9-]{1,64}$/;
const CODE_POSITION = /^[A-Z0-9-]{1,64}$/;

/** The attributes by which a code stands in its list. */
export function positionInList(code: RedemptionCode): Record<string, string> {
  return {
    [IDENTITY_BY_OWNER.partitionKey]: listPartition(code.redemption !== null, code.type),
    [IDENTITY_BY_OWNER.sortKey]: `code#${listPosition(code)}`,
  };
}

export async function listCodes(
  place: Place,
  question: CodeQuestion,
): Promise<{ codes: RedemptionCode[]; nextCursor: string | null }> {
  const limit = pageLimit(question.limit);
  const wanted = { ...question, limit: limit + 1 };
  const isByPrefix = question.prefix !== null && question.prefix !== '';
  const found = isByPrefix ? await byPrefix(place, wanted, question.prefix ?? '') : await newest(place, wanted);
  const codes = found.slice(0, limit);
  const last = codes.at(-1);
  const more = found.length > limit && last;
  if (!more) return { codes, nextCursor: null };
  return {
    codes,
    nextCursor: isByPrefix ? encodeCursor('codes', last.code) : encodeCursor('newest-codes', listPosition(last)),
  };
}

function byPrefix(place: Place, question: CodeQuestion, prefix: string): Promise<RedemptionCode[]> {
  const after = decodeCursor('codes', question.cursor, CODE_POSITION);
  // The table takes no place to go on from outside of what is asked for.
  if (after !== null && !after.startsWith(prefix)) throw invalidCursor();
  const startKey = after === null ? null : { [PARTITION_KEY]: place.partition, [SORT_KEY]: after };
  return walk(place, question, {
    keyCondition: '#pk = :pk AND begins_with(#sk, :prefix)',
    names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY },
    values: { ':pk': place.partition, ':prefix': prefix },
    consistent: true,
    startKey,
  });
}

async function newest(place: Place, question: CodeQuestion): Promise<RedemptionCode[]> {
  const before = decodeCursor('newest-codes', question.cursor, LIST_POSITION);
  const uses = question.state === null ? [false, true] : [question.state === 'used'];
  const types = question.type === null ? PLAN_TYPES : [question.type];
  const lists = uses.flatMap((isUsed) => types.map((type) => listPartition(isUsed, type)));
  const found = await Promise.all(
    lists.map((list) =>
      walk(place, question, {
        index: IDENTITY_BY_OWNER.name,
        keyCondition: '#list = :list AND #position < :before',
        names: { '#list': IDENTITY_BY_OWNER.partitionKey, '#position': IDENTITY_BY_OWNER.sortKey },
        // '$' is the character after '#': the end of all positions.
        values: { ':list': list, ':before': before === null ? 'code$' : `code#${before}` },
        forward: false,
        startKey: null,
      }),
    ),
  );
  return found.flat().toSorted((left, right) => (listPosition(left) < listPosition(right) ? 1 : -1));
}

interface Walk {
  index?: string;
  keyCondition: string;
  names: Record<string, string>;
  values: Document;
  forward?: boolean;
  consistent?: boolean;
  startKey: ItemKey | null;
}

/** Reads on until there are enough codes that fit, or no more. */
async function walk(
  { client, table }: Place,
  question: CodeQuestion,
  { startKey, ...query }: Walk,
): Promise<RedemptionCode[]> {
  const found: RedemptionCode[] = [];
  let next = startKey;
  do {
    const page = await client.query({ table, ...query, limit: question.limit, startKey: next });
    found.push(...page.items.map(readCode).filter((code) => fits(code, question)));
    next = page.nextKey;
  } while (next !== null && found.length < question.limit);
  return found;
}

function fits(code: RedemptionCode, { state, type, nowMs }: CodeQuestion): boolean {
  return (state === null || stateOfCode(code, nowMs) === state) && (type === null || code.type === type);
}
