import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { UpstreamCall, UpstreamClient } from '@sluice/kit/http/upstream-client';
import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { UpstreamCallFacts } from '@sluice/llm/upstreams/vendor';
import type { Candidate } from '../candidates.ts';
import type { Renewal } from '../renewal.ts';

export interface AskDeps {
  upstreamClient: Pick<UpstreamClient, 'open'>;
  renewal: Renewal;
  scheduler: Scheduler;
}

/** Whom a film is asked of, for as long as its generation lasts. */
export interface FilmSource {
  candidate: Candidate;
  /** CIDR ranges outside the public Internet that may be called. */
  allowedNetworks: readonly string[];
}

/** Between two pieces of an answer, and until its first. */
const SILENCE_MS = 60_000;
const MOST_REDIRECTS = 3;

/** An answer to a `GET`, as it arrives. */
export interface Opened {
  /** 0: it broke off without one. */
  status: number;
  headers: UpstreamExchange['headers'];
  failure: Error | null;
  /** Rejects when it breaks off. */
  body: AsyncIterable<Buffer>;
  /** Nothing more of it is read; to be called in every case. */
  close(): void;
}

/** Asks the upstream after a film, with its credential; an access token that is over is renewed first. */
export async function askUpstream(
  deps: AskDeps,
  source: FilmSource,
  call: Pick<UpstreamCallFacts, 'operation' | 'id'> & { query?: string },
): Promise<Opened> {
  const renewed = await deps.renewal.beforeCall(source.candidate);
  if (isGatewayError(renewed)) throw renewed;
  if (renewed !== null) source.candidate = renewed;
  const { address, model, proxyUrl } = source.candidate;
  const { origin, path, headers } = address.address({ operation: call.operation, model, id: call.id });
  const query = call.query === undefined ? '' : `${path.includes('?') ? '&' : '?'}${call.query}`;
  const { allowedNetworks } = source;
  return follow(deps, { origin, path: path + query, headers: { ...headers }, proxyUrl, allowedNetworks });
}

/** Fetches what an upstream's answer names, without a credential. @throws GatewayError `upstream_error` for no address */
export function fetchAddress(deps: AskDeps, { candidate, allowedNetworks }: FilmSource, url: string): Promise<Opened> {
  const { origin, pathname, search } = readUrl(url);
  const { proxyUrl } = candidate;
  return follow(deps, { origin, path: pathname + search, headers: {}, proxyUrl, allowedNetworks });
}

type Get = Omit<UpstreamCall, 'method' | 'body'>;

/** Redirects lead to where vendors keep their files; the credential does not go there. */
async function follow(deps: AskDeps, first: Get): Promise<Opened> {
  let call = first;
  for (let hops = 0; ; hops += 1) {
    const opened = await open(deps, call);
    const location = opened.headers['location'];
    if (opened.status < 300 || opened.status > 399 || location === undefined || hops === MOST_REDIRECTS) return opened;
    opened.close();
    const { origin, pathname, search } = readUrl(location, `${call.origin}${call.path}`);
    const headers = origin === call.origin ? call.headers : {};
    call = { ...call, origin, path: pathname + search, headers };
  }
}

function readUrl(url: string, base?: string): URL {
  const found = URL.canParse(url, base) ? new URL(url, base) : null;
  if (found?.protocol === 'https:' || found?.protocol === 'http:') return found;
  throw new GatewayError('upstream_error', { message: 'The upstream names an address that is none.' });
}

async function open({ upstreamClient, scheduler }: AskDeps, call: Get): Promise<Opened> {
  const exchange = upstreamClient.open({ ...call, method: 'GET', body: null });
  const patience = createPatience(scheduler, exchange);
  while (exchange.status === 0 && exchange.failure === null) await exchange.changed();
  const { status, headers, failure } = exchange;
  const close = (): void => {
    patience.stop();
    exchange.abort(new Error('Nothing more of it is read'));
  };
  return { status, headers, failure, body: bytesOf(exchange, patience), close };
}

interface Patience {
  touch(): void;
  stop(): void;
}

function createPatience(scheduler: Scheduler, exchange: UpstreamExchange): Patience {
  const giveUp = (): void => {
    exchange.abort(new GatewayError('upstream_timeout', { message: 'The upstream fell silent.', internal: 'film' }));
  };
  let cancel = scheduler.after(SILENCE_MS, giveUp);
  return {
    touch() {
      cancel();
      cancel = scheduler.after(SILENCE_MS, giveUp);
    },
    stop: () => cancel(),
  };
}

async function* bytesOf(exchange: UpstreamExchange, patience: Patience): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const chunk = exchange.take();
    if (chunk !== null) {
      patience.touch();
      yield chunk;
    } else if (exchange.failure !== null) {
      throw exchange.failure;
    } else if (exchange.finished) {
      return;
    } else {
      await exchange.changed();
    }
  }
}

const MOST_JSON_BYTES = 1024 * 1024;

/** A small answer, whole. */
export async function readSmall({ body }: Pick<Opened, 'body'>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MOST_JSON_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
