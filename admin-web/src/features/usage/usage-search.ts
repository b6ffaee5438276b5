export const USAGE_TABS = ['charts', 'logs', 'limits'] as const;
export const PERIODS = ['24h', '7d', '30d', 'custom'] as const;
const GROUPINGS = ['model', 'key', 'user', 'credential', 'upstream', 'client_app', 'config_type'] as const;
export const MEASURES = ['requests', 'tokens', 'kinds', 'cost', 'errors', 'latency'] as const;

export type UsageTab = (typeof USAGE_TABS)[number];
type Period = (typeof PERIODS)[number];
export type Grouping = (typeof GROUPINGS)[number];
export type Measure = (typeof MEASURES)[number];

/** What charts and log are narrowed to. */
export interface UsageFilter {
  model?: string | undefined;
  /** Id of a key. */
  key?: string | undefined;
  /** Id, name or e-mail address of a user; for administrators, as the two that follow. */
  user?: string | undefined;
  upstream?: string | undefined;
  /** `upstream/credential` */
  credential?: string | undefined;
  /** The client's program. */
  app?: string | undefined;
  /** The client's wire format. */
  format?: string | undefined;
}

/** What only the log can be narrowed to. */
export interface LogFilter {
  /** `success`, `failed`, a status (`429`) or a class of them (`5xx`). */
  status?: string | undefined;
  /** Code of an error. */
  error?: string | undefined;
  stream?: boolean | undefined;
  /** Milliseconds that a request took at least. */
  slow?: number | undefined;
}

/** What the address of the page says. Unknown values are ignored. */
export interface UsageSearch extends UsageFilter, LogFilter {
  /** Absent: the log where a request is open, else the charts. */
  tab?: UsageTab | undefined;
  /** Absent: the last 24 hours in charts, all that is kept in the log. */
  period?: Period | undefined;
  /** Days of a period of one's own, `2026-03-01`, both included. */
  from?: string | undefined;
  to?: string | undefined;
  by?: Grouping | undefined;
  measure?: Measure | undefined;
  /** The log asks anew by itself. */
  live?: true | undefined;
  /** Id of the request whose story is open; it need not be in the list. */
  request?: string | undefined;
}

export interface UsageProps {
  search: UsageSearch;
  onSearch: (search: UsageSearch) => void;
  scope: 'all' | 'own';
}

export function readUsageSearch(given: Record<string, unknown>): UsageSearch {
  const read: UsageSearch = {
    tab: USAGE_TABS.find((known) => known === given['tab']),
    period: PERIODS.find((known) => known === given['period']),
    from: dayOf(given['from']),
    to: dayOf(given['to']),
    by: GROUPINGS.find((known) => known === given['by']),
    measure: MEASURES.find((known) => known === given['measure']),
    model: textOf(given['model']),
    key: textOf(given['key']),
    user: textOf(given['user']),
    upstream: textOf(given['upstream']),
    credential: credentialOf(given['credential']),
    app: textOf(given['app']),
    format: textOf(given['format']),
    status: statusOf(given['status']),
    error: textOf(given['error']),
    stream: typeof given['stream'] === 'boolean' ? given['stream'] : undefined,
    slow: durationOf(given['slow']),
    live: given['live'] === true || undefined,
    request: textOf(given['request']),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

/** The part of the page that an address leads to. */
export function tabOf({ tab, request }: UsageSearch): UsageTab {
  return tab ?? (request === undefined ? 'charts' : 'logs');
}

/** A router reads `?model=4` as a number. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function dayOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
}

function statusOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && /^(?:success|failed|[1-5](?:\d\d|xx))$/.test(text) ? text : undefined;
}

function credentialOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && /^[^/]+\/.+$/.test(text) ? text : undefined;
}

function durationOf(value: unknown): number | undefined {
  const given = Number(value);
  return Number.isInteger(given) && given > 0 && given <= 86_400_000 ? given : undefined;
}
