import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DynamoDbCounters } from '../../infra/local/store/interfaces.ts';

/** What a stack's table service counted: units as on-demand tables charge them, index units included. */
export interface StoreCounters {
  reset(): Promise<void>;
  read(): Promise<DynamoDbCounters>;
}

interface Units {
  calls: number;
  writeUnits: number;
  readUnits: number;
}

export function storeCountersOf(dataDirectory: string): StoreCounters {
  const { storeUrl } = JSON.parse(readFileSync(join(dataDirectory, 'state.json'), 'utf8')) as { storeUrl: string };
  const url = `${storeUrl}/__counters`;
  return {
    reset: async () => {
      await (await fetch(url, { method: 'DELETE' })).text();
    },
    read: async () => (await (await fetch(url)).json()) as DynamoDbCounters,
  };
}

/** The sum over the operations that the pattern names, of the tables that the other names. */
export function sumUnits(counters: DynamoDbCounters, table = /./, operation = /./): Units {
  const sum: Units = { calls: 0, writeUnits: 0, readUnits: 0 };
  for (const [tableName, operations] of Object.entries(counters)) {
    if (!table.test(tableName)) continue;
    for (const [name, units] of Object.entries(operations)) {
      if (!operation.test(name)) continue;
      sum.calls += units.calls;
      sum.writeUnits += units.writeUnits;
      sum.readUnits += units.readUnits;
    }
  }
  return sum;
}
