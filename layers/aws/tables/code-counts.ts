import { crc32 } from 'node:zlib';
import { PLAN_TYPES, type CodeCounts, type PlanType, type RedemptionCode } from '@sluice/core/plans/store';
import { PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { Document, ItemKey, TableClient, TransactAction } from '../table-client.ts';
import { ITEM_TYPE, ITEM_VERSION } from './item-schema.ts';
import { readAllPages } from './read-all-pages.ts';
import { CODE_COUNT_ITEM } from './redemption-code-items.ts';

/*
 * Numbers of codes, kept by each write of a code in its own transaction.
 *
 * question                       index  key condition                                        consistency  who asks
 * how many in all, how many used  table  pk = codeCounts, sk begins with d#                  strong       admin
 * … of those that ended today     table  pk = codeCounts, sk from i#<day's start> to i#<now>  strong       admin
 *
 * Nothing is written when a code expires, so codes are counted by when they will: by the day (d#), and by the instant
 * (i#, which all codes of one call share), read for the current day only and garbage afterwards. Four counters share
 * the writes of each, so that redemptions of one batch do not stand in each other's way.
 */

const COUNTS = 'codeCounts';
const SHARES = 4;
const DAY_MS = 86_400_000;
/** Clocks differ, and deletions may come late; a counter of a past day is not read any more. */
const INSTANT_LIFE_MS = 2 * DAY_MS;

const instant = (timeMs: number): string => `i#${String(timeMs).padStart(15, '0')}`;
const dayOf = (timeMs: number): number => Math.floor(timeMs / DAY_MS);
const day = (expiresAt: number | null): string =>
  `d#${expiresAt === null ? 'never' : String(dayOf(expiresAt)).padStart(6, '0')}`;

export interface CodeChange {
  total?: number;
  used?: number;
}

/** The members of a transaction that count these codes. */
export function countedCodes(table: string, codes: readonly RedemptionCode[], change: CodeChange): TransactAction[] {
  const counters = new Map<string, { expiresAt: number | null; isInstant: boolean; additions: Map<string, number> }>();
  for (const { code, type, expiresAt } of codes) {
    const share = crc32(code) % SHARES;
    for (const isInstant of expiresAt === null ? [false] : [false, true]) {
      const name = `${isInstant && expiresAt !== null ? instant(expiresAt) : day(expiresAt)}#${share}`;
      const counter = counters.get(name) ?? { expiresAt, isInstant, additions: new Map<string, number>() };
      for (const [measure, amount] of Object.entries(change)) {
        const attribute = `${measure}#${type}`;
        counter.additions.set(attribute, (counter.additions.get(attribute) ?? 0) + Number(amount));
      }
      counters.set(name, counter);
    }
  }
  return [...counters].map(([name, { expiresAt, isInstant, additions }]) => {
    const key: ItemKey = { [PARTITION_KEY]: COUNTS, [SORT_KEY]: name };
    const ttl = isInstant && expiresAt !== null ? Math.ceil((expiresAt + INSTANT_LIFE_MS) / 1_000) : null;
    const added = [...additions];
    return {
      kind: 'update',
      table,
      key,
      update:
        `SET #t = :t, #v = if_not_exists(#v, :v)${ttl === null ? '' : ', #ttl = :ttl'}` +
        ` ADD ${added.map((_addition, index) => `#c${index} :c${index}`).join(', ')}`,
      names: {
        '#t': ITEM_TYPE,
        '#v': ITEM_VERSION,
        ...(ttl !== null && { '#ttl': TIME_TO_LIVE }),
        ...Object.fromEntries(added.map(([attribute], index) => [`#c${index}`, attribute])),
      },
      values: {
        ':t': CODE_COUNT_ITEM.type,
        ':v': CODE_COUNT_ITEM.version,
        ...(ttl !== null && { ':ttl': ttl }),
        ...Object.fromEntries(added.map(([, amount], index) => [`:c${index}`, amount])),
      },
    };
  });
}

export async function countOfCodes(
  { client, table }: { client: TableClient; table: string },
  { type, nowMs }: { type: PlanType | null; nowMs: number },
): Promise<CodeCounts> {
  const today = dayOf(nowMs);
  const read = (keyCondition: string, values: Document): Promise<Document[]> =>
    readAllPages(client, {
      table,
      keyCondition: `#pk = :pk AND ${keyCondition}`,
      names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY },
      values: { ':pk': COUNTS, ...values },
      consistent: true,
    });
  const [days, instants] = await Promise.all([
    read('begins_with(#sk, :days)', { ':days': 'd#' }),
    // '~' comes after every digit and '#': of this very instant, too.
    read('#sk BETWEEN :from AND :to', { ':from': instant(today * DAY_MS), ':to': `${instant(nowMs)}#~` }),
  ]);
  const past = days.filter((item) => String(item[SORT_KEY]) < `d#${String(today).padStart(6, '0')}`);
  const types = type === null ? PLAN_TYPES : [type];
  const sum = (items: readonly Document[], measure: 'total' | 'used'): number =>
    items
      .flatMap((item) => types.map((one) => item[`${measure}#${one}`]))
      .reduce<number>((all, count) => all + (typeof count === 'number' ? count : 0), 0);
  const [total, used] = [sum(days, 'total'), sum(days, 'used')];
  const ended = [...past, ...instants];
  const expired = sum(ended, 'total') - sum(ended, 'used');
  return { total, used, expired, unused: total - used - expired };
}
