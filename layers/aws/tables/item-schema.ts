import type { Document, ItemKey } from '../table-client.ts';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import { parsed, type Shape } from './shape.ts';

/** Every item says what it is (`t`) and by which version of its schema it was written (`v`). */
export const ITEM_TYPE = 't';
export const ITEM_VERSION = 'v';

/** Turns an item of version n into one of version n + 1. Takes and gives all attributes, keys included. */
export type Upgrade = (item: Document) => Document;

export interface ItemSchema<Value> {
  readonly type: string;
  readonly version: number;
  /** The attributes to store: the value's own, its type and version. Keys are added by the table file. */
  write(value: Value): Document;
  /** The value of a stored item of any version. @throws when the item does not fit its schema */
  read(item: Document): Value;
  /** The item as the current version would have written it; null when it is not older. */
  upgrade(item: Document): Document | null;
}

export interface ItemSchemaOptions<Value extends object> {
  type: string;
  schema: Shape<Value>;
  /** `upgrades[0]` lifts version 1 to 2, and so on; the current version is one more than their number. */
  upgrades?: readonly Upgrade[];
}

/**
 * An item's schema with its history. Items are upgraded as they are read; `migrate.ts` rewrites what is left.
 * An item of a newer version (written during a deployment) is read as it stands: versions only add to what was there,
 * or reading fails.
 */
export function defineItemSchema<Value extends object>(options: ItemSchemaOptions<Value>): ItemSchema<Value> {
  const { type, schema, upgrades = [] } = options;
  const version = upgrades.length + 1;

  const upgrade = (item: Document): Document | null => {
    const written = versionOf(item);
    if (written >= version) return null;
    const upgraded = upgrades.slice(written - 1).reduce((document, step) => step(document), item);
    return { ...upgraded, [ITEM_TYPE]: type, [ITEM_VERSION]: version };
  };
  return {
    type,
    version,
    // An interface has no index signature, so the compiler cannot see that records of plain values are documents.
    write: (value) => ({ ...(value as Document), [ITEM_TYPE]: type, [ITEM_VERSION]: version }),
    read(item) {
      if (item[ITEM_TYPE] !== type) {
        throw new TypeError(`An item of type ${String(item[ITEM_TYPE])} was found where ${type} was expected.`);
      }
      return parsed(schema, type, upgrade(item) ?? item);
    },
    upgrade,
  };
}

/** What the registry of a table and the migration need: any schema, whatever its values are. */
export type AnyItemSchema = Pick<ItemSchema<never>, 'type' | 'version' | 'upgrade'>;

export function versionOf(item: Document): number {
  const version = item[ITEM_VERSION];
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw new TypeError('A stored item carries no schema version.');
  }
  return version;
}

export function primaryKeyOf(item: Document): ItemKey {
  const partition = item[PARTITION_KEY];
  const sort = item[SORT_KEY];
  if (typeof partition !== 'string' || typeof sort !== 'string') throw new TypeError('An item carries no primary key.');
  return { [PARTITION_KEY]: partition, [SORT_KEY]: sort };
}
