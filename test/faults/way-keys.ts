import { TABLES } from '../../layers/aws/names.ts';
import type { TableClient } from '../../layers/aws/table-client.ts';
import { createTableOperations } from '../../layers/aws/table-operations.ts';
import { createIdentityStore } from '../../layers/aws/tables/identity.ts';
import type { ApiKey, IdentityStore } from '../../layers/core/identity/store.ts';
import { aKey } from '../core/relay/rig.ts';
import { USER } from './seed.ts';
import { createClient, type Stage } from './stage.ts';
import type { Tables } from './tables.ts';
import type { Way } from './way.ts';

/* Keys of one user, made and deleted at once, at most so many: no more are ever there, and they are counted exactly. */

const MOST = 3;
const MAKERS = 4;

const storeOver = (client: TableClient): IdentityStore => createIdentityStore(client, TABLES.identity.id);
const inPeace = (tables: Tables): TableClient =>
  createTableOperations({ send: tables.send, close: async () => undefined });

const keyOf = (name: string): ApiKey => aKey({ id: `key_${name}`, ownerId: USER, digest: `digest of ${name}` });
const OLD = keyOf('old');

export function createKeyWay(): Way {
  const answers = new Map<string, 'created' | 'secret-taken' | 'too-many' | 'deleted' | 'not-there'>();

  const make = async (stage: Stage, index: number, round: number): Promise<void> => {
    const actor = stage.world.actor(`admin ${index}`);
    const key = keyOf(`new-${index}-${round}`);
    const outcome = await storeOver(createClient(stage, actor))
      .createKey(key, MOST)
      .catch(() => null);
    if (outcome !== null) answers.set(key.id, outcome);
    else if (round === 1) await make(stage, index, 2);
  };
  const remove = async (stage: Stage): Promise<void> => {
    const client = createClient(stage, stage.world.actor('admin who deletes'));
    const isGone = await storeOver(client)
      .deleteKey(OLD.id)
      .catch(() => null);
    if (isGone !== null) answers.set(OLD.id, isGone ? 'deleted' : 'not-there');
  };
  return {
    async prepare({ tables }) {
      await storeOver(inPeace(tables)).createKey(OLD, MOST);
    },
    begin(stage, add) {
      for (let index = 0; index < MAKERS; index += 1) {
        add({ place: 'makes a key', actor: null, run: () => void make(stage, index, 1) }, 0);
      }
      add({ place: 'deletes a key', actor: null, run: () => void remove(stage) }, 0);
    },
    async wrote({ tables }, partition) {
      if (partition !== `keyCount#${USER}`) return [];
      const { items } = await storeOver(inPeace(tables)).listKeysOfOwner(USER, { limit: 100, cursor: null });
      const count = await countIn(tables);
      const broken: string[] = [];
      if (items.length > MOST) broken.push(`keys-within-limit: there are ${items.length} of ${MOST}`);
      if (count !== items.length) broken.push(`keys-within-limit: counted ${count}, there are ${items.length}`);
      return broken;
    },
    async check({ tables }) {
      const broken: string[] = [];
      for (const [id, answer] of answers) {
        const isThere = (await storeOver(inPeace(tables)).findKeyById(id)) !== null;
        if (isThere !== (answer === 'created')) broken.push(`answers-are-true: ${id} was ${answer}, there: ${isThere}`);
      }
      return broken;
    },
  };
}

async function countIn(tables: Tables): Promise<unknown> {
  const key = { pk: `keyCount#${USER}`, sk: 'count' };
  const item = await inPeace(tables).get({ table: TABLES.identity.id, key, consistent: true });
  return item?.['count'];
}
