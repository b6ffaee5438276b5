export const CREDENTIAL_TABS = ['list', 'low', 'proxies', 'client-ids'] as const;
export const STATES = ['active', 'cooling', 'exhausted', 'invalid', 'unknown', 'disabled'] as const;
export const KINDS = ['api_key', 'oauth', 'aws_role', 'headers'] as const;
export const TIERS = ['basic', 'super'] as const;
/** Parts of the one that is open. */
export const PARTS = ['overview', 'tokens', 'settings', 'history'] as const;
const DIALOGS = ['import', 'refresh-all'] as const;

export type Kind = (typeof KINDS)[number];
export type CredentialPart = (typeof PARTS)[number];

/** What the list of credentials is narrowed to. */
export interface CredentialsFilter {
  /** Part of the name, the e-mail address, the biz id or the id. */
  search?: string | undefined;
  upstream?: string | undefined;
  state?: (typeof STATES)[number] | undefined;
  kind?: Kind | undefined;
  tier?: (typeof TIERS)[number] | undefined;
  /** Part of it. */
  tag?: string | undefined;
  /** The day on which it was made, e.g. 2026-03-01. */
  created?: string | undefined;
}

/** What the address of the page says: which part, filters, the credential that is open, and the dialog that is. */
export interface CredentialsSearch extends CredentialsFilter {
  tab?: (typeof CREDENTIAL_TABS)[number] | undefined;
  /** `upstream/id` */
  open?: string | undefined;
  /** What of it is looked at; absent: the overview. */
  part?: CredentialPart | undefined;
  /** One is being added; the kind where it is chosen already. */
  add?: true | Kind | undefined;
  /** Something is done to many at once. */
  dialog?: (typeof DIALOGS)[number] | undefined;
}

/** The address, and the way to another one. */
export interface CredentialsProps {
  search: CredentialsSearch;
  onSearch: (search: CredentialsSearch) => void;
}

/** Unknown values are ignored. A router reads `?search=4` as a number. */
export function readCredentialsSearch(given: Record<string, unknown>): CredentialsSearch {
  const read = {
    tab: oneOf(CREDENTIAL_TABS.slice(1), given['tab']),
    search: textOf(given['search']),
    upstream: textOf(given['upstream']),
    state: oneOf(STATES, given['state']),
    kind: oneOf(KINDS, given['kind']),
    tier: oneOf(TIERS, given['tier']),
    tag: textOf(given['tag']),
    created: dayOf(given['created']),
    open: placeOf(given['open']) === null ? undefined : textOf(given['open']),
    part: oneOf(PARTS.slice(1), given['part']),
    add: given['add'] === true ? (true as const) : oneOf(KINDS, given['add']),
    dialog: oneOf(DIALOGS, given['dialog']),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

/** The two halves of `upstream/id`; null: it is none. */
export function placeOf(open: unknown): { upstream: string; id: string } | null {
  const [, upstream, id] = typeof open === 'string' ? (/^([^/]+)\/([^/]+)$/.exec(open) ?? []) : [];
  return upstream === undefined || id === undefined ? null : { upstream, id };
}

/** Whether anything narrows the list. */
export function isFiltered(filter: CredentialsFilter): boolean {
  return Object.values(filterOf(filter)).some((value) => value !== undefined);
}

/** Only what narrows the list. */
export function filterOf({ search, upstream, state, kind, tier, tag, created }: CredentialsSearch): CredentialsFilter {
  return { search, upstream, state, kind, tier, tag, created };
}

function oneOf<Value extends string>(known: readonly Value[], value: unknown): Value | undefined {
  return known.find((one) => one === value);
}

function textOf(value: unknown): string | undefined {
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined;
}

function dayOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : undefined;
}
