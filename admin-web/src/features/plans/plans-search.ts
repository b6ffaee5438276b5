export const CODE_STATES = ['unused', 'used', 'expired'] as const;
export const PLAN_TYPES = ['daily', 'weekly', 'monthly'] as const;

export interface CodesFilter {
  status?: (typeof CODE_STATES)[number] | undefined;
  type?: (typeof PLAN_TYPES)[number] | undefined;
  /** What a code begins with. */
  search?: string | undefined;
}

/** What the address of the page says: which half, its filters, the dialog that is open. */
export interface PlansSearch extends CodesFilter {
  tab?: 'codes' | undefined;
  create?: true | undefined;
  /** The plan that is being changed. */
  plan?: string | undefined;
}

/** Unknown values are ignored. A router reads `?search=4` as a number. */
export function readPlansSearch(given: Record<string, unknown>): PlansSearch {
  const status = CODE_STATES.find((known) => known === given['status']);
  const type = PLAN_TYPES.find((known) => known === given['type']);
  const search = textOf(given['search']);
  const plan = textOf(given['plan']);
  return {
    ...(given['tab'] === 'codes' ? { tab: 'codes' } : {}),
    ...(status ? { status } : {}),
    ...(type ? { type } : {}),
    ...(search ? { search } : {}),
    ...(plan ? { plan } : {}),
    ...(given['create'] === true ? { create: true } : {}),
  };
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The address, and the way to another one. */
export interface PlansProps {
  search: PlansSearch;
  onSearch: (search: PlansSearch) => void;
}
