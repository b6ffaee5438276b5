export const MODEL_TABS = ['models', 'prices', 'upstreams', 'hedging'] as const;
export const CLASSES = ['chat', 'heavy', 'image', 'video'] as const;
export const HEDGING_DAYS = [7, 30, 60] as const;

/** What the address of the page says: which part, filters, what is open, and whether it is being made or changed. */
export interface ModelsSearch {
  tab?: (typeof MODEL_TABS)[number] | undefined;
  /** Part of a model's name, or of one of its routes. */
  search?: string | undefined;
  class?: (typeof CLASSES)[number] | undefined;
  /** The model that is open. */
  model?: string | undefined;
  /** The upstream that is open. */
  upstream?: string | undefined;
  /** The model that is open is being changed. */
  edit?: true | undefined;
  create?: true | undefined;
  days?: (typeof HEDGING_DAYS)[number] | undefined;
}

/** The address, and the way to another one. */
export interface ModelsProps {
  search: ModelsSearch;
  onSearch: (search: ModelsSearch) => void;
}

/** Unknown values are ignored. A router reads `?model=4` as a number. */
export function readModelsSearch(given: Record<string, unknown>): ModelsSearch {
  const read: ModelsSearch = {
    tab: MODEL_TABS.slice(1).find((known) => known === given['tab']),
    search: textOf(given['search']),
    class: CLASSES.find((known) => known === given['class']),
    model: textOf(given['model']),
    upstream: textOf(given['upstream']),
    edit: given['edit'] === true || undefined,
    create: given['create'] === true || undefined,
    days: HEDGING_DAYS.slice(1).find((known) => known === given['days']),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

function textOf(value: unknown): string | undefined {
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined;
}
