import type { IncomingHttpHeaders } from 'node:http';
import type { UpstreamFailure } from '../../layers/core/credentials/cooldown.ts';
import type { Account, Request, Span, Trace } from './trace.ts';

/** What comes of a call, and after how long. */
export interface Outcome {
  afterMs: number;
  failure: UpstreamFailure | null;
  /** Of the prompt, that were read from the account's cache. */
  cachedTokens: number;
}

/** The accounts of a trace with what they have been asked so far. */
export interface Upstreams {
  /** What would come of a call now. */
  peek(account: string, request: Request, now: number): Outcome;
  /** The same, and the account remembers it: its window fills, and it keeps the prompt. */
  ask(account: string, request: Request, now: number): Outcome;
}

/** Of a cache that nobody pays for; five minutes is what the vendors promise at least. */
const CACHE_LIFE_MS = 5 * 60_000;
const LEAST_CACHED_TOKENS = 1_024;
const REFUSAL_MS = 80;
const CONNECT_MS = 1_000;
/** A prompt takes time to be read; one that is kept does not. */
const READ_MS_PER_TOKEN = 0.05;

export function createUpstreams(trace: Trace, seed: number): Upstreams {
  const windows = new Map<string, { start: number; used: number }>();
  const kept = new Map<string, { tokens: number; until: number }>();
  const accounts = new Map(trace.accounts.map((account) => [account.id, account]));
  const cachedOf = (id: string, { conversation, promptTokens }: Request, now: number): number => {
    const entry = kept.get(`${id}\n${conversation}`);
    return entry !== undefined && entry.until > now ? Math.min(entry.tokens, promptTokens) : 0;
  };
  const look = (id: string, request: Request, now: number): Outcome => {
    const account = accounts.get(id);
    if (account === undefined) throw new Error(`There is no account ${id}`);
    const span = spanAt(account, now);
    if (span.status === 0) return { afterMs: CONNECT_MS, failure: { kind: 'unreachable' }, cachedTokens: 0 };
    if (span.status !== 200) return refused(span.status, span.headers ?? {}, span.body ?? '{}');
    const limited = limitAt(account, windows.get(id), now);
    if (limited !== null) return refused(429, limited, '{}');
    const cachedTokens = cachedOf(id, request, now);
    const reading = (request.promptTokens - cachedTokens) * READ_MS_PER_TOKEN;
    const afterMs = reading + span.firstContentMs * spread(`${seed} ${id} ${request.conversation} ${request.at}`);
    return { afterMs, failure: null, cachedTokens };
  };
  return {
    peek: look,
    ask(id, request, now) {
      const outcome = look(id, request, now);
      const limit = accounts.get(id)?.limit;
      if (limit !== undefined && outcome.failure === null) {
        const before = windows.get(id);
        const isOver = before === undefined || now >= before.start + limit.windowMs;
        windows.set(id, isOver ? { start: now, used: 1 } : { ...before, used: before.used + 1 });
      }
      if (outcome.failure === null && request.promptTokens >= LEAST_CACHED_TOKENS) {
        const until = now + CACHE_LIFE_MS;
        kept.set(`${id}\n${request.conversation}`, { tokens: request.promptTokens, until });
      }
      return outcome;
    },
  };
}

function spanAt({ spans }: Account, now: number): Span {
  const span = spans.findLast(({ from }) => from <= now) ?? spans[0];
  if (span === undefined) throw new Error('An account without a span');
  return span;
}

function refused(status: number, headers: IncomingHttpHeaders, body: string): Outcome {
  const failure = { kind: 'status', status, headers, body: Buffer.from(body) } as const;
  return { afterMs: REFUSAL_MS, failure, cachedTokens: 0 };
}

function limitAt(
  { limit }: Account,
  window: { start: number; used: number } | undefined,
  now: number,
): Record<string, string> | null {
  if (limit === undefined || window === undefined || now >= window.start + limit.windowMs) return null;
  if (window.used < limit.requests) return null;
  const seconds = Math.ceil((window.start + limit.windowMs - now) / 1_000);
  switch (limit.tells) {
    case 'retry-after':
      return { 'retry-after': String(seconds) };
    case 'reset':
      return { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': `${seconds}s` };
    case 'nothing':
      return {};
    case 'far-too-long':
      return { 'retry-after': '3600' };
  }
}

/** About 1, by chance, and always the same for the same call: one in thirty takes several times as long. */
function spread(call: string): number {
  const chance = uniform(call);
  return chance > 0.967 ? 4 + 120 * (chance - 0.967) : 0.7 + 0.7 * chance;
}

/** In [0, 1): FNV-1a and the finalizer of MurmurHash3. */
export function uniform(text: string): number {
  let mixed = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 0x1_0000_0000;
}
