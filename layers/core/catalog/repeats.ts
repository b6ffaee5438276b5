import type { ConfigurationIssue } from './configuration-types.ts';

/** An issue for every entry whose identity an earlier entry of the section has already. */
export function findRepeats<Entry>(
  section: string,
  field: string,
  entries: readonly Entry[],
  identityOf: (entry: Entry) => string,
): ConfigurationIssue[] {
  const first = new Map<string, number>();
  return entries.flatMap((entry, index) => {
    const identity = identityOf(entry);
    const earlier = first.get(identity);
    if (earlier === undefined) {
      first.set(identity, index);
      return [];
    }
    return [{ path: `${section}[${index}].${field}`, message: `Already used by ${section}[${earlier}]` }];
  });
}
