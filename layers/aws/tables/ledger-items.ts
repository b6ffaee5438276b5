import { NO_USAGE, type UsageClosing, type UsageEvent, type UsageParts } from '@sluice/core/metering/store';
import type { OwedUse } from '@sluice/core/sharing/store';
import { TIME_TO_LIVE } from '../names.ts';
import type { Document } from '../table-client.ts';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import {
  boolean,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  text,
  tuple,
  type ValueOf,
} from './shape.ts';
import { ACCOUNT_ITEMS } from './ledger-account-items.ts';
import { ROLL_UP_ITEMS } from './roll-up-items.ts';

/*
 * A usage event as it is stored. One is written per request and stays for months, so its attribute names are short:
 * writes are paid by the kilobyte, and an event with its index entries should stay well under one.
 */

export const OPEN = 'o';
export const CLOSED = 'c';

/** Attributes that conditions and filters name. */
export const PHASE = 'p';
export const CLOSING = 'c';
export const LATE = 'l';
/** In the closing. */
export const POOL_USE = 'q';

const PARTS = {
  input: 'i',
  cacheRead: 'r',
  cacheWrite5m: 'w5',
  cacheWrite1h: 'w1',
  output: 'o',
  reasoning: 'rs',
  images: 'im',
  audio: 'au',
  audioInput: 'ai',
  audioOutput: 'ao',
  imageInput: 'ii',
  imageOutput: 'io',
  videoSeconds: 'vs',
  webSearches: 'ws',
} as const satisfies Record<keyof UsageParts, string>;

const sourceShape = oneOf(['reported', 'partial', 'estimated', 'abandoned', 'void']);
const partsShape = record(number);

const closingSchema = object({
  /** source */
  s: sourceShape,
  /** served model, upstream, credential */
  m: optional(text),
  u: optional(text),
  k: optional(text),
  /** parts that are not zero */
  p: partsShape,
  /** cost in micro-dollars; the price's version where it is the route's own */
  c: number,
  n: optional(number),
  /** status, error */
  h: number,
  e: optional(text),
  /** first byte and duration in milliseconds */
  f: optional(number),
  d: number,
  /** attempts: upstream, credential, status, error, duration */
  a: optional(list(tuple([text, text, number, nullable(text), number]))),
  /** warnings */
  w: optional(list(text)),
  /** closed at */
  z: number,
  /** further ledger accounts */
  g: optional(list(text)),
  /** use of the shared pool: credential, shared, quota before and after, consumed, expires at, models deducted from */
  [POOL_USE]: optional(object({ k: text, s: boolean, b: number, a: number, c: number, x: number, g: list(text) })),
  /** units of the quota class */
  i: optional(number),
});

const eventSchema = object({
  /** The request id is the sort key. */
  sk: text,
  u: text,
  k: text,
  m: text,
  f: text,
  /** stream */
  s: boolean,
  /** started at */
  b: number,
  /** input estimate */
  e: number,
  /** price version */
  n: optional(number),
  /** the client's request id and app */
  x: optional(text),
  y: optional(text),
  /** a ledger account holds something for it */
  q: optional(oneOf([true])),
  /** figures that came after it was closed as abandoned: source, parts, cost */
  [LATE]: optional(object({ s: sourceShape, p: partsShape, c: number })),
  [PHASE]: oneOf([OPEN, CLOSED]),
  [CLOSING]: optional(closingSchema),
});

export type StoredClosing = ValueOf<typeof closingSchema>;
export type StoredEvent = ValueOf<typeof eventSchema>;

export const USAGE_EVENT_ITEM = defineItemSchema<StoredEvent>({ type: 'e', schema: eventSchema });

/** How far the sweep has come. */
export const SWEEP_ITEM = defineItemSchema({ type: 'sweep', schema: object({ sweptUntil: number }) });

export const LEDGER_ITEMS: readonly AnyItemSchema[] = [
  USAGE_EVENT_ITEM,
  SWEEP_ITEM,
  ...ACCOUNT_ITEMS,
  ...ROLL_UP_ITEMS,
];

export function storedEvent(event: Omit<UsageEvent, 'phase' | 'closing'>): StoredEvent {
  return {
    sk: event.requestId,
    u: event.userId,
    k: event.keyId,
    m: event.model,
    f: event.format,
    s: event.stream,
    b: event.startedAt,
    e: event.inputEstimate,
    n: event.priceVersion ?? undefined,
    x: event.clientRequestId ?? undefined,
    y: event.clientApp ?? undefined,
    q: event.isHeld || undefined,
    [PHASE]: OPEN,
  };
}

export function usageEvent(stored: StoredEvent): UsageEvent {
  const closing = stored[CLOSING];
  return {
    requestId: stored.sk,
    userId: stored.u,
    keyId: stored.k,
    model: stored.m,
    format: stored.f,
    stream: stored.s,
    startedAt: stored.b,
    inputEstimate: stored.e,
    priceVersion: stored.n ?? null,
    clientRequestId: stored.x ?? null,
    clientApp: stored.y ?? null,
    ...(stored.q && { isHeld: true }),
    ...(stored.l && { late: { source: stored.l.s, parts: usageParts(stored.l.p), costMicros: stored.l.c } }),
    phase: stored[PHASE] === OPEN ? 'open' : 'closed',
    closing: closing ? usageClosing(closing, stored) : null,
  };
}

/** As lists tell it: with the time from which on it counts as deleted, though the store may take days to do so. */
export function listedEvent(item: Document): UsageEvent {
  const event = usageEvent(USAGE_EVENT_ITEM.read(item));
  const seconds = item[TIME_TO_LIVE];
  return typeof seconds === 'number' ? { ...event, expiresAt: seconds * 1000 } : event;
}

/** Parts that are not zero. */
export function storedParts(given: UsageParts): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const part of PART_NAMES) if (given[part] !== 0) parts[PARTS[part]] = given[part];
  return parts;
}

function usageParts(stored: Readonly<Record<string, number>>): UsageParts {
  const parts = { ...NO_USAGE };
  for (const part of PART_NAMES) parts[part] = stored[PARTS[part]] ?? 0;
  return parts;
}

export function storedClosing(closing: UsageClosing): StoredClosing {
  return {
    s: closing.source,
    m: closing.servedModel ?? undefined,
    u: closing.upstream ?? undefined,
    k: closing.credential ?? undefined,
    p: storedParts(closing.parts),
    c: closing.costMicros,
    n: closing.priceVersion,
    h: closing.status,
    e: closing.error ?? undefined,
    f: closing.firstByteMs ?? undefined,
    d: closing.durationMs,
    a: closing.attempts.map(({ upstream, credential, status, error, durationMs }) => [
      upstream,
      credential,
      status,
      error,
      durationMs,
    ]),
    w: closing.warnings.length > 0 ? closing.warnings : undefined,
    z: closing.closedAt,
    g: closing.furtherAccounts,
    [POOL_USE]: closing.poolUse && storedUse(closing.poolUse),
    i: closing.units,
  };
}

function usageClosing(stored: StoredClosing, event: StoredEvent): UsageClosing {
  const poolUse = owedUse(stored, event);
  return {
    source: stored.s,
    servedModel: stored.m ?? null,
    upstream: stored.u ?? null,
    credential: stored.k ?? null,
    parts: usageParts(stored.p),
    costMicros: stored.c,
    ...(stored.n !== undefined && { priceVersion: stored.n }),
    status: stored.h,
    error: stored.e ?? null,
    firstByteMs: stored.f ?? null,
    durationMs: stored.d,
    attempts: (stored.a ?? []).map(([upstream, credential, status, error, durationMs]) => ({
      upstream,
      credential,
      status,
      error,
      durationMs,
    })),
    warnings: stored.w ?? [],
    closedAt: stored.z,
    ...(stored.g && { furtherAccounts: stored.g }),
    ...(poolUse && { poolUse }),
    ...(stored.i !== undefined && { units: stored.i }),
  };
}

function storedUse({ use, models }: OwedUse): NonNullable<StoredClosing['q']> {
  const { credentialId, isShared, quotaBefore, quotaAfter, consumed, expiresAt } = use;
  return { k: credentialId, s: isShared, b: quotaBefore, a: quotaAfter, c: consumed, x: expiresAt, g: [...models] };
}

/** What the event tells anyway is not stored twice. */
function owedUse({ u, q }: StoredClosing, event: StoredEvent): OwedUse | null {
  if (q === undefined) return null;
  return {
    use: {
      userId: event.u,
      requestId: event.sk,
      at: event.b,
      model: event.m,
      upstream: u ?? '',
      credentialId: q.k,
      isShared: q.s,
      quotaBefore: q.b,
      quotaAfter: q.a,
      consumed: q.c,
      expiresAt: q.x,
    },
    models: q.g,
  };
}

const PART_NAMES = Object.keys(PARTS) as (keyof UsageParts)[];
