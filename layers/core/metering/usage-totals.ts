import { addSums, noSums, type RollUpRow, type UsageSums } from './roll-up.ts';

/** What is added up under one name: a model, a key, a day. */
export interface UsageGroup {
  name: string;
  sums: UsageSums;
}

export function sumRows(rows: Iterable<{ row: RollUpRow }>): UsageSums {
  const sums = noSums();
  for (const { row } of rows) addSums(sums, row.sums);
  return sums;
}

/** The sums by name, in the order in which the names first come. */
export function groupRows<Entry extends { row: RollUpRow }>(
  rows: Iterable<Entry>,
  nameOf: (entry: Entry) => string,
): UsageGroup[] {
  const groups = new Map<string, UsageSums>();
  for (const entry of rows) {
    const name = nameOf(entry);
    const sums = groups.get(name) ?? noSums();
    addSums(sums, entry.row.sums);
    groups.set(name, sums);
  }
  return [...groups].map(([name, sums]) => ({ name, sums })).filter(({ sums }) => sums.requests > 0);
}
