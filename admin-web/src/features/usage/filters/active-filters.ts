import type { LogFilter, UsageFilter, UsageSearch } from '../usage-search.ts';

/** Filters of charts and log, in the order in which they are offered. */
export const MEMBER_FILTERS = ['model', 'key', 'user', 'upstream', 'credential', 'app', 'format'] as const;
/** Those that only the log has. */
export const LOG_FILTERS = ['status', 'error', 'stream', 'slow'] as const;

export type FilterName = keyof UsageFilter | keyof LogFilter;

/** Filters of everybody's usage, refused to others. */
const OF_OPERATORS: ReadonlySet<FilterName> = new Set(['user', 'upstream', 'credential']);

export function offered<Name extends FilterName>(names: readonly Name[], scope: 'all' | 'own'): Name[] {
  return names.filter((name) => scope === 'all' || !OF_OPERATORS.has(name));
}

/** What is narrowed to at the moment. */
export function activeFilters(search: UsageSearch, names: readonly FilterName[]): FilterName[] {
  return names.filter((name) => search[name] !== undefined);
}

/** The address without any filter: part of the page, period and view stay. */
export function withoutFilters(search: UsageSearch): UsageSearch {
  const { tab, period, from, to, by, measure, live } = search;
  return { tab, period, from, to, by, measure, live };
}

export function memberFilterOf(search: UsageSearch, scope: 'all' | 'own'): UsageFilter {
  return Object.fromEntries(
    offered(MEMBER_FILTERS, scope).flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]])),
  );
}
