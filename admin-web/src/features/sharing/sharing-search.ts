import { readDay } from './days.ts';

const WAYS = ['key', 'sign-in'] as const;

/** What the address of the page of one's credentials says: the one that is open, or how one is being added. */
export interface AccountsSearch {
  account?: string | undefined;
  add?: (typeof WAYS)[number] | undefined;
}

export function readAccountsSearch({ account, add }: Record<string, unknown>): AccountsSearch {
  const way = WAYS.find((known) => known === add);
  return {
    ...(typeof account === 'string' && account !== '' ? { account } : {}),
    ...(way ? { add: way } : {}),
  };
}

/** What the log of the shared pool is narrowed to: days of the reader's calendar, both included. */
export interface QuotaSearch {
  from?: string | undefined;
  to?: string | undefined;
}

export function readQuotaSearch(search: Record<string, unknown>): QuotaSearch {
  const from = readDay(search['from']);
  const to = readDay(search['to']);
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) };
}
