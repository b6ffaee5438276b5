import type { HedgeStore } from '@sluice/core/relay/hedge-store';
import { PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { ItemKey, TableClient } from '../table-client.ts';
import { defineItemSchema, ITEM_TYPE, ITEM_VERSION, type AnyItemSchema } from './item-schema.ts';
import { number, object, text } from './shape.ts';

/*
 * What was spent on second calls, by day, in the ledger table.
 *
 * question      key condition                  consistency  who asks
 * take, settle  pk = hedging#<day>, sk = day   –            relay
 * read          the same                       strong       admin
 *
 * Sums are added to, so nobody waits for anybody. An answer that is lost is not asked for again: the race is not run,
 * or has cost what was taken.
 */

const HEDGE_DAY_ITEM = defineItemSchema({
  type: 'hedging',
  schema: object({ day: text, spent: number, races: number, won: number }),
});

export const HEDGE_ITEMS: readonly AnyItemSchema[] = [HEDGE_DAY_ITEM];

const LIFE_SECONDS = 400 * 86_400;

const keyOf = (day: string): ItemKey => ({ [PARTITION_KEY]: `hedging#${day}`, [SORT_KEY]: 'day' });

export function createHedgeStore(client: TableClient, tableName: string): HedgeStore {
  const add = (day: string, amounts: { spent: number; races: number; won: number }, room: number | null) =>
    client.update({
      table: tableName,
      key: keyOf(day),
      update: 'SET #type = :type, #version = :v, #day = :day, #ttl = :ttl ADD #spent :spent, #races :races, #won :won',
      ...(room !== null && { condition: 'attribute_not_exists(#spent) OR #spent <= :room' }),
      names: {
        '#type': ITEM_TYPE,
        '#version': ITEM_VERSION,
        '#day': 'day',
        '#ttl': TIME_TO_LIVE,
        '#spent': 'spent',
        '#races': 'races',
        '#won': 'won',
      },
      values: {
        ':type': HEDGE_DAY_ITEM.type,
        ':v': HEDGE_DAY_ITEM.version,
        ':day': day,
        ':ttl': Math.ceil(Date.parse(day) / 1_000) + LIFE_SECONDS,
        ':spent': amounts.spent,
        ':races': amounts.races,
        ':won': amounts.won,
        ...(room !== null && { ':room': room }),
      },
    });
  return {
    async take(day, { micros, cap }) {
      return (await add(day, { spent: micros, races: 0, won: 0 }, cap - micros)).ok;
    },
    async settle(day, { differenceMicros, races, won }) {
      await add(day, { spent: differenceMicros, races, won }, null);
    },
    async read(days) {
      const items = await Promise.all(
        days.map((day) => client.get({ table: tableName, key: keyOf(day), consistent: true })),
      );
      return items.flatMap((item) => {
        if (item === null) return [];
        const { day, spent, races, won } = HEDGE_DAY_ITEM.read(item);
        return [{ day, spentMicros: spent, races, won }];
      });
    },
  };
}
