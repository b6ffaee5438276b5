import { PLAN_TYPES, type PlanDefinition, type PlanDefinitionStore } from '@sluice/core/plans/store';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { Document, ItemKey, TableClient } from '../table-client.ts';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { readAllPages } from './read-all-pages.ts';
import { nullable, number, object, oneOf, text } from './shape.ts';

/*
 * Plans with a name, in the catalog table; some dozens.
 *
 * question                   key condition                            consistency  who asks
 * list                       pk = plans                               strong       admin, export
 * find, create, put, delete  pk = plans, sk = <name in lower case>    strong       admin, import
 */

const PLANS = 'plans';
const EXISTS = `attribute_exists(${PARTITION_KEY})`;
const NEW = `attribute_not_exists(${PARTITION_KEY})`;

const PLAN_DEFINITION_ITEM = defineItemSchema<PlanDefinition>({
  type: 'planDefinition',
  schema: object({
    name: text,
    type: oneOf(PLAN_TYPES),
    tokens: nullable(number),
    micros: nullable(number),
    description: text,
    createdAt: number,
    updatedAt: number,
  }),
});

export const PLAN_DEFINITION_ITEMS: readonly AnyItemSchema[] = [PLAN_DEFINITION_ITEM];

const planKey = (name: string): ItemKey => ({
  [PARTITION_KEY]: PLANS,
  [SORT_KEY]: name.normalize('NFKC').toLowerCase(),
});
const itemOf = (definition: PlanDefinition): Document => ({
  ...planKey(definition.name),
  ...PLAN_DEFINITION_ITEM.write(definition),
});

export function createPlanDefinitionStore(client: TableClient, tableName: string): PlanDefinitionStore {
  return {
    async list() {
      const items = await readAllPages(client, {
        table: tableName,
        keyCondition: '#pk = :pk',
        names: { '#pk': PARTITION_KEY },
        values: { ':pk': PLANS },
        consistent: true,
      });
      return items.map(PLAN_DEFINITION_ITEM.read);
    },
    async find(name) {
      const item = await client.get({ table: tableName, key: planKey(name), consistent: true });
      return item && PLAN_DEFINITION_ITEM.read(item);
    },
    async create(definition) {
      const item = itemOf(definition);
      const outcome = await client.put({ table: tableName, item, condition: NEW, repeatable: true });
      if (outcome.ok) return 'created';
      // Made by this very call, whose first answer was lost.
      const { createdAt } = outcome.existing ? PLAN_DEFINITION_ITEM.read(outcome.existing) : { createdAt: null };
      return outcome.resent && createdAt === definition.createdAt ? 'created' : 'taken';
    },
    async put(definition) {
      await client.put({ table: tableName, item: itemOf(definition), repeatable: true });
    },
    async delete(name) {
      const key = planKey(name);
      const outcome = await client.delete({ table: tableName, key, condition: EXISTS, repeatable: true });
      return outcome.ok || outcome.resent;
    },
  };
}
