import type { IncomingHttpHeaders } from 'node:http';

/*
 * How long an upstream asks to be left alone, in its own words. Sources:
 * https://platform.openai.com/docs/guides/rate-limits (x-ratelimit-*, durations such as 1s, 6m0s, 20ms)
 * https://docs.anthropic.com/en/api/rate-limits (anthropic-ratelimit-*, RFC 3339; retry-after)
 * https://github.com/openai/openai-python (retry-after-ms before retry-after)
 * https://cloud.google.com/apis/design/errors (google.rpc.RetryInfo: retryDelay "34s")
 */

/** What an error body says, in the shapes of the vendors; empty strings where it says nothing. */
export interface ErrorWords {
  /** `error.code`, `error.type` and `error.status`, lower case. */
  codes: readonly string[];
  message: string;
  /** google.rpc.RetryInfo, milliseconds. */
  retryDelayMs: number | null;
  /** google.rpc.QuotaFailure names a quota by the day. */
  isDaily: boolean;
}

const NO_WORDS: ErrorWords = { codes: [], message: '', retryDelayMs: null, isDaily: false };

export function readErrorWords(body: Uint8Array): ErrorWords {
  const error = innerError(parse(body));
  if (error === null) return NO_WORDS;
  const { code, type, status, message, details } = error;
  const rows = Array.isArray(details) ? (details as unknown[]).filter(isObject) : [];
  const delay = rows.map((row) => row['retryDelay']).find((value) => typeof value === 'string');
  return {
    codes: [code, type, status].filter((value) => typeof value === 'string').map((value) => value.toLowerCase()),
    message: typeof message === 'string' ? message : '',
    retryDelayMs: delay === undefined ? null : durationMs(delay),
    isDaily: rows.some((row) => /PerDay/i.test(JSON.stringify(row['violations'] ?? null))),
  };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return null;
  }
}

/** `{error: {…}}`, `{error: "sentence"}`, `{message: …}`, or a list with one of them (Gemini's streamed errors). */
function innerError(parsed: unknown): Record<string, unknown> | null {
  const outer: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!isObject(outer)) return null;
  const inner = outer['error'];
  if (isObject(inner)) return inner;
  return typeof inner === 'string' ? { ...outer, message: inner } : outer;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** When the upstream says that it can be asked again, epoch milliseconds; null when it does not say. */
export function saidUntil(headers: IncomingHttpHeaders, words: ErrorWords, nowMs: number): number | null {
  const milliseconds = numberOf(headers['retry-after-ms']);
  if (milliseconds !== null) return nowMs + milliseconds;
  const retryAfter = text(headers['retry-after']);
  if (retryAfter !== null) {
    const seconds = numberOf(retryAfter);
    if (seconds !== null) return nowMs + seconds * 1000;
    const date = Date.parse(retryAfter);
    if (!Number.isNaN(date)) return date;
  }
  if (words.retryDelayMs !== null) return nowMs + words.retryDelayMs;
  const reset = spentReset(headers, nowMs);
  if (reset !== null) return reset;
  const inWords = /(?:try again|retry) in ((?:\d+(?:\.\d+)?(?:ms|h|m|s))+)/i.exec(words.message)?.[1];
  const ms = inWords === undefined ? null : durationMs(inWords);
  return ms === null ? null : nowMs + ms;
}

/**
 * The latest reset among the windows that are spent. Resets of windows with room left say nothing about this refusal:
 * reading them would park a credential for a whole window over a burst of seconds.
 */
function spentReset(headers: IncomingHttpHeaders, nowMs: number): number | null {
  let latest: number | null = null;
  for (const [name, value] of Object.entries(headers)) {
    const remainingName = resetPartner(name);
    if (remainingName === null || numberOf(headers[remainingName]) !== 0) continue;
    const at = instantOf(text(value), nowMs);
    if (at !== null && (latest === null || at > latest)) latest = at;
  }
  return latest;
}

/** `x-ratelimit-reset-tokens` → `x-ratelimit-remaining-tokens`; `anthropic-ratelimit-tokens-reset` → `…-remaining`. */
function resetPartner(name: string): string | null {
  if (name.startsWith('x-ratelimit-reset')) return name.replace('-reset', '-remaining');
  if (name.startsWith('anthropic-ratelimit-') && name.endsWith('-reset')) return name.replace(/reset$/, 'remaining');
  return null;
}

/** Above this a bare number is a time, below it a span: seconds, or milliseconds where it is that large. */
const FIRST_EPOCH_SECONDS = 1_000_000_000;
const FIRST_EPOCH_MS = FIRST_EPOCH_SECONDS * 1000;

function instantOf(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  const number = numberOf(value);
  if (number !== null) {
    if (number >= FIRST_EPOCH_MS) return number;
    return number >= FIRST_EPOCH_SECONDS ? number * 1000 : nowMs + number * 1000;
  }
  const span = durationMs(value);
  if (span !== null) return nowMs + span;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : date;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1s`, `6m0s`, `20ms`, `1h2m3.5s`; null for anything else. */
function durationMs(value: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(value)) return null;
  let total = 0;
  for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNIT_MS[unit as string] as number);
  }
  return total;
}

function text(value: string | string[] | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value.trim() : null;
}

function numberOf(value: string | string[] | undefined): number | null {
  const given = text(value);
  return given !== null && /^\d+(?:\.\d+)?$/.test(given) ? Number(given) : null;
}
